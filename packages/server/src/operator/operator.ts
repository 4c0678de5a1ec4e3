import type {
  CleanupDocument,
  ClientDocument,
  EventDocument,
  FlowDocument,
  GrantDocument,
  KeyDocument,
  Passworded,
  ReachDocument,
  RegistrationTokenDocument,
  SecurityReportDocument,
  StatisticsDocument,
  TokenDocument,
  UserDocument,
  VerificationDocument,
} from "./answers.ts";

export type * from "./answers.ts";

/**
 * What an operator sees and does, as JSON documents in the words of the wire. Admin API, commands and dashboard are three
 * faces of this one thing, so that they always agree. Times are ISO 8601 in UTC; what there is not is absent.
 */
export interface Operator {
  /** The same, by somebody of this name, who then stands in the audit with whatever they do. */
  as(name: string, circumstances?: { readonly requestId?: string; readonly address?: string }): Operator;

  statistics(range: TimeRange): Promise<StatisticsDocument>;
  securityReport(range: TimeRange): Promise<SecurityReportDocument>;

  clients(filter: ClientListing): Promise<Listed<ClientDocument>>;
  /** @throws NotFound, as whatever names something by its id */
  client(id: string): Promise<ClientDocument>;
  createClient(order: ClientOrder): Promise<ClientDocument & { readonly client_secret?: string }>;
  /** `keepOld`: a length of time such as `24h`, for which the old secret stays good. */
  rotateSecret(id: string, keepOld: string | undefined): Promise<{ readonly client_id: string; readonly client_secret: string }>;
  setClientDisabled(id: string, isDisabled: boolean): Promise<ClientDocument>;
  /** What revoking it would end; with `isRehearsal` nothing is. */
  revokeClient(id: string, isRehearsal: boolean): Promise<ReachDocument>;
  deleteClient(id: string, isRehearsal: boolean): Promise<ReachDocument>;

  grants(filter: GrantListing): Promise<Listed<GrantDocument>>;
  grant(id: string): Promise<GrantDocument>;
  revokeGrant(id: string, isRehearsal: boolean): Promise<ReachDocument>;

  tokens(filter: TokenListing): Promise<Listed<TokenDocument>>;
  /** For a person by e-mail address or id. The value is in this answer and nowhere else. */
  createToken(order: TokenOrder): Promise<GrantDocument & { readonly token: string }>;
  revokeToken(id: string, isRehearsal: boolean): Promise<ReachDocument>;

  users(filter: Page & { readonly search?: string }): Promise<Listed<UserDocument>>;
  /** By e-mail address or id. */
  user(name: string): Promise<UserDocument>;
  /** Without a password one is made, and is in the answer. */
  addUser(order: { readonly email: string; readonly password?: string; readonly admin?: boolean }): Promise<UserDocument & Passworded>;
  setPassword(name: string, password: string | undefined): Promise<UserDocument & Passworded>;
  /** @throws Conflict where nobody would be left who is an administrator and enabled */
  setAdmin(name: string, isAdmin: boolean): Promise<UserDocument>;
  setUserDisabled(name: string, isDisabled: boolean): Promise<UserDocument>;
  /** Ends every connection and personal token of a person. */
  revokeUser(name: string, isRehearsal: boolean): Promise<ReachDocument>;

  events(filter: EventListing): Promise<Listed<EventDocument>>;
  /** All that match, the oldest first. */
  exportEvents(filter: EventListing): AsyncIterable<EventDocument>;
  verifyAudit(): Promise<VerificationDocument>;
  flows(filter: FlowListing): Promise<Listed<FlowDocument>>;
  flow(id: string): Promise<FlowDocument>;

  keys(): Promise<Listed<KeyDocument>>;
  rotateKey(algorithm: string | undefined): Promise<KeyDocument>;
  registrationTokens(): Promise<Listed<RegistrationTokenDocument>>;
  createRegistrationToken(uses: number): Promise<{ readonly id: string; readonly token: string }>;
  revokeRegistrationToken(id: string): Promise<void>;
  cleanUp(isRehearsal: boolean): Promise<CleanupDocument>;
}

/** There is nothing of this id: 404, exit code 4. */
export class NotFound extends Error {
  constructor(message: string) {
    super(message);
    this.name = "NotFound";
  }
}

/** What was asked for is malformed, and how: 400, exit code 2. */
export class BadInput extends Error {
  constructor(message: string) {
    super(message);
    this.name = "BadInput";
  }
}

/** What was sent, in a sentence of ours: of the characters that an `error_description` may have. RFC 6749 §5.2 */
export const quote = (sent: string | undefined): string => `'${(sent ?? "").slice(0, 200).replace(/[^\x20-\x7E]|["'\\]/g, "?")}'`;

/** It cannot be done as things stand: 409, exit code 1. */
export class Conflict extends Error {
  constructor(message: string) {
    super(message);
    this.name = "Conflict";
  }
}

/** `since` and `until`: a length of time before now, such as `24h`, or a time, such as `2026-11-22` or `2026-11-22T10:00:00Z`. */
export interface TimeRange {
  /** Default: `24h`. */
  readonly since?: string;
  /** Default: now. */
  readonly until?: string;
}

export interface Page {
  /** From 1 to 200; default 50. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly after?: string;
}

export interface Listed<Item> {
  readonly items: readonly Item[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface ClientListing extends Page {
  /** Part of a name or id. */
  readonly search?: string;
  readonly registered?: string;
  readonly state?: string;
}

export interface GrantListing extends Page {
  readonly client?: string;
  /** By e-mail address or id. */
  readonly user?: string;
  /** `connection` or `personal`. */
  readonly kind?: string;
  /** `live` (default), `ended` or `all`. */
  readonly state?: string;
}

export interface TokenListing extends Page {
  readonly client?: string;
  readonly user?: string;
  readonly grant?: string;
  /** `access`, `refresh` or `personal`. */
  readonly kind?: string;
}

export interface EventListing extends Page, TimeRange {
  /** Such as `token.issued`; several: any of them. */
  readonly type?: readonly string[];
  /** Security events alone. */
  readonly security?: boolean;
  readonly client?: string;
  readonly user?: string;
  readonly grant?: string;
  readonly flow?: string;
}

export interface FlowListing extends Page, TimeRange {
  readonly client?: string;
  /** `under_way`, `allowed`, `denied`, `connected`, `used` or `refused`. */
  readonly outcome?: string;
}

export interface ClientOrder {
  readonly client_id?: string;
  readonly client_name: string;
  readonly redirect_uris?: readonly string[];
  readonly token_endpoint_auth_method?: string;
  readonly grant_types?: readonly string[];
  /** Names with spaces between them. */
  readonly scope?: string;
  readonly resources?: readonly string[];
  readonly resource_server_of?: readonly string[];
  readonly jwks?: unknown;
  readonly jwks_uri?: string;
  /** The operator's own application. */
  readonly first_party?: boolean;
}

export interface TokenOrder {
  readonly user: string;
  readonly name: string;
  readonly scope?: string;
  /** `30d`, a date, or `never`. */
  readonly ends?: string;
}
