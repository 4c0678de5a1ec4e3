/** Values in, JSON documents in the words of the wire out. */
import {
  type CleanedUp,
  type Client,
  type ClientCount,
  type Counts,
  type Destination,
  type Flow,
  type FlowWithSteps,
  type Held,
  type KnownGrant,
  type KnownToken,
  type ListedClient,
  type Reach,
  type RecordedEvent,
  type SigningKey,
  type Statistics,
  stateOfSigningKey,
} from "vouchsafe";
import type { Account } from "../accounts.ts";
import type {
  CleanupDocument,
  ClientCountDocument,
  ClientDocument,
  CountsDocument,
  EventDocument,
  FlowDocument,
  GrantDocument,
  HeldDocument,
  KeyDocument,
  ReachDocument,
  StatisticsDocument,
  TokenDocument,
  UserDocument,
} from "./operator.ts";

const isoTime = (at: number): string => new Date(at).toISOString();

/** A member that is absent where there is nothing to say. */
const given = <Name extends string, Value>(name: Name, value: Value | undefined): { readonly [Key in Name]?: Value } =>
  value === undefined ? {} : ({ [name]: value } as { readonly [Key in Name]?: Value });

const timed = <Name extends string>(name: Name, at: number | undefined) => given(name, at === undefined ? undefined : isoTime(at));

export function clientDocument({ client, connections, usedAt, tier, destination }: ListedClient, failures: number): ClientDocument {
  return {
    ...clientMembers(client),
    ...given("tier", tier),
    ...given("host", destination && hostOf(destination)),
    created_at: isoTime(client.createdAt),
    ...timed("disabled_at", client.disabledAt),
    ...timed("last_used_at", usedAt),
    connections,
    failures_24h: failures,
  };
}

const clientMembers = (client: Client) => ({
  client_id: client.id,
  client_name: client.name,
  registered: client.origin,
  first_party: client.firstParty,
  redirect_uris: client.redirectUris,
  grant_types: client.grantTypes,
  token_endpoint_auth_method: client.authMethod,
  scope: client.scope.join(" "),
  ...(client.resources.length === 0 ? {} : { resources: client.resources }),
  ...(client.resourceServerOf.length === 0 ? {} : { resource_server_of: client.resourceServerOf }),
});

function hostOf(destination: Destination): string {
  if (destination.kind === "private-use") return `${destination.scheme}://`;
  return destination.host;
}

export function grantDocument({ grant, name, usedAt }: KnownGrant, account: Account | undefined, now: number): GrantDocument {
  const isPersonal = grant.clientId === undefined;
  const state = grant.revokedAt !== undefined ? "revoked" : grant.endsAt !== undefined && grant.endsAt <= now ? "ended" : "live";
  return {
    id: grant.id,
    kind: isPersonal ? "personal" : "connection",
    ...given("client_id", grant.clientId),
    ...given(isPersonal ? "name" : "client_name", name),
    subject: grant.subject,
    ...given("email", account?.email),
    scope: grant.scope.join(" "),
    resources: grant.resources,
    created_at: isoTime(grant.createdAt),
    ...timed("ends_at", grant.endsAt),
    ...timed("revoked_at", grant.revokedAt),
    ...timed("last_used_at", usedAt),
    state,
  };
}

export function tokenDocument(token: KnownToken, account: Account | undefined, now: number): TokenDocument {
  return {
    id: String(token.id),
    kind: token.kind,
    ...given("client_id", token.clientId),
    ...given("subject", token.subject),
    ...given("email", account?.email),
    ...given("grant_id", token.grantId),
    scope: token.scope.join(" "),
    ...given("audience", token.audience),
    issued_at: isoTime(token.issuedAt),
    ...timed("expires_at", token.expiresAt),
    state: stateOf(token, now),
  };
}

function stateOf({ revokedAt, spentAt, expiresAt, grantRevokedAt, grantEndsAt }: KnownToken, now: number): string {
  if (revokedAt !== undefined || grantRevokedAt !== undefined) return "revoked";
  if (spentAt !== undefined) return "rotated";
  return Math.min(expiresAt ?? Number.POSITIVE_INFINITY, grantEndsAt ?? Number.POSITIVE_INFINITY) <= now ? "expired" : "active";
}

export const userDocument = ({ id, email, isAdmin, disabledAt }: Account, reach: Reach): UserDocument => ({
  id,
  email,
  admin: isAdmin,
  disabled: disabledAt !== undefined,
  connections: reach.connections,
  personal_tokens: reach.personalTokens,
});

/** The event's own members, in snake_case. */
export function eventDocument({ id, event: { at, type, ...facts } }: RecordedEvent): EventDocument {
  const members = Object.entries(facts).map(([name, value]) => [
    name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    Array.isArray(value) ? value.join(" ") : (value as string | number | boolean),
  ]);
  return { id, at: isoTime(at), type, ...Object.fromEntries(members) } as EventDocument;
}

export const flowDocument = (flow: Flow, account: Account | undefined): FlowDocument => ({
  id: flow.id,
  client_id: flow.clientId,
  client_name: flow.clientName,
  ...given("subject", flow.subject),
  ...given("email", account?.email),
  ...given("grant_id", flow.grantId),
  began_at: isoTime(flow.beganAt),
  last_at: isoTime(flow.lastAt),
  outcome: flow.outcome,
});

export const flowWithSteps = (flow: FlowWithSteps, account: Account | undefined): FlowDocument => ({
  ...flowDocument(flow, account),
  steps: flow.steps.map((step) => ({
    at: isoTime(step.at),
    step: step.name,
    ...given("request_id", step.requestId),
    ...given("address", step.address),
    ...given("family", step.family),
    ...given("endpoint", step.endpoint),
    ...given("error", step.error),
    ...given("reason", step.reason),
  })),
});

export function statisticsDocument(statistics: Statistics): StatisticsDocument {
  const { from, until, period, counts, series, now, expired, issuedByClient } = statistics;
  return {
    since: isoTime(from),
    until: isoTime(until),
    period: period / 1000,
    counts: countsDocument(counts),
    series: series.map(({ at, ...each }) => ({ at: isoTime(at), ...countsDocument(each) })),
    active: heldDocument(now),
    expired: heldDocument(expired),
    clients: now.clients.map(({ origin, isDisabled, count }) => ({
      registered: origin,
      state: isDisabled ? "disabled" : "enabled",
      count,
    })),
    issued_by_client: issuedByClient.map(clientCountDocument),
    connections_by_client: now.connectionsByClient.map(clientCountDocument),
  };
}

const countsDocument = ({ issued, tokenErrors, refused, registrations, consents, revoked, security }: Counts): CountsDocument => ({
  issued,
  token_errors: tokenErrors,
  refused,
  registrations,
  consents,
  revoked,
  security,
});

const heldDocument = ({ connections, personalTokens, clientTokens }: Held): HeldDocument => ({
  connections,
  personal_tokens: personalTokens,
  client_tokens: clientTokens,
});

export const reachDocument = (reach: Reach): ReachDocument => ({ people: reach.people, ...heldDocument(reach) });

const clientCountDocument = ({ clientId, name, count }: ClientCount): ClientCountDocument => ({
  client_id: clientId,
  ...given("client_name", name),
  count,
});

export const keyDocument = (key: SigningKey): KeyDocument => ({
  kid: key.id,
  algorithm: key.algorithm,
  state: stateOfSigningKey(key),
  created_at: isoTime(key.createdAt),
  ...timed("signs_from", key.signsFrom),
  ...timed("retired_at", key.retiredAt),
});

export const cleanupDocument = (cleaned: CleanedUp, sessions: number): CleanupDocument => ({
  clients: cleaned.clients,
  grants: cleaned.grants,
  tokens: cleaned.tokens,
  decisions: cleaned.decisions,
  pushed_requests: cleaned.pushedRequests,
  assertions: cleaned.assertions,
  refresh_answers: cleaned.refreshAnswers,
  disconnections: cleaned.disconnections,
  subjects: cleaned.subjects,
  registration_tokens: cleaned.registrationTokens,
  deliveries: cleaned.deliveries,
  rate_limits: cleaned.rateLimits,
  events: cleaned.events,
  security_events: cleaned.securityEvents,
  flows: cleaned.flows,
  sessions,
});
