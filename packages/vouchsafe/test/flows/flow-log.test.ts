import { describe, expect, it } from "vitest";
import { clientNamed } from "../../src/store/contract/cast.ts";
import { type FlowStep, type FlowWithSteps, mostSteps } from "../../src/store/flows.ts";
import { memory } from "../../src/store/memory/memory.ts";
import { allow, authorizePath, browserOf, connect, consentPage, goOn, open, press, readPage, tokensOf, wordsOf } from "../a-person.ts";
import { openPushed, push } from "../a-pushed-request.ts";
import {
  type App,
  aServer,
  budgetApp,
  change,
  type Fields,
  get,
  issuer,
  lastEvent,
  like,
  minutes,
  photoPrinter,
  post,
  redeem,
  refresh,
  type Server,
  send,
  statusAtApi,
  verifier,
} from "../a-server.ts";

const firefox = { "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0" };
const photos = "https://photos.example.com/";

/** The only attempt there is. */
async function onlyFlow({ oauth }: Server): Promise<FlowWithSteps> {
  const [flow, ...others] = await oauth.admin.flows({ most: 10 });
  expect(others).toEqual([]);
  const found = await oauth.admin.flow(flow?.id ?? "");
  if (found === undefined) throw new Error("no attempt is known");
  return found;
}

const namesOf = ({ steps }: FlowWithSteps): readonly string[] => steps.map(({ name }) => name);

/** The last refusal of an attempt, as an operator reads it. */
async function refusalOf(server: Server): Promise<string> {
  const { steps } = await onlyFlow(server);
  const { endpoint, error, reason } = steps.findLast(({ name }) => name === "refused") ?? ({} as Partial<FlowStep>);
  return `${endpoint}: ${error}: ${reason}`;
}

describe("an attempt to connect", () => {
  it("is one record from the request to the first use, with who, what asked, and when", async () => {
    const server = aServer();
    const app = await budgetApp(server);
    const browser = browserOf(server);
    const page = await readPage(await open(browser, authorizePath(app), firefox));
    server.clock.now += 1;
    const { target } = await goOn(browser, await press(browser, page, "allow"));
    server.clock.now += 1;
    const fields = { grant_type: "authorization_code", client_id: app.id, code: target.searchParams.get("code") ?? "" };
    const redeemed = await post(server, "/oauth/token", { ...fields, code_verifier: verifier }, { "user-agent": "budget-cli/2.1 (linux)" });
    const { access } = await tokensOf(redeemed);
    server.clock.now += 1;
    for (let time = 0; time < 3; time++) expect(await statusAtApi(server, access)).toBe(200);
    const { steps, ...flow } = await onlyFlow(server);
    const grantId = lastEvent(server, "token.issued")?.grantId;
    const began = server.clock.now - 3;
    expect(flow).toEqual({
      id: like(/^[\w-]{20}$/),
      clientId: app.id,
      clientName: "Budget app",
      subject: "ada",
      grantId,
      beganAt: began,
      lastAt: began + 3,
      outcome: "used",
    });
    const common = { requestId: like(/\S/), address: "203.0.113.7" };
    expect(steps).toEqual([
      { ...common, at: began, name: "requested", family: "Firefox" },
      { ...common, at: began, name: "consent_shown", subject: "ada", family: "Firefox" },
      { ...common, at: began + 1, name: "allowed", subject: "ada", grantId },
      { ...common, at: began + 2, name: "redeemed", subject: "ada", grantId, family: "budget-cli" },
      { at: began + 3, name: "first_used", grantId, requestId: like(/\S/), address: like(/^/) },
    ]);
  });

  it("stays one through sign-in and back", async () => {
    const server = aServer();
    const app = await budgetApp(server);
    const browser = browserOf(server, "nobody");
    const toSignIn = await open(browser, authorizePath(app));
    browser.cookies.set("session", "ada.1");
    const back = new URL(toSignIn.headers.get("location") ?? "", issuer).searchParams.get("returnTo") ?? "";
    const decided = await press(browser, await readPage(await open(browser, back)), "allow");
    const { target } = await goOn(browser, decided);
    await redeem(server, app, target.searchParams.get("code") ?? "");
    const flow = await onlyFlow(server);
    expect(namesOf(flow)).toEqual(["requested", "sign_in", "consent_shown", "allowed", "redeemed"]);
    expect([flow.outcome, flow.subject]).toEqual(["connected", "ada"]);
  });

  it("ends where the person denies it, and goes on where they then change their mind", async () => {
    const server = aServer();
    const app = await budgetApp(server);
    const browser = browserOf(server);
    await press(browser, await consentPage(browser, app), "deny");
    const denied = await onlyFlow(server);
    expect([namesOf(denied), denied.outcome]).toEqual([["requested", "consent_shown", "denied"], "denied"]);
    await allow(browser, app);
    expect((await onlyFlow(server)).outcome).toBe("allowed");
  });

  it("is not requested anew by a decision, whichever process takes it", async () => {
    const store = memory();
    const [server, other] = [aServer({ store }), aServer({ store })];
    const browser = browserOf(server);
    const page = await consentPage(browser, await budgetApp(server));
    await server.oauth.admin.flows({ most: 1 });
    await press({ ...browser, server: other }, page, "allow");
    expect(namesOf(await onlyFlow(other))).toEqual(["requested", "consent_shown", "allowed"]);
  });

  it("is written down before the server closes, and shown before it is written down by itself", async () => {
    const server = aServer();
    await allow(browserOf(server), await budgetApp(server));
    const id = lastEvent(server, "consent.allowed")?.flowId ?? "";
    expect((await server.oauth.admin.flow(id))?.outcome).toBe("allowed");
    const grace = browserOf(server, "grace");
    await press(grace, await consentPage(grace, await photoPrinter(server)), "deny");
    await server.oauth.close();
    expect(await server.store.flows.list({ outcome: "denied", most: 10 })).toHaveLength(1);
  });

  it("counts a form that was sent twice as one decision: the first", async () => {
    const server = aServer();
    const browser = browserOf(server);
    const page = await consentPage(browser, await budgetApp(server));
    for (const decision of ["allow", "deny", "allow"] as const) await press(browser, page, decision);
    expect(namesOf(await onlyFlow(server))).toEqual(["requested", "consent_shown", "allowed"]);
  });

  it("needs no page where the person's consent is remembered", async () => {
    const server = aServer();
    const app = await photoPrinter(server);
    await connect(server, app);
    server.clock.now += 1;
    await open(browserOf(server), authorizePath(app, { code_challenge: "b".repeat(43), scope: "read" }));
    const [newest] = await server.oauth.admin.flows({ most: 10 });
    const flow = await server.oauth.admin.flow(newest?.id ?? "");
    expect(flow && [namesOf(flow), flow.outcome, flow.subject]).toEqual([["requested", "allowed"], "allowed", "ada"]);
  });

  it("is the same whether its request was pushed or not, and pushing is no step of it", async () => {
    const server = aServer();
    const app = await photoPrinter(server);
    const browser = browserOf(server);
    const uri = await push(server, app);
    expect(await server.oauth.admin.flows({ most: 10 })).toEqual([]);
    const decided = await press(browser, await readPage(await openPushed(browser, app, uri)), "allow");
    const { target } = await goOn(browser, decided);
    await redeem(server, app, target.searchParams.get("code") ?? "");
    expect(namesOf(await onlyFlow(server))).toEqual(["requested", "consent_shown", "allowed", "redeemed"]);
  });

  it("is used when an API introspects its token, and not when its own client does", async () => {
    const server = aServer();
    const app = await photoPrinter(server);
    const api = await photoPrinter(server, { name: "Photo API", redirectUris: [], resourceServerOf: [issuer] });
    const { access } = await connect(server, app);
    await send(server, app, "/oauth/introspect", { token: access });
    expect((await onlyFlow(server)).outcome).toBe("connected");
    await send(server, api, "/oauth/introspect", { token: access });
    expect((await onlyFlow(server)).outcome).toBe("used");
  });

  it("is used also where another process answers for the API, and has to be told before the attempt is written down", async () => {
    const store = memory();
    const [server, other] = [aServer({ store }), aServer({ store })];
    const { access } = await connect(server, await budgetApp(server));
    expect(await statusAtApi(other, access)).toBe(200);
    expect(await other.oauth.admin.flows({ most: 10 })).toEqual([]);
    expect((await onlyFlow(server)).outcome).toBe("connected");
    await other.oauth.admin.flows({ most: 10 });
    expect(namesOf(await onlyFlow(server)).at(-1)).toBe("first_used");
    await other.oauth.admin.flows({ most: 10 });
    expect(namesOf(await onlyFlow(server)).filter((name) => name === "first_used")).toHaveLength(1);
  });
});

describe("an attempt that is refused", () => {
  it.each<[string, Fields, string]>([
    [
      "a redirect URI that is not registered",
      { redirect_uri: "http://127.0.0.1:4711/other" },
      "authorize: invalid_request: redirect_uri is not registered",
    ],
    ["a scope that is unknown", { scope: "fly" }, "authorize: invalid_scope: a requested scope is unknown or not allowed"],
    ["no PKCE", { code_challenge: undefined }, "authorize: invalid_request: code_challenge is missing"],
    ["PKCE of another method", { code_challenge_method: "plain" }, "authorize: invalid_request: code_challenge_method is not S256"],
    ["a parameter twice", { state: ["one", "two"] }, "authorize: invalid_request: parameter state is repeated"],
    ["a resource that is unknown", { resource: photos }, "authorize: invalid_target: "],
    ["nobody to ask", { prompt: "none" }, "authorize: login_required: prompt none, and nobody is signed in, or too long ago"],
  ])("names where, the error and the private reason: %s", async (_, more, expected) => {
    const server = aServer();
    await open(browserOf(server, "nobody"), authorizePath(await budgetApp(server), more));
    const { steps, outcome } = await onlyFlow(server);
    expect(steps.map(({ name }) => name)).toEqual(["requested", "refused"]);
    expect(outcome).toBe("refused");
    expect(await refusalOf(server)).toContain(expected);
  });

  it("says so of a client that is disabled", async () => {
    const server = aServer();
    const app = await budgetApp(server);
    await change(server, app, { disabledAt: server.clock.now });
    await open(browserOf(server), authorizePath(app));
    expect(await refusalOf(server)).toBe("authorize: invalid_client: client is disabled");
  });

  it("says so of a client whose document counts no more", async () => {
    const server = aServer({ clientIdMetadata: false });
    const client = clientNamed("https://budget.example/client.json", { origin: "document" });
    await server.store.addClient(client, { at: 1, type: "client.registered", clientId: client.id, name: client.name, origin: "document" });
    await open(browserOf(server), authorizePath({ id: client.id, secret: "", method: "none", redirectUri: "http://127.0.0.1/callback" }));
    expect((await onlyFlow(server)).clientName).toBe("Budget app");
    expect(await refusalOf(server)).toContain("authorize: invalid_client: ");
  });

  it("says so of a consent form that is too old, or of another browser", async () => {
    const server = aServer();
    const [app, browser] = [await budgetApp(server), browserOf(server)];
    const page = await consentPage(browser, app);
    await press(browserOf(server), page, "allow");
    expect(await refusalOf(server)).toContain("authorize: invalid_request: the consent form is not of this browser");
    server.clock.now += 10 * minutes;
    await press(browser, page, "allow");
    expect(await refusalOf(server)).toBe("authorize: invalid_request: the consent form is too old");
  });

  it("says so of a code with a wrong verifier, of one that is too old, and of one that was redeemed", async () => {
    const server = aServer();
    const app = await budgetApp(server);
    const code = await allow(browserOf(server), app);
    await redeem(server, app, code, { code_verifier: "x".repeat(43) });
    expect(await refusalOf(server)).toBe("token: invalid_grant: code_verifier does not match");
    expect((await onlyFlow(server)).outcome).toBe("refused");
    await redeem(server, app, code);
    expect((await onlyFlow(server)).outcome).toBe("connected");
    server.clock.now += 1;
    await redeem(server, app, code);
    expect(await refusalOf(server)).toBe("token: invalid_grant: code was redeemed before; its grant is revoked");
    server.clock.now += minutes;
    await redeem(server, app, code);
    expect(await refusalOf(server)).toBe("token: invalid_grant: code has expired");
  });

  it("says so of a client that does not prove who it is, when it has a code of ours", async () => {
    const server = aServer();
    const app = await photoPrinter(server);
    const code = await allow(browserOf(server), app);
    await redeem(server, { ...app, secret: "wrong" }, code);
    expect(await refusalOf(server)).toBe("token: invalid_client: client secret is wrong");
    await post(server, "/oauth/token", { grant_type: "authorization_code", client_id: "nobody", code });
    expect(await refusalOf(server)).toBe("token: invalid_client: client is unknown");
  });

  it("says so of a pushed request that is refused, and of one that is opened too late", async () => {
    const server = aServer();
    const app = await photoPrinter(server);
    await push(server, app, { scope: "fly" }).catch(() => {});
    expect(await refusalOf(server)).toBe("pushed_request: invalid_scope: a requested scope is unknown or not allowed");
    const uri = await push(server, app);
    server.clock.now += 10 * minutes;
    await openPushed(browserOf(server), app, uri);
    expect(await refusalOf(server)).toBe("authorize: invalid_request_uri: the pushed request has expired");
  });

  it("says why a token that it led to was not enough at an API, once for each reason", async () => {
    const server = aServer({ resources: { [issuer]: {}, [photos]: {} } });
    const { access } = await connect(server, await budgetApp(server), { scope: "read" });
    const call = (options: Parameters<Server["oauth"]["authenticate"]>[1]) =>
      server.oauth.authenticate(new Request(`${issuer}/notes`, { headers: { authorization: `Bearer ${access}` } }), options);
    for (let time = 0; time < 3; time++) await call({ scope: "write" });
    await call({ resource: photos });
    await call({});
    const { steps, outcome } = await onlyFlow(server);
    expect(steps.slice(4).map(({ name, endpoint, error, reason }) => [name, endpoint, error, reason])).toEqual([
      ["refused", "resource", "insufficient_scope", "scope write is needed"],
      ["refused", "resource", "invalid_token", "access token is for another resource"],
      ["first_used", undefined, undefined, undefined],
    ]);
    expect(outcome).toBe("used");
  });

  it("is none where nobody knows who asks", async () => {
    const server = aServer();
    await open(browserOf(server), authorizePath({ ...(await budgetApp(server)), id: "nobody" }));
    await open(browserOf(server), "/oauth/authorize");
    await post(server, "/oauth/token", { grant_type: "authorization_code", client_id: "nobody", code: "guess" });
    expect(await server.oauth.admin.flows({ most: 10 })).toEqual([]);
    expect(server.events.filter((event) => event.flowId !== undefined)).toEqual([]);
  });
});

describe("the flow id", () => {
  it("is on every event of the attempt", async () => {
    const server = aServer();
    const app = await budgetApp(server);
    const code = await allow(browserOf(server), app);
    await redeem(server, app, code, { code_verifier: "x".repeat(43) });
    await redeem(server, app, code);
    const { id } = await onlyFlow(server);
    const events = server.events.slice(1).map(({ type, flowId }) => [type, flowId]);
    expect(events).toEqual([
      ["consent.allowed", id],
      ["request.refused", id],
      ["token.issued", id],
    ]);
  });

  it("is on the page that tells a person that it did not work, beside the request's", async () => {
    const server = aServer();
    const app = await budgetApp(server);
    const shown = await get(server, authorizePath(app, { redirect_uri: "https://elsewhere.example/" }));
    const { id, steps } = await onlyFlow(server);
    expect(wordsOf(await shown.text())).toContain(`Request ${steps.at(-1)?.requestId} Connection attempt ${id}`);
    const unknown = await get(server, authorizePath({ ...app, id: "nobody" }));
    expect(await unknown.text()).not.toContain("Connection attempt");
  });

  it("is told to whoever hears of what broke", async () => {
    const heard: unknown[] = [];
    const store = memory();
    const server = aServer({ store, onError: (_, circumstances) => heard.push(circumstances) });
    const app = await budgetApp(server);
    const browser = browserOf(server);
    const page = await consentPage(browser, app);
    store.decide = () => Promise.reject(new Error("broken"));
    await press(browser, page, "allow");
    const { id, steps } = await onlyFlow(server);
    expect(heard).toEqual([{ requestId: steps.at(-1)?.requestId, flowId: id }]);
    expect(await refusalOf(server)).toBe("authorize: server_error: an unexpected error");
  });
});

describe("attempts without end", () => {
  it("are bounded: a client that repeats one for ever makes few steps", async () => {
    const server = aServer();
    const app = await budgetApp(server);
    for (let time = 0; time < 30; time++) await get(server, authorizePath(app, { scope: "fly" }));
    expect((await onlyFlow(server)).steps).toHaveLength(2);
  });

  it("are bounded: strangers of one network write down so many a minute, and nobody else is shut out by them", async () => {
    const server = aServer();
    const app = await budgetApp(server);
    const ask = (time: number, from?: string) =>
      get(server, authorizePath(app, { code_challenge: `${time}`.padStart(43, "a"), scope: "fly" }), {}, from);
    for (let time = 0; time < 200; time++) await ask(time);
    const flows = async () => (await server.oauth.admin.flows({ most: 1000 })).length;
    expect(await flows()).toBe(60);
    await ask(200, "198.51.100.1");
    expect(await flows()).toBe(61);
    await allow(browserOf(server), app);
    expect(await flows()).toBe(62);
    server.clock.now += minutes;
    await ask(201);
    expect(await flows()).toBe(63);
  });

  it("are bounded: one attempt keeps so many steps", async () => {
    const server = aServer();
    const app = await budgetApp(server);
    const browser = browserOf(server);
    for (let time = 0; time < mostSteps; time++) await press(browser, await consentPage(browser, app), "allow");
    const { steps, outcome } = await onlyFlow(server);
    expect([steps.length, outcome]).toEqual([mostSteps, "allowed"]);
  });
});

describe("what is kept of attempts", () => {
  it("has no code, state, verifier, challenge, secret or token in it, whatever happens", async () => {
    const state = "a-canary-state";
    const server = aServer();
    const app: App = await photoPrinter(server);
    const [browser, code] = [browserOf(server), await allow(browserOf(server), app, { state })];
    const wrong = { code_verifier: "canary-verifier-of-43-characters-or-more-aaaaa" };
    await redeem(server, app, code, wrong);
    await redeem(server, { ...app, secret: "canary-secret" }, code);
    const tokens = await tokensOf(await redeem(server, app, code));
    await statusAtApi(server, tokens.access);
    await redeem(server, app, code);
    await refresh(server, app, tokens.refresh);
    await open(browser, authorizePath(app, { state, scope: "fly", code_challenge: "canary-challenge" }));
    await open(browser, authorizePath(app, { state, redirect_uri: `https://elsewhere.example/?code=${code}` }));
    await open(browser, authorizePath(app, { state, code_challenge: undefined, login_hint: "canary@example.com" }));
    const flows = await server.oauth.admin.flows({ most: 100 });
    const kept = JSON.stringify(await Promise.all(flows.map(({ id }) => server.oauth.admin.flow(id))));
    expect(kept).toContain("code_verifier does not match");
    for (const secret of [code, state, verifier, app.secret, tokens.access, tokens.refresh, "canary", "E9Melhoa2O"])
      expect(kept).not.toContain(secret);
  });
});
