/** A server whose database does not do what it should, what it must say meanwhile, and what must be true afterwards. */
import { expect, onTestFinished } from "vitest";
import { App, type Tokens } from "./app.ts";
import { Person } from "./person.ts";
import { type RunningServer, type StartOptions, startServer } from "./running-server.ts";

export async function aServer(options: StartOptions = {}): Promise<RunningServer> {
  const server = await startServer({ ...options, environment: { OAUTH_RATE_LIMITS: "off", ...options.environment } });
  onTestFinished(async () => void (await server.stop()));
  return server;
}

/** Ada, signed in, and an app that she connected. */
export async function aConnection(server: RunningServer): Promise<{ ada: Person; app: App; tokens: Tokens }> {
  await server.command(["users", "add", "ada@example.com", "--password-stdin"], "a-long-password");
  const ada = new Person(server.origin);
  await ada.signIn("ada@example.com", "a-long-password");
  const app = await App.register(server);
  return { ada, app, tokens: await app.connect(ada) };
}

export const readiness = async ({ origin }: RunningServer): Promise<unknown> => (await fetch(`${origin}/readyz`)).json();
export const ready = { status: "ready" };
export const notReady = { status: "not ready", failing: "database" };

/** The lines of the log about failures, as an operator reads them. */
export const failures = (server: RunningServer): readonly Record<string, unknown>[] =>
  server
    .output()
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ level }) => level === "error");

/** Every kind of write is refused, nothing that was given is lost, and reading goes on. */
export async function expectRefusals(server: RunningServer, { ada, app, tokens }: Awaited<ReturnType<typeof aConnection>>): Promise<void> {
  for (const refused of [
    await app.refresh(tokens.refresh_token),
    await app.revoke(tokens.access_token),
    await app.revoke(tokens.refresh_token),
  ]) {
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(await refused.json()).toMatchObject({ error: "temporarily_unavailable" });
  }
  const grace = new Person(server.origin);
  const page = await grace.signIn("ada@example.com", "a-long-password");
  expect([page.status, page.headers.get("retry-after"), page.headers.get("content-type")]).toEqual([503, "1", "text/html; charset=utf-8"]);
  expect(grace.cookies).not.toContain("vouchsafe-session");
  expect((await app.notes(tokens.access_token)).status).toBe(200);
  expect((await ada.open("/my/connected_apps")).status).toBe(200);
  await expect.poll(() => readiness(server), { timeout: 5000 }).toEqual(notReady);
  expect((await fetch(`${server.origin}/healthz`)).status).toBe(200);
}

/** As if nothing had happened: what was refused works now, and what was asked for in vain did not happen. */
export async function expectRecovery(server: RunningServer, { ada, app, tokens }: Awaited<ReturnType<typeof aConnection>>): Promise<void> {
  await expect.poll(() => readiness(server), { timeout: 5000 }).toEqual(ready);
  const refreshed = await app.refresh(tokens.refresh_token);
  expect(refreshed.status).toBe(200);
  const { access_token: next } = (await refreshed.json()) as Tokens;
  for (const token of [tokens.access_token, next]) expect((await app.notes(token)).status).toBe(200);
  expect((await app.revoke(tokens.access_token)).status).toBe(200);
  expect((await app.notes(tokens.access_token)).status).toBe(401);
  const again = await (await App.register(server)).connect(ada);
  expect((await app.notes(again.access_token)).status).toBe(200);
  const { code } = await server.command(["audit", "verify"]);
  expect(code).toBe(0);
}
