import { describe, expect, it } from "vitest";
import { allow, authorizePath, browserOf, consentPage, open, press, readPage } from "../a-person.ts";
import {
  type App,
  answerOf,
  aServer,
  budgetApp,
  challenge,
  type Fields,
  issuer,
  lastReason,
  like,
  minutes,
  photoPrinter,
  post,
  redeem,
  type Server,
  send,
} from "../a-server.ts";

const asked = (app: App, more: Fields = {}): Fields => ({
  client_id: app.id,
  response_type: "code",
  redirect_uri: app.redirectUri,
  code_challenge: challenge,
  code_challenge_method: "S256",
  scope: "read write",
  state: "xyz",
  ...more,
});

const push = (server: Server, app: App, more: Fields = {}): Promise<Response> => send(server, app, "/oauth/par", asked(app, more));

interface Pushed {
  readonly request_uri: string;
  readonly expires_in: number;
}

async function aReference() {
  const server = aServer();
  const app = await budgetApp(server);
  const { request_uri } = (await (await push(server, app)).json()) as Pushed;
  const path = (id: string = app.id, uri: string = request_uri): string =>
    `/oauth/authorize?${new URLSearchParams({ client_id: id, request_uri: uri })}`;
  return { server, app, path, browser: browserOf(server) };
}

describe("pushing an authorization request, RFC 9126 §2", () => {
  it("is answered by 201 with a reference that nobody can guess, and its lifetime, which no cache keeps", async () => {
    const server = aServer();
    const app = await budgetApp(server);
    const [first, second] = [await push(server, app), await push(server, app)];
    expect([first.status, first.headers.get("cache-control"), first.headers.get("content-type")]).toEqual([
      201,
      "no-store",
      "application/json",
    ]);
    const answers = [(await first.json()) as Pushed, (await second.json()) as Pushed];
    for (const answer of answers)
      expect(answer).toEqual({ request_uri: like(/^urn:ietf:params:oauth:request_uri:[\w-]{22}$/), expires_in: 600 });
    expect(answers[0]?.request_uri).not.toBe(answers[1]?.request_uri);
  });

  it("asks the client for its proof, as at the token endpoint", async () => {
    const server = aServer();
    const printer = await photoPrinter(server);
    expect((await push(server, printer)).status).toBe(201);
    for (const refused of [
      await push(server, { ...printer, secret: "wrong" }),
      await post(server, "/oauth/par", asked(printer)),
      await post(server, "/oauth/par", asked(printer, { client_id: undefined })),
      await post(server, "/oauth/par", asked(printer, { client_id: "nobody" })),
    ])
      expect([refused.status, (await answerOf(refused)).error]).toEqual([401, "invalid_client"]);
  });

  it.each<[Fields, string]>([
    [{ request_uri: "urn:ietf:params:oauth:request_uri:x" }, "invalid_request"],
    [{ request: "eyJ.e30." }, "request_not_supported"],
    [{ redirect_uri: "https://evil.example/callback" }, "invalid_request"],
    [{ response_type: "token" }, "unsupported_response_type"],
    [{ code_challenge: undefined }, "invalid_request"],
    [{ code_challenge_method: "plain" }, "invalid_request"],
    [{ scope: "nonsense" }, "invalid_scope"],
    [{ resource: "https://evil.example" }, "invalid_target"],
  ])("refuses %j as an authorization request would be, in JSON", async (more, error) => {
    const server = aServer();
    const response = await push(server, await budgetApp(server), more);
    expect([response.status, response.headers.get("location"), (await answerOf(response)).error]).toEqual([400, null, error]);
  });
});

describe("a pushed request at the authorization endpoint, RFC 9126 §4", () => {
  it("is the whole request: what stands beside the reference counts for nothing", async () => {
    const { server, app, path, browser } = await aReference();
    const page = await readPage(await open(browser, `${path()}&scope=share&state=forged&redirect_uri=https%3A%2F%2Fevil.example`));
    expect(Object.keys(page.scopes)).toEqual(["read", "write"]);
    const decided = await press(browser, page, "allow");
    const html = await (await open(browser, decided.headers.get("location") ?? "")).text();
    expect(html).toContain("http://127.0.0.1:4711/callback?code=");
    expect(html).not.toMatch(/forged|evil/);
    const [, code = ""] = /callback\?code=([\w-]+)/.exec(html) ?? [];
    expect((await redeem(server, app, code)).status).toBe(200);
  });

  it("is its own client's alone", async () => {
    const { server, path, browser } = await aReference();
    const other = await budgetApp(server);
    const response = await open(browser, path(other.id));
    expect([response.status, response.headers.get("location")]).toEqual([400, null]);
    expect(lastReason(server)).toBe("the pushed request is another client's");
  });

  it("is refused at its expiry, and when there never was one", async () => {
    const { server, app, path, browser } = await aReference();
    expect((await open(browser, path(app.id, "urn:ietf:params:oauth:request_uri:AAAAAAAAAAAAAAAAAAAAAA"))).status).toBe(400);
    server.clock.now += 10 * minutes - 1;
    expect((await open(browser, path())).status).toBe(200);
    server.clock.now += 1;
    const response = await open(browser, path());
    expect([response.status, response.headers.get("location")]).toEqual([400, null]);
    expect(lastReason(server)).toBe("the pushed request has expired");
  });

  it("is answered once, and can be looked at again until then", async () => {
    const { server, path, browser } = await aReference();
    const pages = [await readPage(await open(browser, path())), await readPage(await open(browser, path()))];
    expect((await press(browser, pages[0] as (typeof pages)[0] & object, "allow")).status).toBe(303);
    expect((await open(browser, path())).status).toBe(400);
    expect(lastReason(server)).toBe("the pushed request was answered before");
    const codes = server.events.filter(({ type }) => type.startsWith("consent."));
    await press(browser, pages[1] as (typeof pages)[1] & object, "allow");
    expect(server.events.filter(({ type }) => type.startsWith("consent."))).toEqual(codes);
  });

  it("is checked once more: a client that has lost its redirect URI since is not sent there", async () => {
    const { server, app, path, browser } = await aReference();
    const client = await server.store.client(app.id);
    if (client === undefined) throw new Error("the app is gone");
    await server.store.updateClient({ ...client, redirectUris: ["http://127.0.0.1/other"] }, undefined);
    const response = await open(browser, path());
    expect([response.status, response.headers.get("location")]).toEqual([400, null]);
  });

  it("is never fetched from anywhere: another request_uri is not supported, and goes to the client", async () => {
    const server = aServer();
    const app = await budgetApp(server);
    const response = await open(browserOf(server), authorizePath(app, { request_uri: "https://evil.example/request" }));
    expect(new URL(response.headers.get("location") ?? issuer).searchParams.get("error")).toBe("request_uri_not_supported");
  });

  it("is not needed: a request may come without", async () => {
    const server = aServer();
    const app = await budgetApp(server);
    expect((await consentPage(browserOf(server), app)).html).toContain("Budget app");
    await expect(allow(browserOf(server), app)).resolves.not.toBe("");
  });
});
