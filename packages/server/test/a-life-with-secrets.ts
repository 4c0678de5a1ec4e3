import { randomBytes } from "node:crypto";
import { importJWK, SignJWT } from "jose";
import { expect } from "vitest";
import { App, type Tokens } from "./app.ts";
import { createClient } from "./interop/operator-client.ts";
import { makeKey } from "./interop/signing-key.ts";
import { mistakesAtRegistration, mistakesAtTheTokenEndpoint, mistakesInPaths, mistakesInRequests } from "./misplaced-secrets.ts";
import { Person } from "./person.ts";
import { basic, type SecretHunt } from "./secret-hunt.ts";

/** Everything that anybody does with secrets, and what they do with them by mistake. */
export async function live(hunt: SecretHunt): Promise<void> {
  const ada = await people(hunt);
  const app = await connecting(hunt, ada);
  const service = await services(hunt);
  await signingService(hunt);
  await mistakesAtTheTokenEndpoint(hunt, app, service);
  await mistakesInRequests(hunt, ada, app);
  await mistakesInPaths(hunt, ada);
  await mistakesAtRegistration(hunt);
}

async function people(hunt: SecretHunt): Promise<Person> {
  const password = hunt.drawn("password of ada");
  await hunt.server.command(["users", "add", "ada@example.com", "--password-stdin"], password);
  const [ada, grace] = [new Person(hunt.server.origin), new Person(hunt.server.origin)];
  const account = { email: "grace@example.com", password: hunt.drawn("password of grace") };
  await hunt.got("signed up", await grace.submit(await grace.open("/sign_up"), "/sign_up", account));
  await hunt.got(
    "signed up again",
    await ada.submit(await ada.open("/sign_up"), "/sign_up", { ...account, password: hunt.drawn("other password") }),
  );
  await hunt.got("wrong password", await ada.signIn("ada@example.com", hunt.drawn("wrong password")));
  const name = "password in the field for e-mail";
  await hunt.got(name, await ada.signIn(hunt.plain(name), hunt.drawn("what came with it")), name);
  await hunt.got("signed in", await ada.signIn("ada@example.com", password));
  keepSession(hunt, "session of ada", ada);
  keepSession(hunt, "session of grace", grace);
  return ada;
}

function keepSession(hunt: SecretHunt, what: string, { cookies }: Person): void {
  const session = /vouchsafe-session=([^;]+)/.exec(cookies)?.[1];
  hunt.keep(what, session ?? "");
}

async function connecting(hunt: SecretHunt, ada: Person): Promise<App> {
  const metadata = {
    client_name: "Canary Photo Printer",
    redirect_uris: ["http://127.0.0.1/callback"],
    token_endpoint_auth_method: "none",
  };
  const registered = await hunt.register({ ...metadata, grant_types: ["authorization_code", "refresh_token"] });
  const { client_id: id, registration_access_token: management } = JSON.parse(registered.text) as Record<string, string>;
  hunt.keep("registration access token", management ?? "");
  await hunt.got("registered", registered.response, "registration access token");
  const reading = { authorization: `Bearer ${management}` };
  await hunt.got(
    "registration",
    await fetch(`${hunt.server.origin}/oauth/register/${id}`, { headers: reading }),
    "registration access token",
  );
  const app = new App(hunt.server, id ?? "");
  hunt.keep("verifier", app.verifier);
  const consent = await ada.open(app.request({ state: hunt.plain("state") }));
  await hunt.got("consent", consent, "state");
  const done = await ada.submit(consent, "/oauth/authorize", { scope: ["read"], decision: "allow" });
  const code = hunt.keep("code", done.leadsTo().searchParams.get("code") ?? "");
  await hunt.got("done", done, "code", "state");
  await hunt.got(
    "wrong verifier",
    await app.redeem(code, { code_verifier: hunt.keep("wrong verifier", `canary-${randomBytes(24).toString("hex")}`) }),
  );
  const first = await tokensOf(hunt, "first", await app.redeem(code));
  const second = await tokensOf(hunt, "second", await app.refresh(first.refresh_token));
  await hunt.got("again", await app.refresh(first.refresh_token), "access token: second", "refresh token: second");
  await hunt.got("notes", await app.notes(second.access_token));
  await personalToken(hunt, ada);
  await introspecting(hunt, second.access_token);
  for (const path of ["/my/connected_apps", "/my/access_tokens", "/my/password", "/"]) await hunt.got(path, await ada.open(path));
  await hunt.got("revoked", await app.revoke(second.refresh_token));
  await hunt.got("too late", await app.refresh(second.refresh_token));
  await hunt.got("replayed", await app.redeem(code));
  return app;
}

async function tokensOf(hunt: SecretHunt, what: string, response: Response): Promise<Tokens> {
  const tokens = (await response.clone().json()) as Tokens;
  hunt.keep(`access token: ${what}`, tokens.access_token);
  hunt.keep(`refresh token: ${what}`, tokens.refresh_token);
  await hunt.got(what, response, `access token: ${what}`, `refresh token: ${what}`);
  return tokens;
}

async function personalToken(hunt: SecretHunt, ada: Person): Promise<void> {
  const body = JSON.stringify({ name: "Backup", scopes: ["read"], ends: "7d" });
  const headers = { "content-type": "application/json", accept: "application/json", origin: hunt.server.origin };
  const response = await ada.send("/my/access_tokens", { method: "POST", headers, body });
  const { token } = (await response.clone().json()) as { readonly token: string };
  hunt.keep("personal token", token);
  await hunt.got("personal token", response, "personal token");
  await hunt.got("notes", await fetch(`${hunt.server.origin}/api/notes`, { headers: { authorization: `Bearer ${token}` } }));
}

async function introspecting(hunt: SecretHunt, token: string): Promise<void> {
  const flags = ["--name", "Notes API", "--confidential", "--grant-type", "client_credentials"];
  const { client_id, client_secret } = await createClient(hunt.server, [...flags, "--resource-server", `${hunt.server.origin}/api/notes`]);
  hunt.keep("secret of the API", client_secret);
  const introspected = await hunt.got("introspected", await hunt.post("/oauth/introspect", { token }, basic(client_id, client_secret)));
  expect(introspected).toContain('"active":true');
  await hunt.got("introspected by nobody", await hunt.post("/oauth/introspect", { token }));
}

/** Clients that act for themselves, with their secrets where they belong, and with wrong ones. Gives what the last of them sends. */
async function services(hunt: SecretHunt): Promise<Record<string, string>> {
  const grant = { grant_type: "client_credentials", scope: "read" };
  const flags = ["--name", "Night Backup", "--grant-type", "client_credentials", "--auth-method"];
  const byBasic = await createClient(hunt.server, [...flags, "client_secret_basic"]);
  const byPost = await createClient(hunt.server, [...flags, "client_secret_post"]);
  hunt.keep("secret by Basic", byBasic.client_secret);
  hunt.keep("secret in the form", byPost.client_secret);
  await serve(hunt, "by Basic", (secret = byBasic.client_secret) => hunt.post("/oauth/token", grant, basic(byBasic.client_id, secret)));
  await serve(hunt, "in the form", (secret) =>
    hunt.post("/oauth/token", { ...grant, ...byPost, ...(secret && { client_secret: secret }) }),
  );
  return { ...byPost };
}

async function serve(hunt: SecretHunt, what: string, ask: (secret?: string) => Promise<Response>): Promise<void> {
  const response = await ask();
  hunt.keep(`token ${what}`, ((await response.clone().json()) as Tokens).access_token);
  await hunt.got(what, response, `token ${what}`);
  await hunt.got(`wrong secret ${what}`, await ask(hunt.drawn(`wrong secret ${what}`)));
}

async function signingService(hunt: SecretHunt): Promise<void> {
  const { privateJwk, jwks, kid } = await makeKey("ES256");
  hunt.keep("private key", String(privateJwk["d"]));
  const flags = ["--name", "Signer", "--auth-method", "private_key_jwt", "--jwks", "-", "--grant-type", "client_credentials"];
  const { client_id } = await createClient(hunt.server, flags, jwks);
  const assertion = await new SignJWT({ iss: client_id, sub: client_id, aud: hunt.server.origin, jti: hunt.plain("assertion's id") })
    .setProtectedHeader({ alg: "ES256", kid })
    .setIssuedAt()
    .setExpirationTime("60s")
    .sign(await importJWK(privateJwk, "ES256"));
  hunt.keep("assertion", assertion);
  const type = { client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", client_assertion: assertion };
  const response = await hunt.post("/oauth/token", { grant_type: "client_credentials", scope: "read", ...type });
  hunt.keep("token by assertion", ((await response.clone().json()) as Tokens).access_token);
  await hunt.got("assertion", response, "token by assertion");
  await hunt.got("assertion again", await hunt.post("/oauth/token", { grant_type: "client_credentials", ...type }));
  const both = { keys: [{ ...privateJwk, d: hunt.keep("private key sent to us", randomBytes(32).toString("base64url")), kid }] };
  const metadata = { redirect_uris: ["https://printer.example/callback"], token_endpoint_auth_method: "private_key_jwt", jwks: both };
  await hunt.got("private key registered", (await hunt.register(metadata)).response);
}
