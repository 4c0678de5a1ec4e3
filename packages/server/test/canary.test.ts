import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { live } from "./a-life-with-secrets.ts";
import { Canaries, formsOf } from "./canaries.ts";
import { type RunningServer, startServer } from "./running-server.ts";
import { SecretHunt } from "./secret-hunt.ts";

const canaries = new Canaries();
let server: RunningServer;
let adminToken: string;
let hunt: SecretHunt;

beforeAll(async () => {
  adminToken = canaries.plain("admin token");
  const webhookSecret = canaries.keep("webhook secret", randomBytes(32).toString("base64"));
  server = await startServer({
    environment: {
      LOG_LEVEL: "trace",
      OAUTH_SECRET: canaries.keep("server secret", randomBytes(32).toString("base64url")),
      OAUTH_ADMIN_TOKEN: adminToken,
      OAUTH_WEBHOOK_URL: "http://127.0.0.1:9/hook",
      OAUTH_WEBHOOK_SECRET: `whsec_${webhookSecret}`,
      SMTP_URL: `smtp://notes:${canaries.plain("mail password")}@127.0.0.1:9`,
      SMTP_FROM: "notes@example.com",
    },
  });
  hunt = new SecretHunt(server, canaries);
  await live(hunt);
});
afterAll(() => server.stop());

describe("credentials", () => {
  it("are found where they are, in whatever form, so that the other tests can fail", () => {
    const known = new Canaries();
    known.keep("it", 'ä secret+/&="');
    const written = formsOf('ä secret+/&="');
    for (const form of [...written.exact, ...written.anyCase, ...written.anyCase.map((one) => one.toUpperCase())])
      expect(known.foundIn(`before ${form} after`), form).toEqual(["it"]);
    for (const before of ["", "a", "ab", "abc:"]) {
      const header = Buffer.from(`${before}ä secret+/&="`);
      expect(known.foundIn(`Basic ${header.toString("base64")}`)).toEqual(["it"]);
      expect(known.foundIn(`Basic ${header.toString("base64url")}`)).toEqual(["it"]);
    }
    expect(known.foundIn("before a secret after")).toEqual([]);
  });

  it("are not in the database, nor in its log or index", () => {
    const files = readdirSync(server.directory).filter((name) => name.startsWith("vouchsafe.db"));
    expect(files.sort()).toEqual(["vouchsafe.db", "vouchsafe.db-shm", "vouchsafe.db-wal"]);
    const kept = files.map((name) => readFileSync(join(server.directory, name)));
    expect(kept.some((content) => content.includes("Canary Photo Printer"))).toBe(true);
    for (const [index, content] of kept.entries()) expect(canaries.foundIn(content), files[index]).toEqual([]);
  });

  it("are not in what the server prints, which is JSON, one object a line", async () => {
    // The log comes through a pipe, in its own time.
    await expect.poll(() => server.output(), { timeout: 5000 }).toContain("client.authentication_failed");
    await expect.poll(() => server.output(), { timeout: 5000 }).toContain("ECONNREFUSED");
    const printed = server.output();
    for (const line of printed.slice(0, printed.lastIndexOf("\n")).split("\n")) expect(() => JSON.parse(line) as unknown).not.toThrow();
    expect(printed).toContain('"msg":"answered"');
    expect(canaries.foundIn(printed)).toEqual([]);
  });

  it("are not in the metrics", async () => {
    const metrics = await (await fetch(`${server.origin}/metrics`, { headers: { authorization: `Bearer ${adminToken}` } })).text();
    expect(metrics).toContain('oauth_tokens_issued_total{grant_type="refresh_token"} 1');
    expect(canaries.foundIn(metrics)).toEqual([]);
  });

  it("are not in the audit as an operator reads it", async () => {
    for (const args of [
      ["audit", "export"],
      ["audit", "export", "--format", "csv"],
      ["audit", "list", "--limit", "1000"],
    ]) {
      const { code, stdout, stderr } = await server.command(args);
      expect(code).toBe(0);
      expect(stdout).toContain("token.issued");
      expect(canaries.foundIn(stdout + stderr), args.join(" ")).toEqual([]);
    }
  });

  it("are on no page and in no answer but the one that hands them over", () => {
    expect(hunt.fetched.length).toBeGreaterThan(40);
    for (const { what, body, meant } of hunt.fetched)
      expect(
        canaries.foundIn(body).filter((name) => !meant.includes(name)),
        what,
      ).toEqual([]);
    // Whatever was meant to be handed over was.
    for (const { what, body, meant } of hunt.fetched) expect(canaries.foundIn(body), what).toEqual(expect.arrayContaining([...meant]));
  });
});
