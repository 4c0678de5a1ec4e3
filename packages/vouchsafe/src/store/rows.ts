/** Between our records and the rows of a database: integers for times, text with spaces between names for lists. */
import type { Client, ClientSecret } from "../protocol/client.ts";
import type { Grant } from "../protocol/grant.ts";
import type { PresentedToken, Token, TokenKind } from "../protocol/token.ts";
import type { Connection } from "./store.ts";

/** What a column holds, in either engine. */
export type Value = null | number | bigint | string | Uint8Array;

export type Row = Readonly<Record<string, Value>>;

/** What a statement is given, by the names of its parameters. */
export type Parameters = Readonly<Record<string, Value | undefined>>;

export const tokenToRow = (token: Token) => ({ ...token, scope: token.scope.join(" ") });

export const grantToRow = (grant: Grant): Parameters => ({ ...grant, scope: grant.scope.join(" "), resources: grant.resources.join(" ") });

export function clientToRow(client: Client): Parameters {
  const [secret, previous] = client.secrets;
  return {
    id: client.id,
    name: client.name,
    origin: client.origin,
    firstParty: client.firstParty ? 1 : 0,
    authMethod: client.authMethod,
    redirectUris: JSON.stringify(client.redirectUris),
    grantTypes: client.grantTypes.join(" "),
    scope: client.scope.join(" "),
    resourceServerOf: client.resourceServerOf.join(" "),
    secretHash: secret?.hash,
    secretExpiresAt: secret?.expiresAt,
    previousSecretHash: previous?.hash,
    previousSecretExpiresAt: previous?.expiresAt,
    metadata: JSON.stringify(client.metadata),
    createdAt: client.createdAt,
    grantedAt: client.grantedAt,
    disabledAt: client.disabledAt,
  };
}

export function clientFromRow(row: Row): Client {
  return {
    id: text(row["id"]),
    name: text(row["name"]),
    origin: row["origin"] as Client["origin"],
    firstParty: row["first_party"] === 1,
    authMethod: row["auth_method"] as Client["authMethod"],
    redirectUris: JSON.parse(text(row["redirect_uris"])),
    grantTypes: words(row["grant_types"]),
    scope: words(row["scope"]),
    resourceServerOf: words(row["resource_server_of"]),
    secrets: [...secretFrom(row["secret_hash"], row["secret_expires_at"]), ...secretFrom(row["previous_secret_hash"], row["previous_secret_expires_at"])],
    metadata: JSON.parse(text(row["metadata"])),
    createdAt: Number(row["created_at"]),
    grantedAt: integer(row["granted_at"]),
    disabledAt: integer(row["disabled_at"]),
  };
}

const secretFrom = (hash: Value | undefined, expiresAt: Value | undefined): readonly ClientSecret[] =>
  hash instanceof Uint8Array ? [{ hash, expiresAt: integer(expiresAt) }] : [];

export function grantFromRow(row: Row): Grant {
  return {
    id: text(row["id"]),
    clientId: text(row["client_id"]),
    subject: text(row["subject"]),
    scope: words(row["scope"]),
    resources: words(row["resources"]),
    createdAt: Number(row["created_at"]),
    endsAt: integer(row["ends_at"]),
    revokedAt: integer(row["revoked_at"]),
  };
}

export function connectionFromRow(row: Row): Connection {
  const client = clientFromRow(row);
  const grant: Grant = {
    id: text(row["grant_id"]),
    clientId: client.id,
    subject: text(row["subject"]),
    scope: words(row["grant_scope"]),
    resources: words(row["grant_resources"]),
    createdAt: Number(row["grant_created_at"]),
    endsAt: integer(row["grant_ends_at"]),
    revokedAt: undefined,
  };
  return { client, grant };
}

export function presentedFromRow(hash: Uint8Array, row: Row): PresentedToken {
  const grantId = optionalText(row["grant_id"]);
  const clientId = optionalText(row["known_client_id"]);
  const isGrantKnown = row["grant_created_at"] !== null;
  return {
    hash,
    kind: row["kind"] as TokenKind,
    grantId,
    clientId: optionalText(row["client_id"]),
    scope: words(row["scope"]),
    audience: optionalText(row["audience"]),
    issuedAt: Number(row["issued_at"]),
    expiresAt: integer(row["expires_at"]),
    revokedAt: integer(row["revoked_at"]),
    spentAt: integer(row["spent_at"]),
    answer: row["answer"] instanceof Uint8Array ? row["answer"] : undefined,
    grant:
      grantId !== undefined && isGrantKnown
        ? {
            id: grantId,
            clientId: text(row["grant_client_id"]),
            subject: text(row["subject"]),
            scope: words(row["grant_scope"]),
            resources: words(row["resources"]),
            createdAt: Number(row["grant_created_at"]),
            endsAt: integer(row["grant_ends_at"]),
            revokedAt: integer(row["grant_revoked_at"]),
          }
        : undefined,
    client: clientId === undefined ? undefined : { id: clientId, name: text(row["client_name"]), disabledAt: integer(row["client_disabled_at"]) },
    subjectDisabledAt: integer(row["subject_disabled_at"]),
  };
}

export const text = (value: Value | undefined): string => String(value);

const optionalText = (value: Value | undefined): string | undefined => (value === null || value === undefined ? undefined : String(value));

/** A list of names, kept with spaces between them. */
export const words = (value: Value | undefined): readonly string[] => (typeof value === "string" && value !== "" ? value.split(" ") : []);

const integer = (value: Value | undefined): number | undefined => (value === null || value === undefined ? undefined : Number(value));
