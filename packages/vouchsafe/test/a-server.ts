/** A server with a clock of its own, and the apps that use it. */

import { expect } from "vitest";
import type { ClientRequest } from "../src/admin.ts";
import type { AuditEvent } from "../src/audit.ts";
import type { AuthorizationServerOptions, Person } from "../src/config.ts";
import type { Client, ClientAuthMethod } from "../src/protocol/client.ts";
import { type AuthorizationServer, createAuthorizationServer } from "../src/server.ts";
import { type MemoryStore, memory } from "../src/store/memory/memory.ts";

export const issuer = "https://notes.example.com";
export const seconds = 1000;
export const minutes = 60 * seconds;
export const days = 1440 * minutes;

export interface Server {
  readonly issuer: string;
  readonly oauth: AuthorizationServer;
  readonly store: MemoryStore;
  readonly events: readonly AuditEvent[];
  readonly clock: { now: number };
  /** What the server reported as broken. */
  readonly errors: readonly unknown[];
}

const people: Readonly<Record<string, Person>> = {
  ada: { id: "ada", name: "Ada", email: "ada@example.com" },
  grace: { id: "grace", name: "Grace", email: "grace@example.com" },
};

/** Signed in is whom the cookie `session=ada.1` names; what follows the dot is the session. */
function signedIn(request: Request): Person | undefined {
  const [, name = "", sessionId] = /(?:^|; )session=(\w+)\.(\w+)/.exec(request.headers.get("cookie") ?? "") ?? [];
  const person = people[name];
  return person && { ...person, sessionId };
}

let emptyStore: () => MemoryStore = memory;

/** From here on, the servers of this test file keep what they know in stores of another kind. */
export function keepIn(stores: () => MemoryStore): void {
  emptyStore = stores;
}

export function aServer(options: Partial<AuthorizationServerOptions> = {}): Server {
  const store = (options.store as MemoryStore | undefined) ?? emptyStore();
  const clock = { now: 1_800_000_000_000 };
  const errors: unknown[] = [];
  const oauth = createAuthorizationServer<string>({
    issuer,
    secret: "a secret for tests, longer than 32 bytes",
    branding: { name: "Notes" },
    scopes: { read: "Read your notes", write: "Change your notes", share: "Share your notes" },
    signedIn,
    signInUrl: (returnTo, { prompt, loginHint }) =>
      `/sign_in?${new URLSearchParams({ returnTo, prompt: prompt ?? "", hint: loginHint ?? "" })}`,
    rateLimits: false,
    onError: (error) => errors.push(error),
    now: () => clock.now,
    ...options,
    store,
  });
  return { issuer: options.issuer ?? issuer, oauth, store, events: store.events, clock, errors };
}

/** What any endpoint may answer in JSON. */
export interface Answer {
  readonly error?: string;
  readonly error_description?: string;
  readonly access_token?: string;
  readonly refresh_token?: string;
  readonly token_type?: string;
  readonly expires_in?: number;
  readonly scope?: string;
  readonly client_id?: string;
  readonly client_secret?: string;
  readonly active?: boolean;
}

export const answerOf = async (response: Response): Promise<Answer> => (await response.json()) as Answer;

export type Fields = Readonly<Record<string, string | readonly string[] | undefined>>;
export type Headers = Readonly<Record<string, string>>;

export function formText(fields: Fields): string {
  const pairs = Object.entries(fields).flatMap(([name, value = []]) => [value].flat().map((one) => [name, one]));
  return new URLSearchParams(pairs).toString();
}

/** Where the tests' requests come from. */
const address = "203.0.113.7";

export const get = async (server: Server, path: string, headers: Headers = {}, from = address): Promise<Response> =>
  server.oauth.fetch(new Request(new URL(path, server.issuer), { headers }), { address: from });

export async function post(server: Server, path: string, body: Fields | string, headers: Headers = {}, from = address): Promise<Response> {
  const request = new Request(new URL(path, server.issuer), {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
    body: typeof body === "string" ? body : formText(body),
  });
  return server.oauth.fetch(request, { address: from });
}

/** RFC 7636 Appendix B */
export const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
export const challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

export interface App {
  readonly id: string;
  readonly secret: string;
  readonly method: ClientAuthMethod;
  readonly redirectUri: string;
}

export const register = async (server: Server, metadata: unknown, headers: Headers = {}): Promise<Response> =>
  post(server, "/oauth/register", JSON.stringify(metadata), { "content-type": "application/json", ...headers });

/** A public app on ada's computer that registered itself. */
export async function budgetApp(server: Server, metadata: Readonly<Record<string, unknown>> = {}): Promise<App> {
  const redirectUri = "http://127.0.0.1:4711/callback";
  const response = await register(server, {
    client_name: "Budget app",
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: "none",
    grant_types: ["authorization_code", "refresh_token"],
    ...metadata,
  });
  const { client_id: id, client_secret: secret = "", error } = await answerOf(response);
  if (id === undefined) throw new Error(`the budget app could not register: ${error}`);
  return { id, secret, method: "none", redirectUri };
}

/** A website with a secret that the operator made. */
export async function photoPrinter({ oauth }: Server, request: Partial<ClientRequest> = {}): Promise<App> {
  const redirectUri = "https://printer.example/callback";
  const scope = ["read", "write", "share"];
  const made = await oauth.admin.createClient({ name: "Photo printer", redirectUris: [redirectUri], scope, ...request });
  return { id: made.client.id, secret: made.secret ?? "", method: made.client.authMethod, redirectUri };
}

/** Changes what is kept of a client, as an operator's command would. */
export async function change({ store, clock }: Server, app: App, to: Partial<Client>): Promise<void> {
  const client = await store.client(app.id);
  if (client === undefined) throw new Error(`there is no ${app.id}`);
  const changed = { at: clock.now, type: "client.changed", clientId: app.id, by: "operator" } as const;
  await store.updateClient({ ...client, ...to }, changed);
  if ("disabledAt" in to) await store.disableClient(app.id, to.disabledAt, { ...changed, type: "client.disabled" });
}

export const basic = (id: string, secret: string): Headers => ({
  authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString("base64")}`,
});

/** A request of the app to an endpoint for programs, authenticated as it registered. */
export async function send(server: Server, app: App, path: string, fields: Fields): Promise<Response> {
  if (app.method === "client_secret_basic") return post(server, path, fields, basic(app.id, app.secret));
  const secret = app.method === "client_secret_post" ? { client_secret: app.secret } : {};
  return post(server, path, { client_id: app.id, ...secret, ...fields });
}

export const redeem = (server: Server, app: App, code: string, more: Fields = {}): Promise<Response> =>
  send(server, app, "/oauth/token", {
    grant_type: "authorization_code",
    code,
    code_verifier: verifier,
    redirect_uri: app.redirectUri,
    ...more,
  });

export const refresh = (server: Server, app: App, token: string, more: Fields = {}): Promise<Response> =>
  send(server, app, "/oauth/token", { grant_type: "refresh_token", refresh_token: token, ...more });

export const revoke = (server: Server, app: App, token: string): Promise<Response> => send(server, app, "/oauth/revoke", { token });

/** Removes what nobody can need any more, as a server does every minute. */
export const sweep = ({ store, clock: { now } }: Server): Promise<unknown> =>
  store.sweep({ now, answersBefore: now - minutes, unusedClientsBefore: now - 30 * days, pushedRequestsBefore: now - 10 * minutes });

/** What the guarded API says to the token: 200 where it lets it in. */
export async function statusAtApi(server: Server, token: string, path = "/api/notes"): Promise<number> {
  const access = await server.oauth.authenticate(
    new Request(new URL(path, server.issuer), { headers: { authorization: `Bearer ${token}` } }),
  );
  return access instanceof Response ? access.status : 200;
}

/** The newest event of a type. */
export function lastEvent<Type extends AuditEvent["type"]>({ events }: Server, type: Type): (AuditEvent & { type: Type }) | undefined {
  return events.findLast((event): event is AuditEvent & { type: Type } => event.type === type);
}

/** The private reason of the newest refusal. */
export function lastReason({ events }: Server): string | undefined {
  const refused = events.findLast((event) => "reason" in event);
  return refused && "reason" in refused ? refused.reason : undefined;
}

/** Any text of this shape, for an expected value. */
export const like = (shape: RegExp): unknown => expect.stringMatching(shape);
