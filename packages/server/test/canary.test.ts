import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { importJWK, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { App, formHeaders, type Tokens } from "./app.ts";
import { Canaries, formsOf } from "./canaries.ts";
import { createClient } from "./interop/operator-client.ts";
import { makeKey } from "./interop/signing-key.ts";
import { type Page, Person } from "./person.ts";
import { type RunningServer, startServer } from "./running-server.ts";

/** A page or document that somebody got, and the secrets that it was meant to hand over. */
interface Fetched {
  readonly what: string;
  readonly body: string;
  readonly meant: readonly string[];
}

const canaries = new Canaries();
const keep = (what: string, secret: string): string => canaries.keep(what, secret);
const fetched: Fetched[] = [];
let server: RunningServer;
let adminToken: string;

/** Of a kind that no encoding leaves as it is. */
const drawn = (what: string): string => keep(what, `cänary ${what} ${randomBytes(9).toString("base64url")}+/&="`);
/** For places that take only such. */
const plain = (what: string): string => keep(what, `canary-${randomBytes(16).toString("hex")}`);

beforeAll(async () => {
  adminToken = plain("admin token");
  const webhookSecret = keep("webhook secret", randomBytes(32).toString("base64"));
  server = await startServer({
    environment: {
      LOG_LEVEL: "trace",
      OAUTH_SECRET: keep("server secret", randomBytes(32).toString("base64url")),
      OAUTH_ADMIN_TOKEN: adminToken,
      OAUTH_WEBHOOK_URL: "http://127.0.0.1:9/hook",
      OAUTH_WEBHOOK_SECRET: `whsec_${webhookSecret}`,
      SMTP_URL: `smtp://notes:${plain("mail password")}@127.0.0.1:9`,
      SMTP_FROM: "notes@example.com",
    },
  });
  await life();
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
    expect(fetched.length).toBeGreaterThan(40);
    for (const { what, body, meant } of fetched)
      expect(
        canaries.foundIn(body).filter((name) => !meant.includes(name)),
        what,
      ).toEqual([]);
    // Whatever was meant to be handed over was.
    for (const { what, body, meant } of fetched) expect(canaries.foundIn(body), what).toEqual(expect.arrayContaining([...meant]));
  });
});

/** Everything that anybody does with secrets, and what they do with them by mistake. */
async function life(): Promise<void> {
  const ada = await people();
  const app = await connecting(ada);
  const service = await services();
  await signingService();
  await mistakesAtTheTokenEndpoint(app, service);
  await mistakesInRequests(ada, app);
  await mistakesInPaths(ada);
  await mistakesAtRegistration();
}

async function got(what: string, answer: Response | Page, ...meant: readonly string[]): Promise<string> {
  const text = answer instanceof Response ? await answer.text() : answer.html;
  const headers = [...answer.headers].filter(([name]) => name !== "set-cookie").map((header) => header.join(": "));
  fetched.push({ what: `${what}: ${answer.status}`, body: `${headers.join("\n")}\n\n${text}`, meant });
  return text;
}

const post = (path: string, form: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${server.origin}${path}`, { method: "POST", headers: { ...formHeaders, ...headers }, body: new URLSearchParams(form) });

const basic = (id: string, secret: string): Record<string, string> => ({
  authorization: `Basic ${btoa(new URLSearchParams({ [id]: secret }).toString().replace("=", ":"))}`,
});

async function people(): Promise<Person> {
  const password = drawn("password of ada");
  await server.command(["users", "add", "ada@example.com", "--password-stdin"], password);
  const [ada, grace] = [new Person(server.origin), new Person(server.origin)];
  const account = { email: "grace@example.com", password: drawn("password of grace") };
  await got("signed up", await grace.submit(await grace.open("/sign_up"), "/sign_up", account));
  await got("signed up again", await ada.submit(await ada.open("/sign_up"), "/sign_up", { ...account, password: drawn("other password") }));
  await got("wrong password", await ada.signIn("ada@example.com", drawn("wrong password")));
  const name = "password in the field for e-mail";
  await got(name, await ada.signIn(plain(name), drawn("what came with it")), name);
  await got("signed in", await ada.signIn("ada@example.com", password));
  keepSession("session of ada", ada);
  keepSession("session of grace", grace);
  return ada;
}

function keepSession(what: string, { cookies }: Person): void {
  const session = /vouchsafe-session=([^;]+)/.exec(cookies)?.[1];
  keep(what, session ?? "");
}

async function connecting(ada: Person): Promise<App> {
  const metadata = {
    client_name: "Canary Photo Printer",
    redirect_uris: ["http://127.0.0.1/callback"],
    token_endpoint_auth_method: "none",
  };
  const registered = await register({ ...metadata, grant_types: ["authorization_code", "refresh_token"] });
  const { client_id: id, registration_access_token: management } = JSON.parse(registered.text) as Record<string, string>;
  keep("registration access token", management ?? "");
  await got("registered", registered.response, "registration access token");
  const reading = { authorization: `Bearer ${management}` };
  await got("registration", await fetch(`${server.origin}/oauth/register/${id}`, { headers: reading }), "registration access token");
  const app = new App(server, id ?? "");
  keep("verifier", app.verifier);
  const consent = await ada.open(app.request({ state: plain("state") }));
  await got("consent", consent, "state");
  const done = await ada.submit(consent, "/oauth/authorize", { scope: ["read"], decision: "allow" });
  const code = keep("code", done.leadsTo().searchParams.get("code") ?? "");
  await got("done", done, "code", "state");
  await got(
    "wrong verifier",
    await app.redeem(code, { code_verifier: keep("wrong verifier", `canary-${randomBytes(24).toString("hex")}`) }),
  );
  const first = await tokensOf("first", await app.redeem(code));
  const second = await tokensOf("second", await app.refresh(first.refresh_token));
  await got("again", await app.refresh(first.refresh_token), "access token: second", "refresh token: second");
  await got("notes", await app.notes(second.access_token));
  await personalToken(ada);
  await introspecting(second.access_token);
  for (const path of ["/my/connected_apps", "/my/access_tokens", "/my/password", "/"]) await got(path, await ada.open(path));
  await got("revoked", await app.revoke(second.refresh_token));
  await got("too late", await app.refresh(second.refresh_token));
  await got("replayed", await app.redeem(code));
  return app;
}

async function register(metadata: Record<string, unknown>): Promise<{ response: Response; text: string }> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${server.origin}/oauth/register`, { method: "POST", headers, body: JSON.stringify(metadata) });
  const text = await response.clone().text();
  return { response, text };
}

async function tokensOf(what: string, response: Response): Promise<Tokens> {
  const tokens = (await response.clone().json()) as Tokens;
  keep(`access token: ${what}`, tokens.access_token);
  keep(`refresh token: ${what}`, tokens.refresh_token);
  await got(what, response, `access token: ${what}`, `refresh token: ${what}`);
  return tokens;
}

async function personalToken(ada: Person): Promise<void> {
  const body = JSON.stringify({ name: "Backup", scopes: ["read"], ends: "7d" });
  const headers = { "content-type": "application/json", accept: "application/json", origin: server.origin };
  const response = await ada.send("/my/access_tokens", { method: "POST", headers, body });
  const { token } = (await response.clone().json()) as { readonly token: string };
  keep("personal token", token);
  await got("personal token", response, "personal token");
  await got("notes", await fetch(`${server.origin}/api/notes`, { headers: { authorization: `Bearer ${token}` } }));
}

async function introspecting(token: string): Promise<void> {
  const flags = ["--name", "Notes API", "--confidential", "--grant-type", "client_credentials"];
  const { client_id, client_secret } = await createClient(server, [...flags, "--resource-server", `${server.origin}/api/notes`]);
  keep("secret of the API", client_secret);
  const introspected = await got("introspected", await post("/oauth/introspect", { token }, basic(client_id, client_secret)));
  expect(introspected).toContain('"active":true');
  await got("introspected by nobody", await post("/oauth/introspect", { token }));
}

/** Clients that act for themselves, with their secrets where they belong, and with wrong ones. Gives what the last of them sends. */
async function services(): Promise<Record<string, string>> {
  const grant = { grant_type: "client_credentials", scope: "read" };
  const flags = ["--name", "Night Backup", "--grant-type", "client_credentials", "--auth-method"];
  const byBasic = await createClient(server, [...flags, "client_secret_basic"]);
  const byPost = await createClient(server, [...flags, "client_secret_post"]);
  keep("secret by Basic", byBasic.client_secret);
  keep("secret in the form", byPost.client_secret);
  await serve("by Basic", (secret = byBasic.client_secret) => post("/oauth/token", grant, basic(byBasic.client_id, secret)));
  await serve("in the form", (secret) => post("/oauth/token", { ...grant, ...byPost, ...(secret && { client_secret: secret }) }));
  return { ...byPost };
}

async function serve(what: string, ask: (secret?: string) => Promise<Response>): Promise<void> {
  const response = await ask();
  keep(`token ${what}`, ((await response.clone().json()) as Tokens).access_token);
  await got(what, response, `token ${what}`);
  await got(`wrong secret ${what}`, await ask(drawn(`wrong secret ${what}`)));
}

async function signingService(): Promise<void> {
  const { privateJwk, jwks, kid } = await makeKey("ES256");
  keep("private key", String(privateJwk["d"]));
  const flags = ["--name", "Signer", "--auth-method", "private_key_jwt", "--jwks", "-", "--grant-type", "client_credentials"];
  const { client_id } = await createClient(server, flags, jwks);
  const assertion = await new SignJWT({ iss: client_id, sub: client_id, aud: server.origin, jti: plain("assertion's id") })
    .setProtectedHeader({ alg: "ES256", kid })
    .setIssuedAt()
    .setExpirationTime("60s")
    .sign(await importJWK(privateJwk, "ES256"));
  keep("assertion", assertion);
  const type = { client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", client_assertion: assertion };
  const response = await post("/oauth/token", { grant_type: "client_credentials", scope: "read", ...type });
  keep("token by assertion", ((await response.clone().json()) as Tokens).access_token);
  await got("assertion", response, "token by assertion");
  await got("assertion again", await post("/oauth/token", { grant_type: "client_credentials", ...type }));
  const both = { keys: [{ ...privateJwk, d: keep("private key sent to us", randomBytes(32).toString("base64url")), kid }] };
  const metadata = { redirect_uris: ["https://printer.example/callback"], token_endpoint_auth_method: "private_key_jwt", jwks: both };
  await got("private key registered", (await register(metadata)).response);
}

/** What people and programs put where it does not belong. */
async function mistakesAtTheTokenEndpoint({ clientId }: App, service: Record<string, string>): Promise<void> {
  const ask = (form: Record<string, string>, headers?: Record<string, string>): Promise<Response> => post("/oauth/token", form, headers);
  const own = { grant_type: "client_credentials", ...service };
  const code = { grant_type: "authorization_code", client_id: clientId };
  const alone = { grant_type: "client_credentials" };
  const places: readonly (readonly [string, (secret: string) => Promise<Response>])[] = [
    ["client_id", (secret) => ask({ ...alone, client_id: secret, client_secret: drawn("secret beside it") })],
    ["user of Basic", (secret) => ask(alone, basic(secret, drawn("secret of that user")))],
    ["Bearer at the token endpoint", (secret) => ask(alone, { authorization: `Bearer ${encodeURIComponent(secret)}` })],
    ["another scheme", (secret) => ask(alone, { authorization: `Token ${encodeURIComponent(secret)}` })],
    ["no base64", (secret) => ask(alone, { authorization: `Basic ${encodeURIComponent(secret)}` })],
    ["grant_type", (secret) => ask({ ...own, grant_type: secret })],
    ["scope", (secret) => ask({ ...own, scope: secret })],
    ["one word of scope", (secret) => ask({ ...own, scope: `read ${encodeURIComponent(secret)}` })],
    ["resource", (secret) => ask({ ...own, resource: `https://${encodeURIComponent(secret)}.example` })],
    ["no URI as resource", (secret) => ask({ ...own, resource: secret })],
    ["name of a field", (secret) => ask({ ...code, [secret]: "x" })],
    ["twice", (secret) => fetch(`${server.origin}/oauth/token`, { method: "POST", headers: formHeaders, body: twice("code", secret) })],
    ["unknown code", (secret) => ask({ ...code, code: secret, code_verifier: "v".repeat(43) })],
    ["malformed verifier", (secret) => ask({ ...code, code: "x", code_verifier: secret })],
    ["unknown refresh token", (secret) => ask({ ...code, grant_type: "refresh_token", refresh_token: secret })],
    ["assertion", (secret) => ask({ ...alone, client_assertion: secret, client_assertion_type: drawn("type of assertion") })],
    ["query of the token endpoint", (secret) => post(`/oauth/token?client_secret=${encodeURIComponent(secret)}`, alone)],
    ["revoked by nobody", (secret) => post("/oauth/revoke", { token: secret })],
    ["revoked", (secret) => post("/oauth/revoke", { token: secret, client_id: clientId, token_type_hint: drawn("hint") })],
    ["introspected", (secret) => post("/oauth/introspect", { token: secret, ...service })],
    ["another body", (secret) => ask({ secret }, { "content-type": "application/json", "x-secret": encodeURIComponent(secret) })],
  ];
  for (const [what, send] of places) await got(`mistake: ${what}`, await send(drawn(`in ${what}`)));
  // A wrong name is no reason to refuse.
  const named = await ask({ ...own, password: drawn("password"), secret: drawn("secret"), token: drawn("token") });
  keep("token despite wrong names", ((await named.clone().json()) as Tokens).access_token);
  await got("wrong names", named, "token despite wrong names");
}

const twice = (name: string, value: string): URLSearchParams =>
  new URLSearchParams([
    ["grant_type", "authorization_code"],
    [name, value],
    [name, value],
  ]);

/** In authorization requests that are otherwise good, opened and pushed. */
async function mistakesInRequests(ada: Person, app: App): Promise<void> {
  const push = (form: Record<string, string>): Promise<Response> =>
    post("/oauth/par", { ...Object.fromEntries(new URL(app.request(), server.origin).searchParams), ...form });
  for (const name of ["scope", "resource", "response_type", "code_challenge", "code_challenge_method", "max_age", "request_uri"]) {
    await got(`opened: ${name}`, await ada.send(app.request({ [name]: drawn(`as ${name}`) })));
    await got(`pushed: ${name}`, await push({ [name]: drawn(`pushed as ${name}`) }));
  }
  for (const name of ["password", "client_secret", "code_verifier", "access_token"]) {
    await got(`opened: ${name}`, await ada.open(app.request({ [name]: drawn(`as ${name}`) })));
    const pushed = await got(`pushed: ${name}`, await push({ [name]: drawn(`pushed as ${name}`) }));
    if (name !== "client_secret") expect(pushed).toContain("request_uri");
  }
  // The page shows the person the address with which they came.
  const redirect = "in a redirect URI";
  await got(redirect, await ada.send(app.request({ redirect_uri: `https://printer.example/?token=${plain(redirect)}` })), redirect);
}

async function mistakesInPaths(ada: Person): Promise<void> {
  const paths: readonly ((secret: string) => string)[] = [
    (secret) => `/oauth/register/${secret}`,
    (secret) => `/my/connected_apps/${secret}`,
    (secret) => `/my/connected_apps/${secret}/disconnect`,
    (secret) => `/nothing/${secret}?token=${secret}`,
    (secret) => `/healthz?token=${secret}`,
    (secret) => `/metrics?token=${secret}`,
    (secret) => `/api/notes?access_token=${secret}`,
    (secret) => `/oauth/authorize?client_id=${secret}&response_type=code&state=${secret}`,
    (secret) => `/oauth/authorize?client_id=nobody&client_secret=${secret}&redirect_uri=https://printer.example/${secret}`,
    (secret) => `/oauth/done?r=${secret}`,
  ];
  for (const [index, at] of paths.entries()) {
    const path = at(plain(`in path ${index}`));
    const [page, headers] = [{ accept: "text/html" }, { authorization: `Bearer ${plain(`token ${index}`)}` }];
    await got(`mistake: ${path}`, await ada.send(path, { headers: page }));
    await got(`mistake: ${path}`, await fetch(`${server.origin}${path}`, { headers }));
  }
}

async function mistakesAtRegistration(): Promise<void> {
  const headers = { "content-type": "application/json" };
  const body = `{"client_name": ${drawn("in broken JSON")}`;
  await got("broken JSON", await fetch(`${server.origin}/oauth/register`, { method: "POST", headers, body }));
  const own = { client_secret: plain("own secret"), registration_access_token: plain("own token"), password: plain("own password") };
  const { response, text } = await register({ redirect_uris: ["https://printer.example/callback"], ...own });
  const made = JSON.parse(text) as Record<string, string>;
  keep("made secret", made["client_secret"] ?? "");
  keep("made token", made["registration_access_token"] ?? "");
  await got("registered with a secret of its own", response, "made secret", "made token");
  await got("unusable", (await register({ redirect_uris: [plain("as redirect URI")], scope: plain("as scope") })).response);
  await got("wrong types", (await register({ redirect_uris: 1, initial_access_token: plain("initial access token") })).response);
}
