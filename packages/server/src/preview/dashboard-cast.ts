import type {
  ClientDocument,
  CountsDocument,
  EventDocument,
  FlowDocument,
  GrantDocument,
  SecurityReportDocument,
  StatisticsDocument,
  TokenDocument,
  UserDocument,
} from "../operator/operator.ts";
import { day, now } from "./cast.ts";

/** A plausible week of a small server, as its operator's documents tell of it. */
const iso = (at: number): string => new Date(at).toISOString();
const minute = 60_000;

const app = (client_id: string, client_name: string, more: Partial<ClientDocument>): ClientDocument => ({
  client_id,
  client_name,
  registered: "document",
  first_party: false,
  redirect_uris: ["http://localhost/callback", "http://127.0.0.1/callback"],
  grant_types: ["authorization_code", "refresh_token"],
  token_endpoint_auth_method: "none",
  scope: "read write",
  tier: "on-this-computer",
  host: "claude.ai",
  created_at: iso(now - 60 * day),
  last_used_at: iso(now - 3 * minute),
  connections: 14,
  failures_24h: 0,
  ...more,
});

export const claudeCode = app("https://claude.ai/oauth/claude-code-client-metadata", "Claude Code", {});

export const apps: readonly ClientDocument[] = [
  claudeCode,
  app("https://vscode.dev/redirect/client.json", "Visual Studio Code", { host: "vscode.dev", tier: "known-website", connections: 9 }),
  app("photo-printer-5vX2", "Photo Printer", {
    registered: "dynamic",
    tier: "named-itself",
    host: "localhost",
    connections: 3,
    failures_24h: 7,
  }),
  app("notes-desk", "Notes Desk", { registered: "operator", first_party: true, tier: "own", host: "desk.example", connections: 21 }),
  app("budget-9fQ0", "Budget", {
    registered: "dynamic",
    tier: "named-itself",
    host: "cursor://",
    connections: 0,
    disabled_at: iso(now - 2 * day),
    last_used_at: iso(now - 3 * day),
  }),
];

const counts = (more: Partial<CountsDocument>): CountsDocument => ({
  issued: {},
  token_errors: {},
  refused: {},
  registrations: {},
  consents: {},
  revoked: {},
  security: {},
  ...more,
});

/** More by day than by night. */
const hours = Array.from({ length: 24 }, (_, hour) => Math.max(0, Math.round(9 * Math.sin(((hour - 2) / 24) * Math.PI * 2 - 1.2) + 7)));

const issuedAt = (busy: number): Record<string, number> => ({
  refresh_token: busy * 3,
  authorization_code: Math.floor(busy / 3),
  client_credentials: busy % 4,
  personal_access_token: busy > 13 ? 1 : 0,
});

const sum = (name: string): number => hours.reduce((all, busy) => all + (issuedAt(busy)[name] ?? 0), 0);

export const statistics: StatisticsDocument = {
  since: iso(now - day),
  until: iso(now),
  period: 3600,
  counts: counts({
    issued: Object.fromEntries(Object.keys(issuedAt(0)).map((name) => [name, sum(name)])),
    token_errors: { invalid_grant: 5, invalid_client: 2 },
    refused: { invalid_grant: 5, invalid_request: 3, invalid_client: 2, access_denied: 1 },
    registrations: { document: 4, dynamic: 3, operator: 1 },
    security: { "client.authentication_failed": 2, "refresh.reused": 1 },
  }),
  series: hours.map((busy, hour) => ({ at: iso(now - day + hour * 60 * minute), ...counts({ issued: issuedAt(busy) }) })),
  active: { connections: 1280, personal_tokens: 37, client_tokens: 4 },
  expired: { connections: 12, personal_tokens: 1, client_tokens: 48 },
  clients: [
    { registered: "document", state: "enabled", count: 6 },
    { registered: "dynamic", state: "enabled", count: 41 },
    { registered: "dynamic", state: "disabled", count: 1 },
    { registered: "operator", state: "enabled", count: 3 },
  ],
  issued_by_client: [{ client_id: claudeCode.client_id, client_name: "Claude Code", count: 214 }],
  connections_by_client: [
    { client_id: claudeCode.client_id, client_name: "Claude Code", count: 812 },
    { client_id: "https://vscode.dev/redirect/client.json", client_name: "Visual Studio Code", count: 301 },
    { client_id: "notes-desk", client_name: "Notes Desk", count: 124 },
    { client_id: "photo-printer-5vX2", client_name: "Photo Printer", count: 43 },
  ],
};

export const people: readonly UserDocument[] = [
  { id: "ada", email: "ada@example.com", admin: true, disabled: false, connections: 3, personal_tokens: 1 },
  { id: "alan", email: "alan@example.com", admin: false, disabled: true, connections: 0, personal_tokens: 0 },
  { id: "grace", email: "grace@example.com", admin: false, disabled: false, connections: 12, personal_tokens: 2 },
];

const grant = (id: string, more: Partial<GrantDocument>): GrantDocument => ({
  id,
  kind: "connection",
  client_id: claudeCode.client_id,
  client_name: "Claude Code",
  subject: "ada",
  email: "ada@example.com",
  scope: "read write",
  resources: [],
  created_at: iso(now - 5 * day),
  ends_at: iso(now + 25 * day),
  last_used_at: iso(now - 3 * minute),
  state: "live",
  ...more,
});

export const connections: readonly GrantDocument[] = [
  grant("one", {}),
  grant("two", {
    client_id: "photo-printer-5vX2",
    client_name: "Photo Printer",
    scope: "read",
    subject: "grace",
    email: "grace@example.com",
  }),
  grant("three", { client_id: "notes-desk", client_name: "Notes Desk", revoked_at: iso(now - day), state: "revoked" }),
];

export const personalTokens: readonly GrantDocument[] = [
  {
    id: "pat",
    kind: "personal",
    name: "Night backup",
    subject: "grace",
    email: "grace@example.com",
    scope: "read",
    resources: [],
    created_at: iso(now - 40 * day),
    state: "live",
  },
];

const token = (id: string, kind: string, state: string): TokenDocument => ({
  id,
  kind,
  client_id: claudeCode.client_id,
  subject: "ada",
  email: "ada@example.com",
  grant_id: "one",
  scope: "read write",
  issued_at: iso(now - 20 * minute),
  expires_at: iso(now + 40 * minute),
  state,
});

export const tokens: readonly TokenDocument[] = [
  token("4218", "access", "active"),
  token("4217", "refresh", "active"),
  token("4102", "refresh", "rotated"),
  token("4101", "access", "expired"),
];

export const events: readonly EventDocument[] = [
  {
    id: 9120,
    at: iso(now - 5000),
    type: "token.refreshed",
    client_id: claudeCode.client_id,
    subject: "ada",
    grant_id: "one",
    address: "203.0.113.7",
    scope: "read write",
  },
  {
    id: 9119,
    at: iso(now - 64_000),
    type: "client.disabled",
    operator: "ada@example.com",
    by: "operator",
    client_id: "budget-9fQ0",
    address: "203.0.113.7",
  },
  {
    id: 9118,
    at: iso(now - 90_000),
    type: "request.refused",
    client_id: "photo-printer-5vX2",
    address: "198.51.100.20",
    endpoint: "token",
    error: "invalid_grant",
    reason: "the code has expired",
    count: 3,
    flow_id: "f-31",
  },
  { id: 9117, at: iso(now - 200_000), type: "sign_in.succeeded", subject: "grace", address: "198.51.100.20" },
];

export const securityReport: SecurityReportDocument = {
  since: iso(now - day),
  until: iso(now),
  counts: { "client.authentication_failed": 2, "refresh.reused": 1 },
  cases: [
    {
      id: 9001,
      at: iso(now - 3 * 60 * minute),
      type: "refresh.reused",
      what: 'A refresh token of "Photo Printer" that was spent already was used again.',
      ended: "The connection it belonged to was ended.",
      client_id: "photo-printer-5vX2",
      subject: "grace",
      flow_id: "f-30",
    },
    {
      id: 8977,
      at: iso(now - 7 * 60 * minute),
      type: "suspicious.activity",
      kind: "registration_storm",
      what: "60 apps registered themselves within 10 minutes.",
      ended: "Nothing was ended.",
    },
  ],
};

const flow = (id: string, outcome: string, more: Partial<FlowDocument> = {}): FlowDocument => ({
  id,
  client_id: claudeCode.client_id,
  client_name: "Claude Code",
  subject: "ada",
  email: "ada@example.com",
  began_at: iso(now - 60 * minute),
  last_at: iso(now - 60 * minute + 14_200),
  outcome,
  ...more,
});

const step = (after: number, name: string, more: object = {}) => ({
  at: iso(now - 90 * minute + after),
  step: name,
  address: "198.51.100.20",
  family: "Firefox",
  ...more,
});

export const refusedFlow = flow("f-31", "refused", {
  client_id: "photo-printer-5vX2",
  client_name: "Photo Printer",
  subject: "grace",
  email: "grace@example.com",
  began_at: iso(now - 90 * minute),
  last_at: iso(now - 90 * minute + 81_400),
  steps: [
    step(0, "requested", { request_id: "q1fJ-1" }),
    step(400, "sign_in"),
    step(9100, "consent_shown"),
    step(14_800, "allowed"),
    step(81_400, "refused", {
      endpoint: "token",
      error: "invalid_grant",
      reason: "the code has expired",
      family: "photo-printer",
      request_id: "q1fJ-9",
    }),
  ],
});

export const flows: readonly FlowDocument[] = [flow("f-32", "used"), refusedFlow, flow("f-29", "denied"), flow("f-28", "under_way")];
