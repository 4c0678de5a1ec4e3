import { type Person, redirectUriPolicy } from "../config.ts";
import type { Context } from "../context.ts";
import { type AuthorizationRequest, readAuthorizationRequest } from "../protocol/authorization-request.ts";
import { auditableClientId, type Client, settleRedirectUri } from "../protocol/client.ts";
import { OAuthError } from "../protocol/errors.ts";
import { type Parameters, parseParameters } from "../protocol/parameters.ts";
import { knownResources } from "../protocol/resource.ts";
import type { Scope } from "../protocol/scope.ts";

/** An authorization request that has been found in order, and who makes it. */
export interface Asked {
  /** As it arrived: it survives sign-in, and the consent form brings it back, as this text. */
  readonly query: string;
  readonly client: Client;
  readonly request: AuthorizationRequest;
  /** The scope that the client already has from this person, for these resources. */
  readonly held: Scope;
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
    ...auditableClientId(id),
    shownAs: { page: "unknown-client" },
  });
}

const withNothingHeld = (client: Client | undefined): { client: Client; held: Scope } | undefined => client && { client, held: [] };

/** Where sign-in leads back to: a path of ours, with the request as it came. */
export const returnTo = (query: string, { config }: Context): string => `${config.basePath}${config.paths.authorize}?${query}`;
