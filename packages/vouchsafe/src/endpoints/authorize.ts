import type { Person } from "../config.ts";
import { redirectUriPolicy } from "../config.ts";
import type { Context, Endpoint } from "../context.ts";
import { readFormText } from "../http/form.ts";
import { redirect } from "../http/responses.ts";
import { type AuthorizationRequest, readAuthorizationRequest } from "../protocol/authorization-request.ts";
import { type Client, settleRedirectUri } from "../protocol/client.ts";
import { OAuthError } from "../protocol/errors.ts";
import { type Parameters, parseParameters } from "../protocol/parameters.ts";
import { knownResources } from "../protocol/resource.ts";
import type { Scope } from "../protocol/scope.ts";
import { showConsent } from "./consent.ts";
import { decide } from "./decide.ts";

/** An authorization request that has been found in order, and who makes it. */
export interface Asked {
  /** As it arrived: it survives sign-in, and the consent form brings it back, as this text. */
  readonly query: string;
  readonly client: Client;
  readonly request: AuthorizationRequest;
  /** The scope that the client already has from this person, for these resources. */
  readonly held: Scope;
}

/** Authorization endpoint. OAuth 2.1 §3.1, §4.1.1 */
export const authorize: Endpoint = async (request, context) => {
  if (request.method !== "POST") return ask(queryOf(request.url), request, context);
  const body = await readFormText(request);
  if (/(?:^|&)decision=/.test(body)) return decide(body, request, context);
  return ask([queryOf(request.url), body].filter((part) => part !== "").join("&"), request, context);
};

const queryOf = (url: string): string => {
  const at = url.indexOf("?");
  return at < 0 ? "" : url.slice(at + 1);
};

/** Asks the person, once the request is in order and they are signed in. */
export async function ask(query: string, request: Request, context: Context): Promise<Response> {
  const person = await context.config.signedIn(request);
  if (person !== undefined) await limitRequests(person, context);
  const asked = await settleRequest(query, person, context);
  const silent = asked.request.prompt.includes("none");
  if (person === undefined) {
    if (silent) throw new OAuthError("login_required", "prompt none, and nobody is signed in");
    return redirect(context.config.signInUrl(returnTo(query, context), hintsOf(query)), {}, request.method === "POST" ? 303 : 302);
  }
  if (silent) throw new OAuthError("consent_required", "prompt none, and consent is asked every time");
  return showConsent(asked, person, request, context);
}

/**
 * Client and redirect URI first: until both are known to belong together there is nowhere to redirect to. From then on a
 * refusal goes to the client. OAuth 2.1 §4.1.2.1
 */
export async function settleRequest(query: string, person: Person | undefined, context: Context): Promise<Asked> {
  const { config } = context;
  const parameters = parseParameters(query, ["resource"]);
  const { client, held } = await findClient(parameters, person, context);
  const redirectUri = settleRedirectUri(client, parameters.get("redirect_uri"), redirectUriPolicy(client, config));
  context.answerTo = { redirectUri, state: parameters.get("state") };
  return { query, client, held, request: readAuthorizationRequest(parameters, client, redirectUri, config) };
}

/** @throws OAuthError `invalid_client`, on a page: nothing that was sent can be trusted */
async function findClient(
  parameters: Parameters,
  person: Person | undefined,
  { store, config, now }: Context,
): Promise<{ client: Client; held: Scope }> {
  const id = parameters.require("client_id");
  const resources = knownResources(parameters.all("resource"), config.resources).map(({ uri }) => uri);
  const found = person === undefined ? withNothingHeld(await store.client(id)) : await store.clientFor(id, person.id, resources, now);
  if (found !== undefined && found.client.disabledAt === undefined) return found;
  throw new OAuthError("invalid_client", found === undefined ? "client is unknown" : "client is disabled", {
    status: 400,
    clientId: id.slice(0, 200),
    shownAs: { page: "unknown-client" },
  });
}

const withNothingHeld = (client: Client | undefined): { client: Client; held: Scope } | undefined => client && { client, held: [] };

async function limitRequests(person: Person, { limits }: Context): Promise<void> {
  const wait = await limits.authorize.count(person.id);
  if (wait !== undefined) throw new OAuthError("slow_down", "too many authorization requests of one person", { retryAfter: wait });
}

/** Where sign-in leads back to: a path of ours, with the request as it came. */
export const returnTo = (query: string, { config }: Context): string => `${config.basePath}${config.paths.authorize}?${query}`;

/** For a prefilled sign-in form. OpenID Connect Core §3.1.2.1 */
function hintsOf(query: string): { loginHint?: string } {
  const loginHint = new URLSearchParams(query).get("login_hint");
  return loginHint === null ? {} : { loginHint };
}
