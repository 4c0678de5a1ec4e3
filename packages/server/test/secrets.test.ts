import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { App, formHeaders } from "./app.ts";
import { Person } from "./person.ts";
import { type RunningServer, startServer } from "./running-server.ts";

let server: RunningServer;
beforeAll(async () => {
  server = await startServer({ environment: { LOG_LEVEL: "trace" } });
});
afterAll(() => server.stop());

describe("credentials", () => {
  it("are nowhere but in the hands they were given to: not in the database, its log, nor ours", async () => {
    const canaries: string[] = [];
    const keep = (secret: string): string => {
      canaries.push(secret);
      return secret;
    };
    const password = keep("canary-password-4711");
    await server.command(["users", "add", "ada@example.com", "--password-stdin"], password);
    const ada = new Person(server.origin);
    await ada.signIn("ada@example.com", keep("canary-wrong-password"));
    await ada.signIn("ada@example.com", password);
    for (const cookie of ada.cookies.split("; ")) if (cookie.includes("session")) keep(cookie.split("=")[1] ?? "");

    const app = await App.register(server);
    keep(app.verifier);
    const code = keep(await app.code(ada));
    await app.redeem(code, { code_verifier: keep("canary-verifier-canary-verifier-canary-verifier") });
    const first = (await (await app.redeem(code)).json()) as { access_token: string; refresh_token: string };
    const second = (await (await app.refresh(first.refresh_token)).json()) as { access_token: string; refresh_token: string };
    for (const tokens of [first, second]) canaries.push(tokens.access_token, tokens.refresh_token);
    await app.notes(second.access_token);
    await app.notes(keep(`${second.access_token}x`));
    await app.refresh(keep("vs_rt_canary-refresh-token"));
    await fetch(`${server.origin}/api/notes?access_token=${keep("canary-query-token")}`);

    const registered = await fetch(`${server.origin}/oauth/register`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ redirect_uris: ["https://printer.example/callback"] }),
    });
    const { client_id: id, client_secret: secret } = (await registered.json()) as { client_id: string; client_secret: string };
    keep(secret);
    const basic = keep(btoa(`${id}:canary-wrong-secret`));
    keep("canary-wrong-secret");
    await fetch(`${server.origin}/oauth/token`, {
      method: "POST",
      headers: { ...formHeaders, authorization: `Basic ${basic}` },
      body: "grant_type=client_credentials",
    });
    await app.revoke(second.refresh_token);

    // The log comes through a pipe, in its own time.
    await vi.waitFor(() => expect(server.output()).toContain("client.authentication_failed"), 5000);
    const files = readdirSync(server.directory).filter((name) => name.startsWith("vouchsafe.db"));
    expect(files).toContain("vouchsafe.db-wal");
    const kept = files.map((name) => readFileSync(join(server.directory, name)).toString("latin1"));
    for (const canary of canaries) {
      expect(canary.length).toBeGreaterThan(10);
      expect(
        kept.some((content) => content.includes(canary)),
        `in the database: ${canary}`,
      ).toBe(false);
      expect(server.output().includes(canary), `in the log: ${canary}`).toBe(false);
    }
  });

  it("are JSON in the log, one object a line, whatever an app calls itself", async () => {
    await App.register(server, { client_name: 'x", "level": "fatal' });
    const printed = server.output();
    for (const line of printed.slice(0, printed.lastIndexOf("\n")).split("\n")) expect(() => JSON.parse(line) as unknown).not.toThrow();
  });
});
