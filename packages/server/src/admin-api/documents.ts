import { type AuditEvent, eventTypes } from "vouchsafe";
import type {
  CleanupDocument,
  ClientCountDocument,
  ClientDocument,
  CountsDocument,
  EventDocument,
  FlowDocument,
  FlowStepDocument,
  GrantDocument,
  HeldDocument,
  KeyDocument,
  Listed,
  Passworded,
  ReachDocument,
  RegistrationTokenDocument,
  SecurityCaseDocument,
  SecurityReportDocument,
  StatisticsDocument,
  TokenDocument,
  UserDocument,
  VerificationDocument,
} from "../operator/operator.ts";
import { flag, listOf, type Members, moment, object, oneOf, type Schema, tally, text, whole } from "./schema.ts";

export const listed = <Item>(items: Schema<Item>): Schema<Listed<Item>> =>
  object(`${items.title}List`, {
    required: { items: listOf(items) },
    optional: { next: text("`after` of the next page; absent on the last one.") },
  });

const client: Members<ClientDocument> = {
  required: {
    client_id: text(),
    client_name: text(),
    registered: oneOf("operator", "dynamic", "document"),
    first_party: flag("The operator's own application."),
    redirect_uris: listOf(text()),
    grant_types: listOf(text()),
    token_endpoint_auth_method: text(),
    scope: text("Names with spaces between them."),
    created_at: moment(),
    connections: whole("Live ones."),
    failures_24h: whole("Refusals and failures in the last 24 hours."),
  },
  optional: {
    resources: listOf(text()),
    resource_server_of: listOf(text(), "The resources whose tokens it may introspect."),
    tier: text("What a consent page would say of it, by its first redirect URI."),
    host: text("Where the answers to its first redirect URI go."),
    disabled_at: moment(),
    last_used_at: moment("The last minute in which one of its grants was used."),
  },
};
export const clientSchema = object("Client", client);
export const newClientSchema: Schema<ClientDocument & { readonly client_secret?: string }> = object("NewClient", {
  required: client.required,
  optional: { ...client.optional, client_secret: text("In this answer and nowhere else.") },
});
export const secretSchema = object<{ readonly client_id: string; readonly client_secret: string }>("ClientSecret", {
  required: { client_id: text(), client_secret: text("In this answer and nowhere else.") },
  optional: {},
});

const grant: Members<GrantDocument> = {
  required: {
    id: text(),
    kind: oneOf("connection", "personal"),
    subject: text(),
    scope: text(),
    resources: listOf(text()),
    created_at: moment(),
    state: oneOf("live", "revoked", "ended"),
  },
  optional: {
    client_id: text(),
    client_name: text(),
    name: text("What the person calls their personal token."),
    email: text(),
    ends_at: moment(),
    revoked_at: moment(),
    last_used_at: moment(),
  },
};
export const grantSchema = object("Grant", grant);
export const newTokenSchema: Schema<GrantDocument & { readonly token: string }> = object("NewToken", {
  required: { ...grant.required, token: text("In this answer and nowhere else.") },
  optional: grant.optional,
});

export const tokenSchema = object<TokenDocument>("Token", {
  required: {
    id: text(),
    kind: oneOf("access", "refresh", "personal"),
    scope: text(),
    issued_at: moment(),
    state: oneOf("active", "expired", "revoked", "rotated"),
  },
  optional: { client_id: text(), subject: text(), email: text(), grant_id: text(), audience: text(), expires_at: moment() },
});

const user: Members<UserDocument> = {
  required: { id: text(), email: text(), admin: flag(), disabled: flag(), connections: whole(), personal_tokens: whole() },
  optional: {},
};
export const userSchema = object("User", user);
export const passwordedUserSchema: Schema<UserDocument & Passworded> = object("PasswordedUser", {
  required: user.required,
  optional: { password: text("Only where it was made; in this answer and nowhere else.") },
});

type FactName = AuditEvent extends infer Each ? (Each extends AuditEvent ? Exclude<keyof Each, "at" | "type"> : never) : never;

/** Everything that an event of any type tells. A fact that is missing here does not compile. */
const facts: Readonly<Record<FactName, Schema<string | number>>> = {
  requestId: text(),
  flowId: text("The attempt to connect that it is a step of."),
  address: text("The client's network address."),
  operator: text("Who did it as an operator."),
  clientId: text(),
  subject: text(),
  grantId: text(),
  name: text(),
  origin: text(),
  by: text(),
  scope: text(),
  tier: text(),
  grantType: text(),
  connections: whole(),
  personalTokens: whole(),
  endpoint: text(),
  error: text("The registered error code that was answered."),
  reason: text("The private reason of a refusal."),
  count: whole("How often it happened within the minute."),
  kind: text(),
  seen: whole("How many there were within the time."),
  within: whole("Milliseconds."),
  keyId: text(),
  algorithm: text(),
  tokenId: text(),
};

export const eventSchema: Schema<EventDocument> = {
  title: "Event",
  type: "object",
  properties: {
    id: whole("Ascending, in the order in which events were written."),
    at: moment(),
    type: oneOf(...eventTypes),
    ...Object.fromEntries(
      Object.entries(facts).map(([name, schema]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), schema]),
    ),
  },
  required: ["id", "at", "type"],
  additionalProperties: false,
};

const step = object<FlowStepDocument>("FlowStep", {
  required: { at: moment(), step: text() },
  optional: { request_id: text(), address: text(), family: text(), endpoint: text(), error: text(), reason: text() },
});
export const flowSchema = object<FlowDocument>("Flow", {
  required: {
    id: text(),
    client_id: text(),
    client_name: text(),
    began_at: moment(),
    last_at: moment(),
    outcome: oneOf("under_way", "allowed", "denied", "connected", "used", "refused"),
  },
  optional: { subject: text(), email: text(), grant_id: text(), steps: listOf(step, "Only of one flow that is asked for by its id.") },
});

const counts: Members<CountsDocument>["required"] = {
  issued: tally("Tokens issued, by grant type."),
  token_errors: tally("Refusals of the token endpoint, by error."),
  refused: tally("Other refusals, by endpoint and error."),
  registrations: tally("Clients, by how they were registered."),
  consents: tally("Decisions on the consent page."),
  revoked: tally("What was ended before its time."),
  security: tally("Security events, by type."),
};
const held: Members<HeldDocument>["required"] = { connections: whole(), personal_tokens: whole(), client_tokens: whole() };
const heldSchema = object<HeldDocument>("Held", { required: held, optional: {} });
const clientCounts = listOf(
  object<ClientCountDocument>("ClientCount", { required: { client_id: text(), count: whole() }, optional: { client_name: text() } }),
);
export const statisticsSchema = object<StatisticsDocument>("Statistics", {
  required: {
    since: moment(),
    until: moment(),
    period: whole("Seconds of a period of `series`."),
    counts: object("Counts", { required: counts, optional: {} }),
    series: listOf(object("Period", { required: { at: moment("When it began."), ...counts }, optional: {} })),
    active: heldSchema,
    expired: heldSchema,
    clients: listOf(
      object("ClientTotal", { required: { registered: text(), state: oneOf("enabled", "disabled"), count: whole() }, optional: {} }),
    ),
    issued_by_client: clientCounts,
    connections_by_client: clientCounts,
  },
  optional: {},
});
export const reachSchema = object<ReachDocument>("Reach", { required: { people: whole(), ...held }, optional: {} });

const securityCase = object<SecurityCaseDocument>("SecurityCase", {
  required: { id: whole(), at: moment(), type: text(), what: text("What happened."), ended: text("What was ended.") },
  optional: { kind: text("Of `suspicious.activity`."), client_id: text(), subject: text(), flow_id: text() },
});
export const securityReportSchema = object<SecurityReportDocument>("SecurityReport", {
  required: {
    since: moment(),
    until: moment(),
    counts: tally("Security events, by type."),
    cases: listOf(securityCase, "The newest first, at most 100."),
  },
  optional: {},
});

const finding: Schema<VerificationDocument["findings"][number]> = object("AuditFinding", {
  required: { chain: text(), position: whole(), what: text() },
  optional: {},
});
export const verificationSchema = object<VerificationDocument>("AuditVerification", {
  required: { events: whole(), unprotected: whole("Older than the chains."), findings: listOf(finding) },
  optional: {},
});

export const keySchema = object<KeyDocument>("Key", {
  required: { kid: text(), algorithm: text(), state: oneOf("signing", "next", "retired"), created_at: moment() },
  optional: { signs_from: moment(), retired_at: moment() },
});
export const registrationTokenSchema = object<RegistrationTokenDocument>("RegistrationToken", {
  required: { id: text(), uses_left: whole(), created_at: moment() },
  optional: {},
});
export const newRegistrationTokenSchema = object<{ readonly id: string; readonly token: string }>("NewRegistrationToken", {
  required: { id: text(), token: text("In this answer and nowhere else.") },
  optional: {},
});
export const cleanupSchema = object<CleanupDocument>("Cleanup", {
  required: {
    clients: whole(),
    grants: whole(),
    tokens: whole(),
    decisions: whole(),
    pushed_requests: whole(),
    assertions: whole(),
    refresh_answers: whole(),
    disconnections: whole(),
    subjects: whole(),
    registration_tokens: whole(),
    deliveries: whole(),
    rate_limits: whole(),
    events: whole(),
    security_events: whole(),
    flows: whole(),
    sessions: whole(),
  },
  optional: {},
});

/** The body of every refusal. */
export const errorSchema = object<{ readonly error: string; readonly error_description: string }>("Error", {
  required: { error: text("A registered code."), error_description: text("What is wrong.") },
  optional: {},
});
