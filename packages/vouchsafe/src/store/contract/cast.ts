/** Ada, grace and their apps, for the store contract. */
import type { AuditEvent } from "../../audit.ts";
import type { Client } from "../../protocol/client.ts";
import type { Agreement, ClientGrant, Grant } from "../../protocol/grant.ts";
import { hashSecret, mintIdentifier, mintSecret } from "../../protocol/secret.ts";
import type { SigningKey } from "../../protocol/signing-key.ts";
import type { Token } from "../../protocol/token.ts";
import { type SweepLimits, sweptKinds } from "../cleanup.ts";
import type { PersonalToken, Store } from "../store.ts";

export const now = 1_800_000_000_000;
export const day = 86_400_000;
export const api = "https://notes.example/api";

/** A sweep that finds nothing old enough. */
export const nothing: SweepLimits = {
  now: 0,
  answersBefore: 0,
  unusedClientsBefore: 0,
  pushedRequestsBefore: 0,
  grantsBefore: 0,
  codesBefore: 0,
  tokensBefore: 0,
  revokedTokensBefore: 0,
  deliveriesBefore: 0,
};

/** Takes away all that is past its time, in small batches. */
export async function sweep({ cleanup }: Store, limits: Partial<SweepLimits>, most = 2): Promise<void> {
  for (const kind of sweptKinds) while ((await cleanup.sweep(kind, { ...nothing, ...limits }, most)) === most);
  let after: number | undefined = 0;
  while (after !== undefined) after = (await cleanup.sweepTokens(after, { ...nothing, ...limits }, most)).next;
}

export const registered = (clientId: string): AuditEvent => ({
  at: now,
  type: "client.registered",
  clientId,
  name: "Budget app",
  origin: "dynamic",
});
export const revoked: AuditEvent = { at: now, type: "token.revoked", clientId: "budget" };
export const issued: AuditEvent & { readonly type: "token.issued" } = {
  at: now,
  type: "token.issued",
  grantType: "authorization_code",
  clientId: "budget",
  subject: "ada",
  scope: ["read"],
};

export const clientNamed = (id: string, more: Partial<Client> = {}): Client => ({
  id,
  name: "Budget app",
  origin: "dynamic",
  firstParty: false,
  authMethod: "none",
  redirectUris: ["http://127.0.0.1/callback"],
  grantTypes: ["authorization_code", "refresh_token"],
  scope: ["read"],
  resources: [],
  resourceServerOf: [],
  secrets: [],
  registrationToken: undefined,
  metadata: { client_uri: "https://budget.example" },
  createdAt: now,
  grantedAt: undefined,
  disabledAt: undefined,
  freshUntil: undefined,
  revision: 0,
  ...more,
});

export const agreement: Agreement = {
  identity: "as-ada-saw",
  redirectUri: "http://127.0.0.1/callback",
  browser: { browser: "Firefox", system: "Linux" },
};

export const grantOf = (subject: string, clientId: string, more: Partial<ClientGrant> = {}): ClientGrant => ({
  id: mintIdentifier(),
  clientId,
  subject,
  scope: ["read"],
  resources: [api],
  createdAt: now,
  redeemedAt: now,
  endsAt: now + 30 * day,
  revokedAt: undefined,
  ...more,
});

export const tokenOf = (grant: Grant, kind: Token["kind"], secret = mintSecret(kind)): Token => ({
  hash: hashSecret(secret),
  kind,
  grantId: grant.id,
  clientId: undefined,
  scope: grant.scope,
  audience: kind === "access" ? api : undefined,
  issuedAt: now,
  expiresAt: now + day,
});

/** A personal access token of ada's, as it is kept. */
export const personalOf = (subject: string, name: string, more: Partial<Grant> = {}): PersonalToken => ({
  grant: { ...grantOf(subject, ""), clientId: undefined, resources: [], ...more },
  name,
  usedAt: undefined,
});

export const personalTokenMade = ({ grant }: PersonalToken): AuditEvent => ({
  at: now,
  type: "personal_token.created",
  subject: grant.subject,
  grantId: grant.id,
  scope: grant.scope,
});

export const signingKeyOf = (id: string, more: Partial<SigningKey> = {}): SigningKey => ({
  id,
  algorithm: "ES256",
  publicKey: { kty: "EC", crv: "P-256", x: "x", y: "y" },
  sealed: `sealed ${id}`,
  createdAt: now,
  signsFrom: undefined,
  retiredAt: undefined,
  ...more,
});
