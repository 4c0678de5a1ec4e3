/** Between our records and the rows of a database: integers for times, text with spaces between names for lists. */
import type { Client, ClientSecret } from "../protocol/client.ts";
import type { Grant } from "../protocol/grant.ts";
import type { PresentedToken, Token, TokenKind } from "../protocol/token.ts";
import type { Connection } from "./store.ts";

/** What a column holds, in either engine. */
export type Value = null | number | bigint | string | Uint8Array;

/** A row by position: half the cost of one by name. */
export type Row = readonly Value[];

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
  const [
    id,
    name,
    origin,
    firstParty,
    authMethod,
    redirectUris,
    grantTypes,
    scope,
    resourceServerOf,
    secretHash,
    secretExpiresAt,
    previousSecretHash,
    previousSecretExpiresAt,
    metadata,
    createdAt,
    grantedAt,
    disabledAt,
  ] = row;
  return {
    id: text(id),
    name: text(name),
    origin: origin as Client["origin"],
    firstParty: firstParty === 1,
    authMethod: authMethod as Client["authMethod"],
    redirectUris: JSON.parse(text(redirectUris)) as Client["redirectUris"],
    grantTypes: words(grantTypes),
    scope: words(scope),
    resourceServerOf: words(resourceServerOf),
    secrets: [...secretFrom(secretHash, secretExpiresAt), ...secretFrom(previousSecretHash, previousSecretExpiresAt)],
    metadata: JSON.parse(text(metadata)) as Client["metadata"],
    createdAt: Number(createdAt),
    grantedAt: integer(grantedAt),
    disabledAt: integer(disabledAt),
  };
}

const secretFrom = (hash: Value | undefined, expiresAt: Value | undefined): readonly ClientSecret[] =>
  hash instanceof Uint8Array ? [{ hash, expiresAt: integer(expiresAt) }] : [];

/** The number of columns that `clientFromRow` reads. */
export const clientWidth = 17;

export function grantFromRow([id, clientId, subject, scope, resources, createdAt, redeemedAt, endsAt, revokedAt]: Row): Grant {
  return {
    id: text(id),
    clientId: text(clientId),
    subject: text(subject),
    scope: words(scope),
    resources: words(resources),
    createdAt: Number(createdAt),
    redeemedAt: Number(redeemedAt),
    endsAt: integer(endsAt),
    revokedAt: integer(revokedAt),
  };
}

/** The number of columns that `grantFromRow` reads. */
const grantWidth = 9;

export function connectionFromRow(row: Row): Connection {
  return { grant: grantFromRow(row), client: clientFromRow(row.slice(grantWidth)) };
}

export function presentedFromRow(hash: Uint8Array, row: Row): PresentedToken {
  const [
    kind,
    grantId,
    clientId,
    scope,
    audience,
    issuedAt,
    expiresAt,
    revokedAt,
    spentAt,
    answer,
    knownClientId,
    clientName,
    clientDisabledAt,
    subjectDisabledAt,
    ...grant
  ] = row;
  return {
    hash,
    kind: kind as TokenKind,
    grantId: optionalText(grantId),
    clientId: optionalText(clientId),
    scope: words(scope),
    audience: optionalText(audience),
    issuedAt: Number(issuedAt),
    expiresAt: integer(expiresAt),
    revokedAt: integer(revokedAt),
    spentAt: integer(spentAt),
    answer: answer instanceof Uint8Array ? answer : undefined,
    grant: grant[0] === null ? undefined : grantFromRow(grant),
    client: knownClientId === null ? undefined : { id: text(knownClientId), name: text(clientName), disabledAt: integer(clientDisabledAt) },
    subjectDisabledAt: integer(subjectDisabledAt),
  };
}

export const text = (value: Value | undefined): string => String(value);

const optionalText = (value: Value | undefined): string | undefined => (value === null || value === undefined ? undefined : String(value));

/** A list of names, kept with spaces between them. */
export const words = (value: Value | undefined): readonly string[] => (typeof value === "string" && value !== "" ? value.split(" ") : []);

const integer = (value: Value | undefined): number | undefined => (value === null || value === undefined ? undefined : Number(value));
