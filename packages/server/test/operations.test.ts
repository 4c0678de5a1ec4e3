import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, describe, expect, it } from "vitest";
import { createAuthorizationServer } from "vouchsafe";
import { sqlite } from "vouchsafe/sqlite";
import { App } from "./app.ts";
import { Person } from "./person.ts";
import { type RunningServer, startServer } from "./running-server.ts";
import { type ServerHere, startHere } from "./server-here.ts";

let server: ServerHere | RunningServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

const readiness = async (origin: string): Promise<readonly [status: number, body: unknown]> => {
  const response = await fetch(`${origin}/readyz`);
  return [response.status, await response.json()];
};

const failing = (check: string): unknown => [503, { status: "not ready", failing: check }];

describe("/readyz", () => {
  it("names the database where it does not answer", async () => {
    const here = await startHere();
    server = here;
    expect(await readiness(here.origin)).toEqual([200, { status: "ready" }]);
    await here.standalone.store.database.close();
    expect(await readiness(here.origin)).toEqual(failing("database"));
    expect((await fetch(`${here.origin}/healthz`)).status).toBe(200);
  });

  it("names the schema where an older database has taken the place of ours, and is content with a newer one", async () => {
    const here = await startHere();
    server = here;
    using other = new DatabaseSync(join(here.directory, "vouchsafe.db"));
    const version = Number(other.prepare("PRAGMA user_version").get()?.["user_version"]);
    other.exec(`PRAGMA user_version = ${version - 1}`);
    expect(await readiness(here.origin)).toEqual(failing("schema"));
    other.exec(`PRAGMA user_version = ${version + 1}`);
    expect(await readiness(here.origin)).toEqual([200, { status: "ready" }]);
  });

  it("names the key where another process has begun to use a secret that this one does not have", async () => {
    const [old, fresh] = ["o".repeat(40), "f".repeat(40)];
    const here = await startHere({ secret: old });
    server = here;
    const store = sqlite(join(here.directory, "vouchsafe.db"));
    const options = { issuer: here.origin, scopes: { read: "Read" }, signedIn: () => undefined, signInUrl: () => "/" };
    const successor = createAuthorizationServer({ ...options, store, secret: [fresh, old] });
    await successor.ready();
    await successor.close();
    await expect.poll(() => readiness(here.origin), { timeout: 5000 }).toEqual(failing("key"));
  });

  it("says that it is stopping", async () => {
    const here = await startHere();
    server = here;
    here.standalone.beginStopping();
    expect(await readiness(here.origin)).toEqual([503, { status: "stopping", failing: "shutdown" }]);
  });
});

describe("the log", () => {
  it("has a line for every answer, at debug: what was asked and how it went, and nothing that was sent", async () => {
    const running = await startServer({ environment: { LOG_LEVEL: "debug" } });
    server = running;
    await fetch(`${running.origin}/healthz?token=in-the-query`, { headers: { "x-token": "in-a-header" } });
    const refused = await fetch(`${running.origin}/sign_in`, { method: "POST", headers: { accept: "text/html" } });
    const requestId = /Request<\/dt><dd><code>([^<]+)/.exec(await refused.text())?.[1];
    await expect.poll(() => running.output()).toMatch(/"endpoint":"sign_in","method":"POST"[\s\S]*request\.refused[\s\S]*\n$/);
    const lines = running
      .output()
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const answered = lines.filter(({ msg }) => msg === "answered");
    const line = answered.find(({ endpoint }) => endpoint === "healthz") ?? {};
    expect(line).toMatchObject({ level: "debug", method: "GET", status: 200 });
    expect(Object.keys(line).sort()).toEqual(["endpoint", "level", "method", "ms", "msg", "requestId", "status", "time"]);
    expect(running.output()).not.toContain("in-the-query");
    expect(running.output()).not.toContain("in-a-header");
    // The page, its line and its event have one request id.
    expect(answered).toContainEqual(expect.objectContaining({ endpoint: "sign_in", status: 415, requestId }));
    expect(lines).toContainEqual(expect.objectContaining({ type: "request.refused", endpoint: "sign_in", requestId }));
  });

  it("has one request id on everything that came of one request", async () => {
    const running = await startServer({ environment: { LOG_LEVEL: "debug" } });
    server = running;
    await new Person(running.origin).signIn("ada@example.com", "a-wrong-password");
    await expect.poll(() => running.output()).toMatch(/"endpoint":"sign_in","method":"POST".*\n/);
    await expect.poll(() => running.output()).toMatch(/sign_in\.failed.*\n/);
    const lines = running.output().trimEnd().split("\n");
    const [failed, answered] = ["sign_in.failed", '"method":"POST"'].map((part) => lines.find((line) => line.includes(part)) ?? "{}");
    const { requestId } = JSON.parse(failed ?? "") as { readonly requestId?: string };
    expect(requestId).toMatch(/^[\w-]{20,}$/);
    expect(JSON.parse(answered ?? "")).toMatchObject({ endpoint: "sign_in", status: 401, requestId });
  });

  it("has the flow id of the attempt to connect on what signing in and signing up are steps of, as on its other lines", async () => {
    const running = await startServer({ environment: { LOG_LEVEL: "debug" } });
    server = running;
    const app = await App.register(running);
    const ada = new Person(running.origin);
    const asked = await ada.open(app.request({ resource: undefined }));
    const again = await ada.signIn("ada@example.com", "a-wrong-password", asked);
    const returnTo = again.hidden()["return_to"] ?? "";
    const signUp = await ada.open(`/sign_up?${new URLSearchParams({ return_to: returnTo })}`);
    await ada.submit(signUp, "/sign_up", { email: "ada@example.com", password: "a-long-password" });
    await new Person(running.origin).open("/sign_in?return_to=/my/connected_apps");
    const broken = await new Person(running.origin).send("/sign_in", {
      method: "POST",
      body: new URLSearchParams({ return_to: returnTo }),
      headers: { accept: "text/html" },
    });
    await expect.poll(() => running.output()).toMatch(/"endpoint":"sign_in","method":"POST","status":400/);
    await expect.poll(() => running.output()).toMatch(/request\.refused[^\n]*\n/);
    const lines = running
      .output()
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, string | number>);
    const flowId = lines.find(({ endpoint, msg }) => endpoint === "authorize" && msg === "answered")?.["flowId"];
    expect(flowId).toMatch(/^[\w-]{20}$/);
    const ofFlow = lines.filter((line) => line["flowId"] === flowId);
    expect(ofFlow.filter(({ msg }) => msg === "answered").map((line) => `${line["method"]} ${line["endpoint"]} ${line["status"]}`)).toEqual(
      [
        "GET authorize 302",
        "GET sign_in 200",
        "POST sign_in 401",
        "GET sign_up 200",
        "POST sign_up 303",
        "GET authorize 200",
        "POST sign_in 400",
      ],
    );
    const events = ["sign_in.failed", "account.created", "sign_in.succeeded", "request.refused"];
    expect(ofFlow.map(({ type }) => type).filter((type) => events.includes(String(type)))).toEqual(events);
    expect(await broken.text()).toContain(`<code>${flowId}</code>`);
    const signIns = lines.filter(({ endpoint, method, msg }) => msg === "answered" && endpoint === "sign_in" && method === "GET");
    expect(signIns.map((line) => line["flowId"])).toEqual([flowId, undefined]);
  });

  it("has no such lines at info", async () => {
    const running = await startServer();
    server = running;
    await fetch(`${running.origin}/healthz`);
    await fetch(`${running.origin}/sign_in`, { method: "POST" });
    await expect.poll(() => running.output()).toContain("request.refused");
    expect(running.output()).not.toContain("answered");
  });
});
