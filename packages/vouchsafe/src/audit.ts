import type { ClientOrigin } from "./protocol/client.ts";
import type { Scope } from "./protocol/scope.ts";

/** When, in which request and from where it happened. */
export interface Circumstances {
  /** Milliseconds. */
  readonly at: number;
  readonly requestId?: string;
  /** The attempt to connect that it is a step of: see `flowIdOf`. */
  readonly flowId?: string;
  /** The client's network address. */
  readonly address?: string;
  /** Who did it as an operator: an administrator's name, or the way in that was used. */
  readonly operator?: string;
}

interface OfGrant {
  readonly clientId: string;
  readonly subject: string;
  readonly grantId: string;
}

/** Repeated refusals of one kind are one event a minute, with their number. */
interface Counted {
  readonly count: number;
}

/** Something that happened, for the operator: no credential is ever in it. */
export type AuditEvent = Circumstances &
  (
    | { readonly type: "client.registered"; readonly clientId: string; readonly name: string; readonly origin: ClientOrigin }
    | {
        readonly type: "client.changed" | "client.deleted" | "client.disabled" | "client.enabled" | "client.secret_rotated";
        readonly clientId: string;
        readonly by: "client" | "operator" | "document";
      }
    | ({
        readonly type: "consent.allowed" | "consent.narrowed" | "consent.remembered";
        readonly scope: Scope;
        readonly tier: string;
      } & OfGrant)
    | ({ readonly type: "consent.denied"; readonly tier: string } & OfGrant)
    | {
        readonly type: "token.issued";
        readonly grantType: string;
        readonly clientId: string;
        readonly subject: string;
        readonly grantId?: string;
        readonly scope: Scope;
      }
    | ({ readonly type: "token.refreshed"; readonly scope: Scope } & OfGrant)
    | { readonly type: "token.revoked"; readonly clientId: string; readonly subject?: string; readonly grantId?: string }
    | { readonly type: "personal_token.created"; readonly subject: string; readonly grantId: string; readonly scope: Scope }
    | { readonly type: "personal_token.revoked"; readonly subject: string; readonly grantId: string; readonly by: "subject" | "operator" }
    | ({ readonly type: "code.replayed" } & OfGrant)
    | ({ readonly type: "refresh.reused" } & OfGrant)
    | ({ readonly type: "grant.revoked"; readonly by: "client" | "subject" | "operator" } & OfGrant)
    | { readonly type: "client.revoked"; readonly clientId: string; readonly connections: number }
    | { readonly type: "subject.revoked"; readonly subject: string; readonly connections: number; readonly personalTokens: number }
    | { readonly type: "client.disconnected"; readonly clientId: string; readonly subject: string }
    | { readonly type: "subject.disconnected_all"; readonly subject: string }
    | ({ readonly type: "grant.narrowed"; readonly scope: Scope } & OfGrant)
    | { readonly type: "subject.disabled" | "subject.enabled" | "subject.signed_out_everywhere"; readonly subject: string }
    | ({
        readonly type: "client.authentication_failed";
        readonly endpoint: string;
        readonly reason: string;
        readonly clientId?: string;
      } & Counted)
    | ({
        readonly type: "request.refused";
        readonly endpoint: string;
        readonly error: string;
        readonly reason: string;
        readonly clientId?: string;
      } & Counted)
    | ({ readonly type: "scope.violated"; readonly reason: string; readonly clientId?: string } & Counted)
    | ({ readonly type: "impersonation.stopped"; readonly reason: string; readonly clientId?: string } & Counted)
    | ({ readonly type: "suspicious.activity"; readonly kind: "connection_disowned" } & OfGrant)
    | {
        readonly type: "suspicious.activity";
        readonly kind: Anomaly;
        /** How many there were within the time. */
        readonly seen: number;
        /** Milliseconds. */
        readonly within: number;
        readonly clientId?: string;
        readonly subject?: string;
      }
    | ({ readonly type: "rate.limited"; readonly endpoint: string; readonly reason: string } & Counted)
    | { readonly type: "key.created" | "key.rotated"; readonly keyId: string; readonly algorithm: string }
    | { readonly type: "registration_token.created" | "registration_token.revoked"; readonly tokenId: string }
    | {
        readonly type:
          | "account.created"
          | "account.disabled"
          | "account.enabled"
          | "account.made_admin"
          | "account.no_longer_admin"
          | "password.changed";
        readonly subject: string;
      }
    | { readonly type: "sign_in.succeeded" | "sign_out"; readonly subject: string }
    | ({ readonly type: "sign_in.failed"; readonly reason: string; readonly subject?: string } & Counted)
  );

const everyType: Readonly<Record<AuditEvent["type"], true>> = {
  "client.registered": true,
  "client.changed": true,
  "client.deleted": true,
  "client.disabled": true,
  "client.enabled": true,
  "client.secret_rotated": true,
  "client.revoked": true,
  "client.disconnected": true,
  "client.authentication_failed": true,
  "consent.allowed": true,
  "consent.narrowed": true,
  "consent.remembered": true,
  "consent.denied": true,
  "token.issued": true,
  "token.refreshed": true,
  "token.revoked": true,
  "personal_token.created": true,
  "personal_token.revoked": true,
  "code.replayed": true,
  "refresh.reused": true,
  "grant.revoked": true,
  "grant.narrowed": true,
  "subject.revoked": true,
  "subject.disconnected_all": true,
  "subject.disabled": true,
  "subject.enabled": true,
  "subject.signed_out_everywhere": true,
  "request.refused": true,
  "scope.violated": true,
  "impersonation.stopped": true,
  "suspicious.activity": true,
  "rate.limited": true,
  "key.created": true,
  "key.rotated": true,
  "registration_token.created": true,
  "registration_token.revoked": true,
  "account.created": true,
  "account.disabled": true,
  "account.enabled": true,
  "account.made_admin": true,
  "account.no_longer_admin": true,
  "password.changed": true,
  "sign_in.succeeded": true,
  "sign_in.failed": true,
  sign_out: true,
};

/** Every type of event. */
export const eventTypes = Object.keys(everyType) as readonly AuditEvent["type"][];

/** Too much of something in a short time. */
export type Anomaly = "client_authentication_burst" | "sign_in_burst" | "scope_violation_burst" | "registration_storm" | "issuance_surge";

/**
 * What events of one type are told apart by when they are counted: names of ours, never a value that somebody sent. A
 * refusal is counted by its endpoint and error, with a space between them.
 */
export function detailOf(event: AuditEvent): string {
  if (event.type === "token.issued") return event.grantType;
  if (event.type === "token.refreshed") return "refresh_token";
  if (event.type === "client.registered") return event.origin;
  if (event.type === "request.refused") return `${event.endpoint} ${event.error}`;
  if (event.type === "client.authentication_failed") return `${event.endpoint} invalid_client`;
  if (event.type === "rate.limited") return event.endpoint;
  if (event.type === "suspicious.activity") return event.kind;
  return "tier" in event ? event.tier : "";
}

/** How often what it tells of happened. */
export const occurrencesOf = (event: AuditEvent): number => ("count" in event ? event.count : 1);

/** What an operator should look at: kept longer than the rest, and in a chain of its own. */
export const securityTypes = [
  "code.replayed",
  "refresh.reused",
  "client.authentication_failed",
  "scope.violated",
  "impersonation.stopped",
  "suspicious.activity",
  "rate.limited",
  "sign_in.failed",
] as const satisfies readonly AuditEvent["type"][];

export const isSecurityEvent = ({ type }: Pick<AuditEvent, "type">): boolean => securityTypes.some((one) => one === type);

/** Of these each single one is worth looking at: they are told to whoever wants alerts. */
export const caseTypes = [
  "code.replayed",
  "refresh.reused",
  "impersonation.stopped",
  "suspicious.activity",
] as const satisfies readonly AuditEvent["type"][];

/** A refusal as the one catch reports it, before it is known how often it repeats. */
export type Refusal = Extract<AuditEvent, Counted>;
