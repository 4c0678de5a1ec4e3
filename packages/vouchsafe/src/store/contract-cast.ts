/** Ada, grace and their apps, for the store contract. */
import type { AuditEvent } from "../audit.ts";
import type { Client } from "../protocol/client.ts";
import type { Grant } from "../protocol/grant.ts";
import { hashSecret, mintIdentifier, mintSecret } from "../protocol/secret.ts";
import type { Token } from "../protocol/token.ts";

export const now = 1_800_000_000_000;
export const day = 86_400_000;
export const api = "https://notes.example/api";

export const registered = (clientId: string): AuditEvent => ({
  at: now,
  type: "client.registered",
  clientId,
  name: "Budget app",
  origin: "dynamic",
});
export const revoked: AuditEvent = { at: now, type: "token.revoked", clientId: "budget" };
export const issued: AuditEvent = {
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
  resourceServerOf: [],
  secrets: [],
  metadata: { client_uri: "https://budget.example" },
  createdAt: now,
  grantedAt: undefined,
  disabledAt: undefined,
  ...more,
});

export const grantOf = (subject: string, clientId: string, more: Partial<Grant> = {}): Grant => ({
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
