/** What docs/operating gives to Prometheus and Grafana, held to what a server really says. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { App } from "./app.ts";
import { Person } from "./person.ts";
import { readMetrics, type Sample, type ServerHere, startHere } from "./server-here.ts";

const read = (name: string): string => readFileSync(join(import.meta.dirname, "../../../docs/operating", name), "utf8");

interface Panel {
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
}

/** An expression, and the labels of its result that something shows. */
interface Used {
  readonly where: string;
  readonly expr: string;
  readonly shown: readonly string[];
}

const panels = (JSON.parse(read("grafana-dashboard.json")) as Dashboard).panels;

const ofDashboard: readonly Used[] = panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr, legendFormat }) => ({
    where: title,
    expr,
    shown: [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = ""]) => label),
  })),
);

const ofAlerts: readonly Used[] = read("alerts.yml")
  .split("- alert: ")
  .slice(1)
  .map((rule) => ({
    where: rule.slice(0, rule.indexOf("\n")),
    expr: /^ +expr: (.+)$/m.exec(rule)?.[1] ?? "",
    shown: [...rule.matchAll(/\$labels\.(\w+)/g)].map(([, label = ""]) => label),
  }));

let server: ServerHere;
let samples: readonly Sample[];
beforeAll(async () => {
  server = await startHere({ rateLimitRegister: "1/1m" });
  await server.standalone.accounts.add("ada@example.com", "a-long-password");
  const ada = new Person(server.origin);
  await ada.signIn("ada@example.com", "a-long-password");
  const app = await App.register(server);
  await app.connect(ada);
  await App.register(server).catch(() => {});
  await app.redeem("a-code-that-nobody-gave");
  samples = await readMetrics(server.origin);
});
afterAll(() => server.stop());

/** Prometheus itself knows `up`, and adds these labels to whatever it reads. */
const ofPrometheus = { metric: "up", labels: ["instance", "job"] };

/** The metrics of an expression, each with its conditions: `oauth_clients{state="enabled"}`. */
const metricsIn = (
  expr: string,
): readonly { readonly name: string; readonly conditions: readonly (readonly [string, string, string])[] }[] =>
  [...expr.matchAll(/\b(up|(?:oauth|process|nodejs)_\w+)(?:\{([^}]*)\})?/g)].map(([, name = "", braces = ""]) => ({
    name,
    conditions: [...braces.matchAll(/(\w+)(=~|=)"([^"]*)"/g)].map(([, label = "", operator = "", value = ""]) => [label, operator, value]),
  }));

describe.each([
  ["the dashboard", ofDashboard],
  ["the alerts", ofAlerts],
])("%s of docs/operating", (_, all) => {
  it("asks for metrics that exist, by labels and values that they have", () => {
    expect(all.length).toBeGreaterThan(10);
    for (const { where, expr } of all) {
      const metrics = metricsIn(expr);
      expect(metrics.length, where).toBeGreaterThan(0);
      for (const { name, conditions } of metrics.filter((metric) => metric.name !== ofPrometheus.metric)) {
        const series = samples.filter((sample) => sample.name === name);
        expect(series.length, `${where}: ${name}`).toBeGreaterThan(0);
        for (const [label, operator, value] of conditions.filter(([asked]) => !ofPrometheus.labels.includes(asked))) {
          const held = series.map(({ labels }) => labels[label]);
          expect(held, `${where}: ${name} has the label ${label}`).not.toContain(undefined);
          if (label === "status") expect("503", where).toMatch(new RegExp(`^(?:${value})$`));
          else for (const one of operator === "=~" ? value.split("|") : [value]) expect(held, `${where}: ${name}`).toContain(one);
        }
      }
    }
  });

  it("sums by labels that the metrics have, and shows only labels that remain", () => {
    for (const { where, expr, shown } of all) {
      const series = samples.filter(({ name }) => metricsIn(expr).some((metric) => metric.name === name));
      const grouped = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, labels = ""]) => labels.split(",").map((label) => label.trim()));
      for (const label of grouped)
        expect(ofPrometheus.labels.includes(label) || series.every(({ labels }) => label in labels), `${where}: by ${label}`).toBe(true);
      const isSummed = /\b(?:sum|max|count|histogram_quantile)\b/.test(expr);
      for (const label of shown) expect(isSummed ? grouped : ofPrometheus.labels, `${where} shows ${label}`).toContain(label);
    }
  });
});

describe("the dashboard of docs/operating", () => {
  it("can be imported anywhere: it asks for its data source, and no two panels lie on one another", () => {
    const { templating } = JSON.parse(read("grafana-dashboard.json")) as Dashboard;
    expect(templating.list.find(({ type }) => type === "datasource")?.name).toBe("datasource");
    const text = read("grafana-dashboard.json");
    for (const [, uid] of text.matchAll(/"uid": "([^"]*)"/g)) expect(uid).toMatch(/^(?:\$\{datasource\}|vouchsafe)$/);
    const taken = new Set<string>();
    for (const { title, gridPos } of panels)
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(x, title).toBeLessThan(24);
          expect(taken, title).not.toContain(`${x} ${y}`);
          taken.add(`${x} ${y}`);
        }
  });
});

describe("the alerts of docs/operating", () => {
  it("have an expression and words each", () => {
    for (const { where, expr } of ofAlerts) expect(expr.length, where).toBeGreaterThan(0);
    expect(read("alerts.yml").match(/^ +summary: ".+"$/gm)?.length).toBe(ofAlerts.length);
  });
});

describe("the list of metrics in docs/operating", () => {
  it("has every metric with all of its labels, and none that there is not", () => {
    const rows = read("README.md")
      .split("\n")
      .filter((line) => /^\| `(?:oauth|process|nodejs)_/.test(line));
    const real = new Map<string, Set<string>>();
    for (const { name, labels } of samples) {
      const metric = name.replace(/_(?:bucket|sum|count)$/, "");
      const known = real.get(metric) ?? new Set();
      for (const label of Object.keys(labels)) if (label !== "le") known.add(label);
      real.set(metric, known);
    }
    for (const [metric, labels] of real) {
      const row = rows.find((line) => line.includes(`\`${metric}\``)) ?? "";
      const named = [...(row.split("|")[2] ?? "").matchAll(/`(\w+)`/g)].map(([, label]) => label);
      expect(row, metric).not.toBe("");
      expect(new Set(named), metric).toEqual(labels);
    }
    for (const [, metric = ""] of rows.join("\n").matchAll(/`((?:oauth|process|nodejs)_\w+)`/g)) expect([...real.keys()]).toContain(metric);
  });
});
