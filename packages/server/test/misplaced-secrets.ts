/** Secrets where they do not belong: as people and programs put them there by mistake. */
import { expect } from "vitest";
import { type App, formHeaders, type Tokens } from "./app.ts";
import type { Person } from "./person.ts";
import { basic, type SecretHunt } from "./secret-hunt.ts";

export async function mistakesAtTheTokenEndpoint(hunt: SecretHunt, { clientId }: App, service: Record<string, string>): Promise<void> {
  const ask = (form: Record<string, string>, headers?: Record<string, string>): Promise<Response> =>
    hunt.post("/oauth/token", form, headers);
  const own = { grant_type: "client_credentials", ...service };
  const code = { grant_type: "authorization_code", client_id: clientId };
  const alone = { grant_type: "client_credentials" };
  const places: readonly (readonly [string, (secret: string) => Promise<Response>])[] = [
    ["client_id", (secret) => ask({ ...alone, client_id: secret, client_secret: hunt.drawn("secret beside it") })],
    ["user of Basic", (secret) => ask(alone, basic(secret, hunt.drawn("secret of that user")))],
    ["Bearer at the token endpoint", (secret) => ask(alone, { authorization: `Bearer ${encodeURIComponent(secret)}` })],
    ["another scheme", (secret) => ask(alone, { authorization: `Token ${encodeURIComponent(secret)}` })],
    ["no base64", (secret) => ask(alone, { authorization: `Basic ${encodeURIComponent(secret)}` })],
    ["grant_type", (secret) => ask({ ...own, grant_type: secret })],
    ["scope", (secret) => ask({ ...own, scope: secret })],
    ["one word of scope", (secret) => ask({ ...own, scope: `read ${encodeURIComponent(secret)}` })],
    ["resource", (secret) => ask({ ...own, resource: `https://${encodeURIComponent(secret)}.example` })],
    ["no URI as resource", (secret) => ask({ ...own, resource: secret })],
    ["name of a field", (secret) => ask({ ...code, [secret]: "x" })],
    [
      "twice",
      (secret) => fetch(`${hunt.server.origin}/oauth/token`, { method: "POST", headers: formHeaders, body: twice("code", secret) }),
    ],
    ["unknown code", (secret) => ask({ ...code, code: secret, code_verifier: "v".repeat(43) })],
    ["malformed verifier", (secret) => ask({ ...code, code: "x", code_verifier: secret })],
    ["unknown refresh token", (secret) => ask({ ...code, grant_type: "refresh_token", refresh_token: secret })],
    ["assertion", (secret) => ask({ ...alone, client_assertion: secret, client_assertion_type: hunt.drawn("type of assertion") })],
    ["query of the token endpoint", (secret) => hunt.post(`/oauth/token?client_secret=${encodeURIComponent(secret)}`, alone)],
    ["revoked by nobody", (secret) => hunt.post("/oauth/revoke", { token: secret })],
    ["revoked", (secret) => hunt.post("/oauth/revoke", { token: secret, client_id: clientId, token_type_hint: hunt.drawn("hint") })],
    ["introspected", (secret) => hunt.post("/oauth/introspect", { token: secret, ...service })],
    ["another body", (secret) => ask({ secret }, { "content-type": "application/json", "x-secret": encodeURIComponent(secret) })],
  ];
  for (const [what, send] of places) await hunt.got(`mistake: ${what}`, await send(hunt.drawn(`in ${what}`)));
  // A wrong name is no reason to refuse.
  const named = await ask({ ...own, password: hunt.drawn("password"), secret: hunt.drawn("secret"), token: hunt.drawn("token") });
  hunt.keep("token despite wrong names", ((await named.clone().json()) as Tokens).access_token);
  await hunt.got("wrong names", named, "token despite wrong names");
}

const twice = (name: string, value: string): URLSearchParams =>
  new URLSearchParams([
    ["grant_type", "authorization_code"],
    [name, value],
    [name, value],
  ]);

/** In authorization requests that are otherwise good, opened and pushed. */
export async function mistakesInRequests(hunt: SecretHunt, ada: Person, app: App): Promise<void> {
  const push = (form: Record<string, string>): Promise<Response> =>
    hunt.post("/oauth/par", { ...Object.fromEntries(new URL(app.request(), hunt.server.origin).searchParams), ...form });
  for (const name of ["scope", "resource", "response_type", "code_challenge", "code_challenge_method", "max_age", "request_uri"]) {
    await hunt.got(`opened: ${name}`, await ada.send(app.request({ [name]: hunt.drawn(`as ${name}`) })));
    await hunt.got(`pushed: ${name}`, await push({ [name]: hunt.drawn(`pushed as ${name}`) }));
  }
  for (const name of ["password", "client_secret", "code_verifier", "access_token"]) {
    await hunt.got(`opened: ${name}`, await ada.open(app.request({ [name]: hunt.drawn(`as ${name}`) })));
    const pushed = await hunt.got(`pushed: ${name}`, await push({ [name]: hunt.drawn(`pushed as ${name}`) }));
    if (name !== "client_secret") expect(pushed).toContain("request_uri");
  }
  // The page shows the person the address with which they came.
  const redirect = "in a redirect URI";
  await hunt.got(
    redirect,
    await ada.send(app.request({ redirect_uri: `https://printer.example/?token=${hunt.plain(redirect)}` })),
    redirect,
  );
}

export async function mistakesInPaths(hunt: SecretHunt, ada: Person): Promise<void> {
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
    const path = at(hunt.plain(`in path ${index}`));
    const [page, headers] = [{ accept: "text/html" }, { authorization: `Bearer ${hunt.plain(`token ${index}`)}` }];
    await hunt.got(`mistake: ${path}`, await ada.send(path, { headers: page }));
    await hunt.got(`mistake: ${path}`, await fetch(`${hunt.server.origin}${path}`, { headers }));
  }
}

export async function mistakesAtRegistration(hunt: SecretHunt): Promise<void> {
  const headers = { "content-type": "application/json" };
  const body = `{"client_name": ${hunt.drawn("in broken JSON")}`;
  await hunt.got("broken JSON", await fetch(`${hunt.server.origin}/oauth/register`, { method: "POST", headers, body }));
  const own = {
    client_secret: hunt.plain("own secret"),
    registration_access_token: hunt.plain("own token"),
    password: hunt.plain("own password"),
  };
  const { response, text } = await hunt.register({ redirect_uris: ["https://printer.example/callback"], ...own });
  const made = JSON.parse(text) as Record<string, string>;
  hunt.keep("made secret", made["client_secret"] ?? "");
  hunt.keep("made token", made["registration_access_token"] ?? "");
  await hunt.got("registered with a secret of its own", response, "made secret", "made token");
  await hunt.got(
    "unusable",
    (await hunt.register({ redirect_uris: [hunt.plain("as redirect URI")], scope: hunt.plain("as scope") })).response,
  );
  await hunt.got(
    "wrong types",
    (await hunt.register({ redirect_uris: 1, initial_access_token: hunt.plain("initial access token") })).response,
  );
}
