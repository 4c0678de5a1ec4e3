import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Person } from "./person.ts";
import { type RunningServer, startServer } from "./running-server.ts";

let server: RunningServer;
beforeAll(async () => {
  server = await startServer({
    environment: { OAUTH_RATE_LIMIT_SIGN_IN: "3/1m", OAUTH_RATE_LIMIT_SIGN_IN_ACCOUNT: "5/1h", OAUTH_RATE_LIMIT_SIGN_IN_ADDRESS: "100/1m" },
  });
  await server.command(["users", "add", "ada@example.com", "--password-stdin"], "a-long-password");
});
afterAll(() => server.stop());

describe("signing in", () => {
  it("counts failures by account, however its address is spelled", async () => {
    const stranger = new Person(server.origin);
    const statuses: number[] = [];
    for (const email of ["ada@example.com", "ADA@example.com", " ada@example.com ", "Ada@Example.com"])
      statuses.push((await stranger.signIn(email, "a-wrong-password")).status);
    expect(statuses).toEqual([401, 401, 401, 429]);
  });

  it("leads on by 303, so that no browser takes the password along", async () => {
    await server.command(["users", "add", "grace@example.com", "--password-stdin"], "a-long-password");
    const grace = new Person(server.origin);
    const page = await grace.open("/sign_in");
    const body = new URLSearchParams({ ...page.hidden(), email: "grace@example.com", password: "a-long-password" });
    const response = await grace.send("/sign_in", { method: "POST", body, headers: { origin: server.origin } });
    expect([response.status, response.headers.get("location")]).toEqual([303, "/"]);
  });

  it("records a form that is not ours with its private reason, as every refusal", async () => {
    const response = await fetch(`${server.origin}/sign_in`, {
      method: "POST",
      body: new URLSearchParams({ email: "ada@example.com", password: "a-long-password", csrf: "forged" }),
    });
    expect(response.status).toBe(400);
    const shown = /<dt>Request<\/dt><dd><code>([^<]+)</.exec(await response.text())?.[1];
    const database = new DatabaseSync(join(server.directory, "vouchsafe.db"), { readOnly: true });
    const recorded = (): Record<string, unknown>[] =>
      database
        .prepare("SELECT event FROM audit_events WHERE type = 'request.refused'")
        .all()
        .map((row) => JSON.parse(String(row["event"])) as Record<string, unknown>);
    await expect.poll(() => recorded().length).toBe(1);
    expect(recorded()[0]).toMatchObject({
      endpoint: "/sign_in",
      error: "invalid_request",
      reason: expect.stringContaining("sign-in form") as string,
      address: "127.0.0.1",
      requestId: shown,
    });
    database.close();
  });
});

describe("vouchsafe dev", () => {
  it("has its demo account from the moment it is ready", async () => {
    const dev = await startServer({ args: ["dev"] });
    try {
      const ada = new Person(dev.origin);
      expect((await ada.signIn("ada@example.com", "vouchsafe-demo")).html).toContain("You are signed in as ada@example.com");
    } finally {
      await dev.stop();
    }
  });
});
