import { circumstances, type GrantType } from "../context.ts";
import { allowedScope } from "../protocol/authorization-request.ts";
import { type Client, isConfidential } from "../protocol/client.ts";
import { OAuthError } from "../protocol/errors.ts";
import { chooseAudience, requestedResources } from "../protocol/resource.ts";
import { difference, intersection, parseScope } from "../protocol/scope.ts";
import { hashSecret, mintSecret } from "../protocol/secret.ts";
import { tokenEnd } from "../protocol/token.ts";

/** Client credentials grant: a service acts for itself. Every such token stands alone. OAuth 2.1 §4.2 */
export const clientCredentials: GrantType = {
  name: "client_credentials",
  redeem: async (form, client, context) => {
    requireConfidential(client);
    const { config, store, now } = context;
    const resources = requestedResources(form.all("resource"), config.resources);
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

    const accessToken = mintSecret("access");
    const expiresAt = tokenEnd(now, config.accessTokenLifetime, undefined);
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
    );
    return { accessToken, scope, expiresAt, refreshToken: undefined };
  },
};

/** OAuth 2.1 §4.2: the grant type is for confidential clients alone. */
function requireConfidential(client: Client): void {
  if (!isConfidential(client))
    throw new OAuthError("unauthorized_client", "a public client asked for client_credentials", { clientId: client.id });
}
