import * as v from "valibot";
import type { ClientAuthMethod } from "./client.ts";
import { assertionAlgorithms } from "./client-assertion.ts";
import {
  allowedRedirectUris,
  type ClientMetadata,
  commonMembers,
  knownScope,
  membersOf,
  type RegistrationPolicy,
  requireKeys,
} from "./client-metadata.ts";
import { OAuthError } from "./errors.ts";

/** A document is written for every server there is: what only some of them know is no mistake. */
const clientDocument = v.object({
  ...commonMembers,
  client_id: v.string(),
  client_name: v.pipe(commonMembers.client_name.wrapped, v.trim(), v.minLength(1)),
  redirect_uris: v.pipe(commonMembers.redirect_uris.wrapped, v.minLength(1)),
  token_endpoint_auth_method: v.optional(v.union([v.string(), v.array(v.string())])),
  token_endpoint_auth_methods_supported: v.optional(v.array(v.string())),
  token_endpoint_auth_signing_alg: v.optional(v.string()),
  client_secret: v.optional(v.never()),
  client_secret_expires_at: v.optional(v.never()),
});

type ClientDocument = v.InferOutput<typeof clientDocument>;

/**
 * Checks a client ID metadata document that was fetched from its client's id. Grant types and methods it names beside those
 * we offer are for other servers. Client ID Metadata Document §4, §4.1
 * @throws OAuthError `invalid_client_metadata`, `invalid_redirect_uri`
 */
export function parseClientDocument(body: unknown, clientId: string, policy: RegistrationPolicy): ClientMetadata {
  const parsed = v.safeParse(clientDocument, body);
  if (!parsed.success) refuse(`${v.getDotPath(parsed.issues[0]) ?? "it"} is missing or not allowed`);
  const document = parsed.output;
  if (document.client_id !== clientId) refuse("client_id is not the URL it was fetched from");
  const authMethod = methodOfDocument(document);
  requireKeys(document, authMethod, policy);
  const offered = documentGrantTypes.filter((name) => (document.grant_types ?? ["authorization_code"]).includes(name));
  if (!offered.includes("authorization_code")) refuse("it has no grant type that a document can have");
  return {
    name: document.client_name,
    redirectUris: allowedRedirectUris(document, offered, policy),
    grantTypes: offered,
    authMethod,
    scope: knownScope(document, policy),
    metadata: membersOf(document, documentMembers),
  };
}

/** A document has no operator behind it who would answer for a service. */
const documentGrantTypes = ["authorization_code", "refresh_token"];

const documentMembers = ["client_uri", "logo_uri", "tos_uri", "policy_uri", "jwks", "jwks_uri", "token_endpoint_auth_signing_alg"] as const;

/** The strongest method that the document names and that needs no shared secret. Client ID Metadata Document §4.1 */
function methodOfDocument(document: ClientDocument): ClientAuthMethod {
  const named = [document.token_endpoint_auth_method ?? []].flat();
  if (named.some((method) => method.startsWith("client_secret"))) refuse("its method needs a shared secret");
  const methods = [...named, ...(document.token_endpoint_auth_methods_supported ?? [])];
  const hasKeys = document.jwks !== undefined || document.jwks_uri !== undefined;
  if (hasKeys && (named.length > 0 ? named : methods).includes("private_key_jwt")) {
    const algorithm = document.token_endpoint_auth_signing_alg;
    if (algorithm === undefined || assertionAlgorithms.some((offered) => offered === algorithm)) return "private_key_jwt";
    refuse("its signing algorithm is not offered");
  }
  if (methods.length === 0 || methods.includes("none")) return "none";
  return refuse("it names no method that we offer");
}

function refuse(reason: string): never {
  throw new OAuthError("invalid_client_metadata", `client document: ${reason}`);
}
