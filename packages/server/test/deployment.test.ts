/** What docs/deployment says about us, held to what we are. nginx, Docker and systemd do not run here. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseDuration } from "vouchsafe";
import { environmentOf } from "../src/environment.ts";
import { exitCode } from "../src/exit.ts";
import { describeSettings } from "../src/settings.ts";

const read = (path: string): string => readFileSync(join(import.meta.dirname, "../../..", path), "utf8");

const [guide, operating, nginx, compose, unit] = [
  "docs/deployment.md",
  "docs/operating.md",
  "docs/deployment/nginx.conf",
  "docs/deployment/compose.yaml",
  "docs/deployment/vouchsafe.service",
].map(read) as [string, string, string, string, string];

const variables = describeSettings(environmentOf({ environment: {}, readSecretFile: () => "" })).map(({ variable }) => variable);

/** What stands in the files that the examples name. */
const secrets: Readonly<Record<string, string>> = {
  database: "postgres://vouchsafe:a-password@db:5432/vouchsafe",
  oauth: "a-secret-of-at-least-32-bytes-here-",
  admin: "an-admin-token-of-48-characters-for-these-tests-",
};

const readSecretFile = (path: string): string => {
  const [, name = ""] = /(\w+)[-_](?:url|secret|token)$/.exec(path) ?? [];
  const secret = secrets[name];
  if (secret === undefined) throw new Error(`nothing is said about ${path}`);
  return secret;
};

/** The settings of a node in each of the examples. */
const examples = {
  "the compose file": Object.fromEntries(
    [
      ...(/ environment:\n((?: {6}[A-Z_]+: .*\n)*?)(?= {4}\w)/.exec(compose.slice(compose.indexOf("node-1:")))?.[1] ?? "").matchAll(
        /^ {6}([A-Z_]+): (.*)$/gm,
      ),
    ].map(([, name = "", value = ""]) => [name, value]),
  ),
  "the systemd unit": Object.fromEntries(
    [...unit.matchAll(/^Environment=(.*)$/gm)].flatMap(([, pairs = ""]) =>
      pairs.split(" ").map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)] as const),
    ),
  ),
} satisfies Record<string, Record<string, string>>;

/** `35s` as 35_000. */
const milliseconds = (text: string | undefined): number => parseDuration(text ?? "") ?? Number.NaN;

describe("the pages about deployment and operation", () => {
  it.each([
    ["docs/deployment.md", guide],
    ["docs/operating.md", operating],
    ["the examples", nginx + compose + unit],
  ])("name only settings that there are: %s", (_, text) => {
    const named = [...text.matchAll(/\b(?:OAUTH|DATABASE|SMTP|LOG)_[A-Z_]+\b/g)].map(([name]) => name.replace(/_FILE$/, ""));
    for (const name of named) expect(variables).toContain(name);
  });

  it("count the connections that are made by default", () => {
    const { databaseConnections } = environmentOf({ environment: {}, readSecretFile }).values;
    expect(guide).toContain(
      `With the default of ${databaseConnections}, two nodes of four workers open at most ${2 * 4 * (databaseConnections + 2)}`,
    );
  });

  it("lead to files that exist", () => {
    for (const [page, folder] of [
      [guide, "docs"],
      [operating, "docs"],
    ] as const)
      for (const [, path = ""] of page.matchAll(/\]\(([^)#]+)[^)]*\)/g)) expect(read(join(folder, path)).length).toBeGreaterThan(0);
  });
});

describe.each(Object.entries(examples))("%s of docs/deployment", (name, environment) => {
  it("has settings that a node starts with, over PostgreSQL, behind one proxy, and with no secret among them", () => {
    const { values, database, secret, warnings } = environmentOf({ environment, readSecretFile });
    expect(database.kind).toBe("postgres");
    expect(secret()).toEqual([secrets["oauth"]]);
    expect(values).toMatchObject({ issuer: "https://auth.example.com", trustProxy: 1, port: 3000, adminToken: secrets["admin"] });
    expect(warnings).toEqual([]);
    for (const variable of ["DATABASE_URL", "OAUTH_SECRET", "OAUTH_ADMIN_TOKEN"]) expect(environment).not.toHaveProperty(variable);
  });

  it("installs this version, and runs a command that there is", () => {
    const { version, bin } = JSON.parse(read("packages/server/package.json")) as { version: string; bin: Record<string, string> };
    const text = name === "the compose file" ? compose : unit;
    expect(text).toContain(`vouchsafe-server@${version}`);
    const [, command = ""] = /node_modules\/\.bin\/(\w+)/.exec(text) ?? [];
    expect(bin).toHaveProperty(command);
  });

  it("waits for a node that stops until its grace is over, and its workers have been waited for", () => {
    const [, patience] =
      (name === "the compose file" ? /node-1:[\s\S]*stop_grace_period: (\w+)/ : /TimeoutStopSec=(\w+)/).exec(
        name === "the compose file" ? compose : unit,
      ) ?? [];
    expect(milliseconds(patience)).toBeGreaterThan(milliseconds(environment["OAUTH_SHUTDOWN_GRACE"]) + 5000);
  });
});

describe("the systemd unit of docs/deployment", () => {
  it("does not start again what is a mistake in the configuration", () => {
    expect(unit).toContain(`RestartPreventExitStatus=${exitCode.configuration}\n`);
  });
});

describe("the nginx configuration of docs/deployment", () => {
  const directive = (name: string): string => new RegExp(`^ *${name} ([^;]*);`, "m").exec(nginx)?.[1] ?? "";

  it("balances over the nodes of the compose file", () => {
    const upstreams = [...nginx.matchAll(/^ *server ([\w-]+):(\d+)/gm)].map(([, host, port]) => `${host}:${port}`);
    expect(upstreams).toEqual(
      [...compose.matchAll(/^ {2}(node-\d):/gm)].map(([, host]) => `${host}:${examples["the compose file"]["PORT"]}`),
    );
  });

  it("adds the address of the client at the right, where we look for it", () => {
    expect(directive("proxy_set_header X-Forwarded-For")).toBe("$proxy_add_x_forwarded_for");
  });

  it("leaves no node aside: where the last one left stops, the one that is back must be asked", () => {
    const options = [...nginx.matchAll(/^ *server [\w-]+:\d+ ([^;]*);/gm)].map(([, option]) => option);
    expect(options).toEqual(["max_fails=0", "max_fails=0"]);
  });

  it("keeps what is sent to us in memory", () => {
    expect(directive("client_body_buffer_size")).toBe(directive("client_max_body_size"));
  });

  it("sends nothing twice that is not safe to be sent twice", () => {
    expect(directive("proxy_next_upstream")).toBe("error timeout");
  });

  it("passes what we take, and no more", () => {
    expect(directive("client_max_body_size")).toBe("64k");
    expect(directive("large_client_header_buffers")).toBe("4 16k");
  });

  it("leaves connections before we do", () => {
    expect(milliseconds(directive("keepalive_timeout"))).toBeLessThan(65_000);
  });

  it("does not buffer the stream of events, and keeps the metrics inside", () => {
    const [, stream = ""] = /location = (\S+) \{\n[^}]*proxy_buffering off;/.exec(nginx) ?? [];
    expect(read("packages/server/src/admin-api/routes.ts")).toContain(`path: "${stream.replace("/admin/api/v1", "")}"`);
    expect(nginx).toMatch(/location = \/metrics \{\n *return 404;/);
  });
});
