import { type Person, redirectUriPolicy } from "../config.ts";
import { belongToFlow, type Context, noteStep, type Services } from "../context.ts";
import { type AuthorizationRequest, readAuthorizationRequest, readClientlessRequest } from "../protocol/authorization-request.ts";
import { auditableClientId, identityOf, settleRedirectUri } from "../protocol/client.ts";
import { OAuthError } from "../protocol/errors.ts";
import { flowIdOfRequest } from "../protocol/flow.ts";
import { type Parameters, parseParameters } from "../protocol/parameters.ts";
import { type PushedRequest, pushedRequestId } from "../protocol/pushed-request.ts";
import { knownResources } from "../protocol/resource.ts";
import { type TrustTier, trustTier } from "../protocol/trust-tier.ts";
import type { ClientForSubject } from "../store/store.ts";
import { refuseImpersonation } from "./refuse-impersonation.ts";
import { renewDocument } from "./renew-document.ts";

/** How long a page about a request can be answered, in milliseconds. */
export const formLifetime = 600_000;

/** An authorization request that has been found in order, and who makes it. */
export interface Asked extends ClientForSubject {
  /** As it arrived: it survives sign-in, and the consent form brings it back, as this text. */
  readonly query: string;
  /** The id of a pushed request. */
  readonly pushedId: string | undefined;
  readonly request: AuthorizationRequest;
  readonly tier: TrustTier;
  /** Who the client is now: see `identityOf`. */
  readonly identity: string;
}

/**
 * Client and redirect URI first: until both are known to belong together there is nowhere to redirect to. From then on a
 * refusal goes to the client. OAuth 2.1 §4.1.2.1
 * @param isNew false for a request that has been shown already: its client's document is not fetched again
 */
export async function settleRequest(query: string, person: Person | undefined, context: Context, isNew = true): Promise<Asked> {
  const { config } = context;
  const sent = readQuery(query);
  const pushed = await openPushed(sent, context, isNew, context.flow);
  const parameters = pushed === undefined ? sent : readQuery(pushed.query);
  context.uiLocales = uiLocalesOf(parameters);
  const asking = await whoAsks(parameters, person, context, isNew);
  const { client } = asking;
  const redirectUri = settleRedirectUri(client, parameters.get("redirect_uri"), redirectUriPolicy(client, config));
  const tier = trustTier(client, redirectUri, config.trustedHosts);
  await refuseImpersonation(client, redirectUri, tier, context);
  context.answerTo = { redirectUri, state: parameters.get("state") };
  const request = readAuthorizationRequest(parameters, client, redirectUri, config);
  return { ...asking, query, pushedId: pushed?.id, request, tier, identity: identityOf(client) };
}

/** The parameters of an authorization request, from wherever they came. */
export const readQuery = (query: string): Parameters => parseParameters(query, ["resource"]);

/** The languages a request asks for. Where that cannot be read, the page is in the browser's; the refusal is another step's. */
export const uiLocalesOf = (parameters: Parameters): string => {
  try {
    return parameters.get("ui_locales") ?? "";
  } catch {
    return "";
  }
};

/**
 * What a `request_uri` of ours stands for. Beside it only `client_id` counts, which must be that of whoever pushed it.
 * RFC 9126 §4
 */
export async function openPushed(
  parameters: Parameters,
  { store, config }: Pick<Services, "store" | "config">,
  isNew = true,
  flow?: Context["flow"],
): Promise<(PushedRequest & { readonly isDecided: boolean }) | undefined> {
  const id = pushedRequestId(parameters.get("request_uri"));
  if (id === undefined) return undefined;
  const pushed = await store.pushedRequests.find(id);
  if (pushed === undefined) return refuseReference("the pushed request is unknown");
  if (flow !== undefined) flow.id = flowIdOfRequest(readQuery(pushed.query));
  // Whoever is looking at its page already has the time that every page gives.
  if (isNew && config.now() >= pushed.expiresAt) refuseReference("the pushed request has expired");
  if (isNew && pushed.isDecided) refuseReference("the pushed request was answered before");
  if (pushed.clientId !== parameters.require("client_id")) return refuseReference("the pushed request is another client's");
  return pushed;
}

function refuseReference(reason: string): never {
  throw new OAuthError("invalid_request_uri", reason, { shownAs: { page: "too-old" } });
}

/** @throws OAuthError `invalid_client`, on a page: nothing that was sent can be trusted */
async function whoAsks(parameters: Parameters, person: Person | undefined, context: Context, isNew: boolean): Promise<ClientForSubject> {
  const { store, config, now } = context;
  const id = parameters.require("client_id");
  const resources = knownResources(parameters.all("resource"), config.resources).map(({ uri }) => uri);
  const find = async (uris: readonly string[]): Promise<ClientForSubject | undefined> => {
    if (person !== undefined) return store.clientFor(id, person.id, uris, now);
    const client = await store.client(id);
    return client && { client, held: [], lastAgreed: undefined };
  };
  const known = await find(resources);
  if (known !== undefined) belongToFlow(context, flowIdOfRequest(parameters), known.client);
  const renewed = isNew && (await renewDocument(id, known?.client, () => readClientlessRequest(parameters, config), context));
  // A client that is tied to resources means these where it names none.
  const tied = resources.length === 0 && known !== undefined ? knownResources(known.client.resources, config.resources) : [];
  const found = renewed || tied.length > 0 ? await find(tied.length > 0 ? tied.map(({ uri }) => uri) : resources) : known;
  if (found !== undefined) {
    belongToFlow(context, flowIdOfRequest(parameters), found.client);
    if (isNew) noteStep(context, "requested");
  }
  if (found !== undefined && found.client.disabledAt === undefined) return found;
  throw new OAuthError("invalid_client", found === undefined ? "client is unknown" : "client is disabled", {
    status: 400,
    ...auditableClientId(id),
    shownAs: { page: "unknown-client" },
  });
}

/** Where sign-in leads back to: a path of ours, with the request as it came. */
export const returnTo = (query: string, { config }: Context): string => `${config.basePath}${config.paths.authorize}?${query}`;
