import { circumstances, type GrantType } from "../context.ts";
import { allowedResources, allowedScope } from "../protocol/authorization-request.ts";
import { type Client, isConfidential } from "../protocol/client.ts";
import { OAuthError } from "../protocol/errors.ts";
import { chooseAudience, requestedResources } from "../protocol/resource.ts";
import { difference, intersection, parseScope } from "../protocol/scope.ts";
import { hashSecret } from "../protocol/secret.ts";
import { tokenEnd } from "../protocol/token.ts";
import { mintAccessToken } from "./issuing.ts";

/** Client credentials grant: a service acts for itself. Every such token stands alone. OAuth 2.1 §4.2 */
export const clientCredentials: GrantType = {
  name: "client_credentials",
  redeem: async (form, client, context) => {
    requireConfidential(client);
    const { config, store, now } = context;
    const named = requestedResources(form.all("resource"), config.resources);
    const resources = allowedResources(client, named, config.resources);
    const audience = chooseAudience(
      resources.map(({ uri }) => uri),
      form.all("resource"),
      config.resources,
      config.issuer,
    );
    const allowed = allowedScope(client, resources, config.vocabulary);
    const requested = parseScope(form.get("scope") ?? "").filter((name) => name !== "offline_access");
    const scope =
      requested.length > 0 ? intersection([...config.vocabulary.keys()], requested) : intersection(config.defaultScope, allowed);
    if (scope.length === 0 || difference(requested, allowed).length > 0)
      throw new OAuthError("invalid_scope", "a requested scope is unknown or not allowed", { clientId: client.id });

    const expiresAt = tokenEnd(now, config.accessTokenLifetime, undefined);
    const accessToken = await mintAccessToken({ subject: client.id, clientId: client.id, scope, audience, expiresAt }, context);
    await store.issue(
      [
        {
          hash: hashSecret(accessToken),
          kind: "access",
          grantId: undefined,
          clientId: client.id,
          scope,
          audience,
          issuedAt: now,
          expiresAt,
        },
      ],
      { ...circumstances(context), type: "token.issued", grantType: "client_credentials", clientId: client.id, subject: client.id, scope },
      client.grantedAt === undefined ? client.id : undefined,
    );
    return { accessToken, scope, expiresAt, refreshToken: undefined };
  },
};

/** OAuth 2.1 §4.2: the grant type is for confidential clients alone; behind a document stands nobody who asked an operator. */
function requireConfidential(client: Client): void {
  if (!isConfidential(client) || client.origin === "document")
    throw new OAuthError("unauthorized_client", "client_credentials is for confidential clients that are registered", {
      clientId: client.id,
    });
}
