/** The house has floors: a room may use the rooms below it, never those above. This is the table. */
import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";

const source = join(import.meta.dirname, "../src");

/** From the ground up: each room with the rooms and packages it may use. */
const floors: Readonly<Record<string, { rooms: readonly string[]; packages: readonly string[] }>> = {
  protocol: { rooms: [], packages: ["valibot", "node:crypto", "node:zlib"] },
  messages: { rooms: [], packages: [] },
  duration: { rooms: [], packages: [] },
  audit: { rooms: ["protocol"], packages: [] },
  "rate-limit": { rooms: [], packages: ["rate-limiter-flexible/lib/RateLimiterMemory.js"] },
  keys: { rooms: ["protocol"], packages: ["node:crypto", "node:util"] },
  store: {
    rooms: ["protocol", "audit", "rate-limit"],
    packages: [
      "node:assert/strict",
      "node:crypto",
      "node:fs",
      "node:sqlite",
      "node:timers/promises",
      "node:util",
      "node:worker_threads",
      "pg",
    ],
  },
  "verify-audit": { rooms: ["protocol", "store"], packages: [] },
  redemptions: { rooms: [], packages: [] },
  refusals: { rooms: ["audit", "store"], packages: [] },
  uses: { rooms: ["store"], packages: [] },
  "write-trial": { rooms: ["store"], packages: [] },
  "signing-keys": { rooms: ["protocol", "audit", "keys", "store"], packages: ["node:crypto"] },
  person: { rooms: [], packages: [] },
  appearance: { rooms: ["protocol", "messages", "person"], packages: ["hono/utils/html"] },
  told: { rooms: ["protocol", "audit"], packages: [] },
  config: { rooms: ["protocol", "audit", "rate-limit", "store", "messages", "person", "appearance", "told"], packages: ["node:net"] },
  http: {
    rooms: ["protocol", "keys", "config"],
    packages: ["bowser", "ipaddr.js", "node:net"],
  },
  tallies: { rooms: [], packages: [] },
  anomalies: { rooms: ["protocol", "audit", "rate-limit", "store", "config", "http", "tallies"], packages: [] },
  delivery: { rooms: ["protocol", "audit", "store", "config"], packages: [] },
  webhook: { rooms: ["protocol", "audit", "config"], packages: ["node:crypto"] },
  "flow-log": { rooms: ["protocol", "store", "http"], packages: [] },
  "brand-check": { rooms: ["protocol", "config"], packages: ["unhomoglyph"] },
  "check-limits": { rooms: ["audit", "duration", "rate-limit", "config"], packages: [] },
  "check-configuration": { rooms: ["protocol", "messages", "duration", "appearance", "config", "http", "check-limits"], packages: [] },
  "client-id-metadata": {
    rooms: ["protocol", "audit", "rate-limit", "store", "config", "http"],
    packages: ["ipaddr.js", "jose", "node:dns", "node:http", "node:https", "node:net"],
  },
  pages: {
    rooms: ["protocol", "messages", "person", "appearance", "config", "http"],
    packages: ["hono/html", "hono/utils/html", "node:crypto", "node:url"],
  },
  "new-connections": { rooms: ["protocol", "keys", "rate-limit", "config", "http", "pages"], packages: ["node:timers/promises"] },
  context: {
    rooms: [
      "protocol",
      "audit",
      "keys",
      "rate-limit",
      "store",
      "redemptions",
      "refusals",
      "uses",
      "signing-keys",
      "config",
      "brand-check",
      "http",
      "flow-log",
      "client-id-metadata",
      "pages",
      "new-connections",
    ],
    packages: ["node:crypto"],
  },
  "grant-types": { rooms: ["protocol", "keys", "context"], packages: [] },
  endpoints: {
    rooms: [
      "protocol",
      "messages",
      "duration",
      "audit",
      "keys",
      "store",
      "config",
      "check-configuration",
      "http",
      "context",
      "pages",
      "grant-types",
    ],
    packages: ["jose", "valibot"],
  },
  access: { rooms: ["protocol", "http", "context", "endpoints"], packages: [] },
  pace: { rooms: [], packages: ["node:timers/promises"] },
  cleanup: { rooms: ["protocol", "store", "config", "context", "endpoints", "pace"], packages: [] },
  sweeper: { rooms: ["context", "cleanup", "pace"], packages: [] },
  background: { rooms: ["protocol", "store", "context", "sweeper"], packages: [] },
  admin: {
    rooms: ["protocol", "duration", "audit", "store", "verify-audit", "config", "check-configuration", "context", "cleanup"],
    packages: [],
  },
  router: { rooms: ["protocol", "config", "http", "context", "pages", "endpoints"], packages: ["hono"] },
  server: {
    rooms: [
      "protocol",
      "background",
      "keys",
      "rate-limit",
      "store",
      "redemptions",
      "refusals",
      "uses",
      "write-trial",
      "signing-keys",
      "config",
      "brand-check",
      "check-configuration",
      "http",
      "flow-log",
      "client-id-metadata",
      "context",
      "endpoints",
      "access",
      "admin",
      "pages",
      "new-connections",
      "router",
      "anomalies",
      "delivery",
    ],
    packages: [],
  },
  node: { rooms: ["context"], packages: ["@hono/node-server", "node:http"] },
  index: {
    rooms: [
      "protocol",
      "audit",
      "keys",
      "rate-limit",
      "store",
      "appearance",
      "messages",
      "pages",
      "config",
      "check-configuration",
      "duration",
      "http",
      "context",
      "endpoints",
      "access",
      "admin",
      "verify-audit",
      "server",
    ],
    packages: [],
  },
};

const roomOf = (file: string): string => file.replace(/\.ts$/, "").split("/")[0] ?? "";

const imports = globSync("**/*.ts", { cwd: source }).flatMap((file) => {
  const text = readFileSync(join(source, file), "utf8");
  return [...text.matchAll(/^(?:import|export)\s[^;]*?from "([^"]+)";/gms)].map(([, target = ""]) => ({ file, target }));
});

describe("the import table of the library", () => {
  it.each(imports)("$file may import $target", ({ file, target }) => {
    const floor = floors[roomOf(file)];
    expect(floor, `${roomOf(file)} is a room of the table`).toBeDefined();
    if (!target.startsWith(".")) {
      expect(floor?.packages).toContain(target);
      return;
    }
    const room = roomOf(normalize(join(dirname(file), target)));
    if (room !== roomOf(file)) expect(floor?.rooms).toContain(room);
  });

  it("has no circle between rooms", () => {
    const above = Object.keys(floors);
    for (const [room, { rooms }] of Object.entries(floors))
      for (const used of rooms) expect(above.indexOf(used), `${room} uses ${used}`).toBeLessThan(above.indexOf(room));
  });

  it("keeps the protocol pure: no clock, no Request, no store", () => {
    for (const file of globSync("protocol/*.ts", { cwd: source })) {
      const code = readFileSync(join(source, file), "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
      expect(code, file).not.toMatch(/\bDate\.now\b|\bnew Date\b|\bRequest\b|\bResponse\b|\bperformance\b/);
    }
  });

  it("quotes every attribute of its HTML, since the html tag escapes for quoted ones alone", () => {
    for (const file of globSync("pages/*.ts", { cwd: source })) {
      for (const [attribute] of readFileSync(join(source, file), "utf8").matchAll(/\s[a-z-]+=\$\{/g))
        expect(`${file}:${attribute}`).toBe("no unquoted attribute");
    }
  });
});

describe("the standalone server", () => {
  it("has floors of its own: settings, then what uses them, then main, then the command", () => {
    const server = join(import.meta.dirname, "../../server/src");
    const fromTheGround = [
      "nearest-name",
      "setting-forms",
      "settings",
      "environment",
      "account-schema",
      "turns",
      "password-hash",
      "accounts",
      "operator",
      "log-lines",
      "operations",
      "failure-log",
      "pages",
      "router",
      "logo",
      "mail",
      "alerts",
      "subscriptions",
      "password-trial",
      "sign-in",
      "sign-out",
      "sign-up",
      "password",
      "admin-access",
      "metrics",
      "home",
      "demo",
      "refusal-notes",
      "admin-api",
      "remote",
      "exit",
      "dashboard",
      "preview",
      "admin-paths",
      "main",
      "listener",
      "stop-signals",
      "serving",
      "workers",
      "doctor",
      "backup",
      "cli",
    ];
    for (const file of globSync("**/*.ts", { cwd: server })) {
      for (const [, target = ""] of readFileSync(join(server, file), "utf8").matchAll(/(?:from|import\() ?"(\.[^"]+)"/g)) {
        const [room, used] = [roomOf(file), roomOf(normalize(join(dirname(file), target)))];
        expect(fromTheGround, `${room} is a room of the server`).toContain(room);
        expect(fromTheGround.indexOf(used), `${file} uses ${used}`).toBeLessThanOrEqual(fromTheGround.indexOf(room));
      }
    }
  });

  it("is built on the library's public exports alone", () => {
    const server = join(import.meta.dirname, "../../server/src");
    const exported = Object.keys(
      (JSON.parse(readFileSync(join(source, "../package.json"), "utf8")) as { exports: Record<string, unknown> }).exports,
    ).map((path) => `vouchsafe${path.slice(1)}`);
    const used = globSync("**/*.ts", { cwd: server }).flatMap((file) =>
      [...readFileSync(join(server, file), "utf8").matchAll(/from "(vouchsafe[^"]*)"/g)].map(([, target = ""]) => target),
    );
    expect(used.length).toBeGreaterThan(0);
    for (const target of used) expect(exported).toContain(target);
  });
});
