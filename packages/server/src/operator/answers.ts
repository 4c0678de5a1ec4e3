/** The documents that an operator is answered with. Times are ISO 8601 in UTC; what there is not is absent. */

export interface ClientDocument {
  readonly client_id: string;
  readonly client_name: string;
  /** `operator`, `dynamic` or `document`. */
  readonly registered: string;
  readonly first_party: boolean;
  readonly redirect_uris: readonly string[];
  readonly grant_types: readonly string[];
  readonly token_endpoint_auth_method: string;
  readonly scope: string;
  readonly resources?: readonly string[];
  readonly resource_server_of?: readonly string[];
  /** What a consent page would say of it, by its first redirect URI: `own`, `checked`, `known-website`, `on-this-computer`, `named-itself`. */
  readonly tier?: string;
  /** Where the answers to its first redirect URI go: a host, or `cursor://`. */
  readonly host?: string;
  readonly created_at: string;
  readonly disabled_at?: string;
  readonly last_used_at?: string;
  readonly connections: number;
  /** Refusals and failures in the last 24 hours. */
  readonly failures_24h: number;
}

export interface GrantDocument {
  readonly id: string;
  /** `connection` or `personal`. */
  readonly kind: string;
  readonly client_id?: string;
  readonly client_name?: string;
  /** What the person calls their personal token. */
  readonly name?: string;
  readonly subject: string;
  /** Where the subject is an account of ours. */
  readonly email?: string;
  readonly scope: string;
  readonly resources: readonly string[];
  readonly created_at: string;
  readonly ends_at?: string;
  readonly revoked_at?: string;
  readonly last_used_at?: string;
  /** `live`, `revoked` or `ended`. */
  readonly state: string;
}

export interface TokenDocument {
  readonly id: string;
  readonly kind: string;
  readonly client_id?: string;
  readonly subject?: string;
  readonly email?: string;
  readonly grant_id?: string;
  readonly scope: string;
  readonly audience?: string;
  readonly issued_at: string;
  readonly expires_at?: string;
  /** `active`, `expired`, `revoked`, or `rotated` for a refresh token that was spent. */
  readonly state: string;
}

export interface UserDocument {
  readonly id: string;
  readonly email: string;
  readonly admin: boolean;
  readonly disabled: boolean;
  readonly connections: number;
  readonly personal_tokens: number;
}

export interface Passworded {
  /** Only where it was made. */
  readonly password?: string;
}

/** An audit event: `id`, `at`, `type`, and what else it tells. */
export interface EventDocument {
  readonly id: number;
  readonly at: string;
  readonly type: string;
  readonly [fact: string]: string | number | boolean | readonly string[];
}

export interface FlowDocument {
  readonly id: string;
  readonly client_id: string;
  readonly client_name: string;
  readonly subject?: string;
  readonly email?: string;
  readonly grant_id?: string;
  readonly began_at: string;
  readonly last_at: string;
  readonly outcome: string;
  /** Only of one flow that is asked for by its id. */
  readonly steps?: readonly FlowStepDocument[];
}

export interface FlowStepDocument {
  readonly at: string;
  readonly step: string;
  readonly request_id?: string;
  readonly address?: string;
  readonly family?: string;
  readonly endpoint?: string;
  readonly error?: string;
  readonly reason?: string;
}

export interface StatisticsDocument {
  readonly since: string;
  readonly until: string;
  /** Seconds of a period of `series`. */
  readonly period: number;
  readonly counts: CountsDocument;
  readonly series: readonly ({ readonly at: string } & CountsDocument)[];
  readonly active: HeldDocument;
  readonly expired: HeldDocument;
  readonly clients: readonly { readonly registered: string; readonly state: string; readonly count: number }[];
  readonly issued_by_client: readonly ClientCountDocument[];
  readonly connections_by_client: readonly ClientCountDocument[];
}

export interface CountsDocument {
  readonly issued: TallyDocument;
  readonly token_errors: TallyDocument;
  readonly refused: TallyDocument;
  readonly registrations: TallyDocument;
  readonly consents: TallyDocument;
  readonly revoked: TallyDocument;
  readonly security: TallyDocument;
}

export type TallyDocument = Readonly<Record<string, number>>;

export interface HeldDocument {
  readonly connections: number;
  readonly personal_tokens: number;
  readonly client_tokens: number;
}

export interface ReachDocument extends HeldDocument {
  readonly people: number;
}

export interface ClientCountDocument {
  readonly client_id: string;
  readonly client_name?: string;
  readonly count: number;
}

export interface SecurityReportDocument {
  readonly since: string;
  readonly until: string;
  /** Security events by type. */
  readonly counts: TallyDocument;
  /** The newest first, at most 100. */
  readonly cases: readonly SecurityCaseDocument[];
}

/** What happened and what was ended, in words. */
export interface SecurityCaseDocument {
  readonly id: number;
  readonly at: string;
  readonly type: string;
  /** Of `suspicious.activity`. */
  readonly kind?: string;
  readonly what: string;
  readonly ended: string;
  readonly client_id?: string;
  readonly subject?: string;
  readonly flow_id?: string;
}

export interface VerificationDocument {
  readonly events: number;
  readonly unprotected: number;
  readonly findings: readonly { readonly chain: string; readonly position: number; readonly what: string }[];
}

export interface KeyDocument {
  readonly kid: string;
  readonly algorithm: string;
  /** `signing`, `next` or `retired`. */
  readonly state: string;
  readonly created_at: string;
  readonly signs_from?: string;
  readonly retired_at?: string;
}

export interface RegistrationTokenDocument {
  readonly id: string;
  readonly uses_left: number;
  readonly created_at: string;
}

export interface CleanupDocument {
  readonly clients: number;
  readonly grants: number;
  readonly tokens: number;
  readonly decisions: number;
  readonly pushed_requests: number;
  readonly assertions: number;
  readonly refresh_answers: number;
  readonly disconnections: number;
  readonly subjects: number;
  readonly registration_tokens: number;
  readonly deliveries: number;
  readonly rate_limits: number;
  readonly events: number;
  readonly security_events: number;
  readonly flows: number;
  readonly sessions: number;
}
