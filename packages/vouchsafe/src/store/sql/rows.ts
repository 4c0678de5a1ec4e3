/** Between our records and the rows of a database: integers for times, text with spaces between names for lists. */
import type { Client, ClientSecret } from "../../protocol/client.ts";
import type { Agreement, BrowserName, Grant, HeldGrant } from "../../protocol/grant.ts";
import type { PushedRequest } from "../../protocol/pushed-request.ts";
import type { SigningKey } from "../../protocol/signing-key.ts";
import type { PresentedToken, Token, TokenKind } from "../../protocol/token.ts";
import type { ClientForSubject, Connection, PersonalToken } from "../store.ts";

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
    resources: client.resources.join(" "),
    resourceServerOf: client.resourceServerOf.join(" "),
    secretHash: secret?.hash,
    secretExpiresAt: secret?.expiresAt,
    previousSecretHash: previous?.hash,
    previousSecretExpiresAt: previous?.expiresAt,
    registrationToken: client.registrationToken,
    metadata: JSON.stringify(client.metadata),
    createdAt: client.createdAt,
    grantedAt: client.grantedAt,
    disabledAt: client.disabledAt,
    freshUntil: client.freshUntil,
    revision: client.revision,
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
    resources,
    resourceServerOf,
    secretHash,
    secretExpiresAt,
    previousSecretHash,
    previousSecretExpiresAt,
    registrationToken,
    metadata,
    createdAt,
    grantedAt,
    disabledAt,
    freshUntil,
    revision,
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
    resources: words(resources),
    resourceServerOf: words(resourceServerOf),
    secrets: [...secretFrom(secretHash, secretExpiresAt), ...secretFrom(previousSecretHash, previousSecretExpiresAt)],
    registrationToken: bytes(registrationToken),
    metadata: JSON.parse(text(metadata)) as Client["metadata"],
    createdAt: Number(createdAt),
    grantedAt: integer(grantedAt),
    disabledAt: integer(disabledAt),
    freshUntil: integer(freshUntil),
    revision: Number(revision),
  };
}

const secretFrom = (hash: Value | undefined, expiresAt: Value | undefined): readonly ClientSecret[] =>
  hash instanceof Uint8Array ? [{ hash, expiresAt: integer(expiresAt) }] : [];

/** The number of columns that `clientFromRow` reads. */
export const clientWidth = 21;

export function grantFromRow([id, clientId, subject, scope, resources, createdAt, redeemedAt, endsAt, revokedAt]: Row): Grant {
  return {
    id: text(id),
    clientId: optionalText(clientId),
    subject: text(subject),
    scope: words(scope),
    resources: words(resources),
    createdAt: Number(createdAt),
    redeemedAt: Number(redeemedAt),
    endsAt: integer(endsAt),
    revokedAt: integer(revokedAt),
  };
}

/** As text: none of the two names has a line break. */
export const agreementToRow = ({ identity, redirectUri, browser }: Agreement): Parameters => ({
  identity,
  redirectUri,
  browser: browser && `${browser.browser}\n${browser.system}`,
});

function browserFrom(value: Value | undefined): BrowserName | undefined {
  const [browser = "", system = ""] = (optionalText(value) ?? "").split("\n");
  return browser === "" ? undefined : { browser, system };
}

/** The number of columns that `grantFromRow` reads. */
export const grantWidth = 9;

export function connectionFromRow(row: Row): Connection {
  const [name, origin, firstParty, usedAt, browser] = row.slice(grantWidth);
  const id = text(row[1]);
  return {
    grant: { ...grantFromRow(row), clientId: id },
    client: { id, name: text(name), origin: origin as Client["origin"], firstParty: firstParty === 1 },
    usedAt: integer(usedAt),
    browser: browserFrom(browser),
  };
}

export function clientForSubjectFromRow(row: Row): ClientForSubject {
  const packed = optionalText(row[clientWidth])?.split("\n") ?? [];
  const held = packed.map((line): HeldGrant => {
    const [scope, endsAt = "", identity = "", redirectUri = ""] = line.split("\t");
    return { scope: words(scope), endsAt: endsAt === "" ? undefined : Number(endsAt), identity, redirectUri };
  });
  return { client: clientFromRow(row), held, lastAgreed: optionalText(row[clientWidth + 1]) };
}

export function personalTokenFromRow(row: Row): PersonalToken {
  return { grant: grantFromRow(row), name: text(row[grantWidth]), usedAt: integer(row[grantWidth + 1]) };
}

export const pushedRequestFromRow = ([id, clientId, query, expiresAt, decisions]: Row): PushedRequest & { isDecided: boolean } => ({
  id: text(id),
  clientId: text(clientId),
  query: text(query),
  expiresAt: Number(expiresAt),
  isDecided: Number(decisions) > 0,
});

export const signingKeyToRow = (key: SigningKey): Parameters => ({ ...key, publicKey: JSON.stringify(key.publicKey) });

export const signingKeyFromRow = ([id, algorithm, publicKey, sealed, createdAt, signsFrom, retiredAt]: Row): SigningKey => ({
  id: text(id),
  algorithm: algorithm as SigningKey["algorithm"],
  publicKey: JSON.parse(text(publicKey)) as SigningKey["publicKey"],
  sealed: text(sealed),
  createdAt: Number(createdAt),
  signsFrom: integer(signsFrom),
  retiredAt: integer(retiredAt),
});

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
    clientRevokedBefore,
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
    answer: bytes(answer),
    grant: grant[0] === null ? undefined : grantFromRow(grant),
    client:
      knownClientId === null
        ? undefined
        : {
            id: text(knownClientId),
            name: text(clientName),
            disabledAt: integer(clientDisabledAt),
            revokedBefore: integer(clientRevokedBefore),
          },
    subjectDisabledAt: integer(subjectDisabledAt),
  };
}

export const text = (value: Value | undefined): string => String(value);

export const optionalText = (value: Value | undefined): string | undefined =>
  value === null || value === undefined ? undefined : String(value);

/** A list of names, kept with spaces between them. */
export const words = (value: Value | undefined): readonly string[] => (typeof value === "string" && value !== "" ? value.split(" ") : []);

const bytes = (value: Value | undefined): Uint8Array | undefined => (value instanceof Uint8Array ? value : undefined);

export const integer = (value: Value | undefined): number | undefined =>
  value === null || value === undefined ? undefined : Number(value);
