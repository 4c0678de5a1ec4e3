import type { AuditEvent } from "vouchsafe";
import { BadInput } from "./operator.ts";

type EventType = AuditEvent["type"];

/** Every type of event: one that is missing here, or is none, does not compile. */
const known: Readonly<Record<EventType, true>> = {
  "account.created": true,
  "account.disabled": true,
  "account.enabled": true,
  "account.made_admin": true,
  "account.no_longer_admin": true,
  "client.authentication_failed": true,
  "client.changed": true,
  "client.deleted": true,
  "client.disabled": true,
  "client.disconnected": true,
  "client.enabled": true,
  "client.registered": true,
  "client.revoked": true,
  "client.secret_rotated": true,
  "code.replayed": true,
  "consent.allowed": true,
  "consent.denied": true,
  "consent.narrowed": true,
  "consent.remembered": true,
  "grant.narrowed": true,
  "grant.revoked": true,
  "impersonation.stopped": true,
  "key.created": true,
  "key.rotated": true,
  "password.changed": true,
  "personal_token.created": true,
  "personal_token.revoked": true,
  "rate.limited": true,
  "refresh.reused": true,
  "registration_token.created": true,
  "registration_token.revoked": true,
  "request.refused": true,
  "scope.violated": true,
  "sign_in.failed": true,
  "sign_in.succeeded": true,
  sign_out: true,
  "subject.disabled": true,
  "subject.disconnected_all": true,
  "subject.enabled": true,
  "subject.revoked": true,
  "subject.signed_out_everywhere": true,
  "suspicious.activity": true,
  "token.issued": true,
  "token.refreshed": true,
  "token.revoked": true,
};

export const eventTypes = Object.keys(known) as readonly EventType[];

/** @throws BadInput with the names that are none */
export function eventTypesOf(names: readonly string[]): readonly EventType[] {
  const unknown = names.filter((name) => !eventTypes.some((type) => type === name));
  if (unknown.length > 0) throw new BadInput(`There is no event ${unknown.join(", ")}: ${eventTypes.join(", ")}.`);
  return names as readonly EventType[];
}
