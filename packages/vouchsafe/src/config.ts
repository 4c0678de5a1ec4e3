import type { LookupFunction } from "node:net";
import type { Branding, BrandingOptions, Languages, PageHooks } from "./appearance.ts";
import type { Anomaly, AuditEvent } from "./audit.ts";
import type { Person } from "./person.ts";
import type { Brand } from "./protocol/brands.ts";
import type { Client } from "./protocol/client.ts";
import type { RegistrationPolicy } from "./protocol/client-metadata.ts";
import type { DocumentUrlPolicy } from "./protocol/document-url.ts";
import type { RedirectUriPolicy } from "./protocol/redirect-uri.ts";
import type { Resources } from "./protocol/resource.ts";
import type { Scope, Vocabulary } from "./protocol/scope.ts";
import type { RateLimitRule } from "./rate-limit.ts";
import type { Store } from "./store/store.ts";
import type { AnsweredRequest, NewConnection, Subscription } from "./told.ts";

export type { Person } from "./person.ts";
export type { AnsweredRequest, NewConnection, Subscription } from "./told.ts";

/** Seconds as a number, or with a unit: `"90s"`, `"10m"`, `"1h"`, `"30d"`; or a word, where one is named. */
export type Duration = number | string;

export interface ScopeOptions<ScopeName extends string = string> {
  /** The words on the consent page: "Read your notes"; or by language: `{ en: "Read your notes", de: "Deine Notizen lesen" }`. */
  readonly description: string | Readonly<Record<string, string>>;
  /** The person cannot untick it. */
  readonly required?: boolean;
  /** Only clients that an operator made may ask for it. */
  readonly operatorOnly?: boolean;
  /** Scopes that come with it where access is checked. */
  readonly implies?: readonly ScopeName[];
}

export interface ResourceOptions<ScopeName extends string = string> {
  readonly name?: string;
  /** Default: every scope. */
  readonly scopes?: readonly ScopeName[];
  /** What the first challenge asks for. Default: all of `scopes`, since many clients never ask for more later. */
  readonly initialScopes?: readonly ScopeName[];
  /**
   * Whether people's personal access tokens work here. Default: at resources of the issuer's origin. A resource that takes
   * only tokens issued for it, as the MCP authorization specification wants, says false.
   */
  readonly personalTokens?: boolean;
}

/**
 * What is limited, as `"10/1m"`: registrations of an address; failed proofs of an address and client; authorization requests
 * of a person, or pushed from an address by public clients; client documents fetched for an address; personal access tokens made by a person; new connections
 * that a person is told of; failed sign-ins of an
 * account and address, of an address, and of an account.
 */
export type RateLimitName =
  | "register"
  | "client"
  | "authorize"
  | "clientDocument"
  | "personalToken"
  | "newConnection"
  | "signIn"
  | "signInAddress"
  | "signInAccount";

/** Everything `createAuthorizationServer` can be told. */
export interface AuthorizationServerOptions<ScopeName extends string = string> {
  /** The server's URL, byte for byte as clients will compare it. https, or http on a loopback host. RFC 8414 §2 */
  readonly issuer: string;
  /** At least 32 bytes; a list is newest first, and all of it is accepted. Seals codes, signs forms. */
  readonly secret: string | readonly string[] | undefined;
  readonly store: Store;
  /** The host app on every page. */
  readonly branding?: BrandingOptions;
  /** What the host app puts around our pages. */
  readonly pages?: PageHooks;
  /** Every scope with its words for the consent page. */
  readonly scopes: Readonly<Record<ScopeName, string | ScopeOptions<ScopeName>>>;
  /** What a request without `scope` asks for, and what is ticked for clients we know little about. Default: `read`, or the first scope. */
  readonly defaultScope?: readonly ScopeName[];
  /** The protected resources by their URI. Default: the issuer's origin. RFC 8707 */
  readonly resources?: Readonly<Record<string, ResourceOptions<ScopeName>>>;
  /** Who is signed in at the host app, by the request's cookies. */
  readonly signedIn: (request: Request) => Person | undefined | Promise<Person | undefined>;
  /** Where to sign in; the host app then leads the person back to `returnTo`, a path of the issuer's. */
  readonly signInUrl: (returnTo: string, hints: { readonly prompt?: string; readonly loginHint?: string }) => string;
  /** Access tokens. Default one hour; `"never"`: they end with their grant. */
  readonly accessTokenLifetime?: Duration;
  /**
   * `opaque` (default); `jwt`: access tokens that resource servers can verify by themselves, which then learn of a revocation
   * only when the token ends. RFC 9068
   */
  readonly accessTokenFormat?: "opaque" | "jwt";
  /** Authorization codes. Default 60 seconds, at most ten minutes. */
  readonly codeLifetime?: Duration;
  /** The idle end of refresh tokens. Default 30 days; `"never"`: they end with their grant; `"off"`: none are issued. */
  readonly refreshTokenLifetime?: Duration;
  /** How long the predecessor of a refresh token repeats its answer. Default 60 seconds; 0: strict. */
  readonly refreshOverlap?: Duration;
  /** What the consent page offers for "how long"; `*` marks the preselected one. Default `["1d", "30d*", "never"]`. */
  readonly grantChoices?: readonly string[];
  readonly registration?: RegistrationOptions;
  /** Names that nobody else's client may go by, beside the well-known ones and the host app's own. */
  readonly protectedBrands?: readonly Brand[];
  /** Clients whose id is the URL of a document that describes them; `false`: no new ones, and those that are known cannot ask for more. */
  readonly clientIdMetadata?: false | ClientIdMetadataOptions;
  /** Access tokens that people make for their own programs; `false`: there are none. */
  readonly personalTokens?: false | PersonalTokenOptions;
  /** Refuse authorization requests without `state`. Default false. */
  readonly requireState?: boolean;
  /** `false` switches every limit off; a name changes one: `{ register: "10/1m" }`. */
  readonly rateLimits?: false | Partial<Readonly<Record<RateLimitName, string>>>;
  /** Whose `X-Forwarded-For` counts: a number of proxies, or their addresses and CIDR blocks. Default: nobody's. */
  readonly trustProxy?: number | readonly string[];
  readonly paths?: Partial<Paths>;
  /** The languages of the pages; the first one is shown to whoever wants none of them. Default: English, German. */
  readonly languages?: Languages;
  /**
   * Somebody let an app into their account: tell them, by the message that comes along. Called after the client got its
   * tokens, and not where a consent was remembered; a refusal is reported to `onError`.
   */
  readonly onNewConnection?: (connection: NewConnection) => void | Promise<void>;
  /** Every audit event, once it is durable. */
  readonly onEvent?: (event: AuditEvent) => void;
  /** Every request that was answered, for metrics and logs; what `authenticate` guards is the host app's. */
  readonly onRequest?: (answered: AnsweredRequest) => void;
  /** Events that must arrive somewhere, such as a webhook: each is tried until it does. */
  readonly subscriptions?: readonly Subscription[];
  /** How long audit events are kept. Default 90 days; `"never"` ends: all of them are. */
  readonly auditRetention?: Duration;
  /** How long security events are kept: at least as long as others. Default one year, or as long as others. */
  readonly securityRetention?: Duration;
  /** When too much of something becomes a case: `{ registration_storm: "100/10m" }`; `false`: never. */
  readonly anomalies?: false | Partial<Readonly<Record<Anomaly, string>>>;
  /** What broke: nothing that was sent is in it. Default: `console.error`. */
  readonly onError?: (error: unknown, circumstances: { readonly requestId: string; readonly flowId?: string }) => void;
  /** The clock, in milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

/** Client ID Metadata Documents: draft-ietf-oauth-client-id-metadata-document. */
export interface ClientIdMetadataOptions {
  /** `on` (default): any public https host; `allowlist`: trusted hosts alone. */
  readonly mode?: "on" | "allowlist";
  /** Hosts that the operator has checked, `claude.ai` or `apps.example:8443`: pages say so. */
  readonly trustedHosts?: readonly string[];
  /** How host names are resolved, for documents and keys. Default: by the system. */
  readonly lookup?: LookupFunction;
  /** Fetch from this computer too, also by http. For tests; refused unless the issuer is on loopback. Default false. */
  readonly allowLoopback?: boolean;
}

/** Personal access tokens end after 7, 30 or 90 days, at a date, or, where `grantChoices` has `never`, never. */
export interface PersonalTokenOptions {
  /** The furthest date. Default one year. */
  readonly maximumLifetime?: Duration;
}

/** Dynamic client registration. RFC 7591 */
export interface RegistrationOptions {
  /**
   * `open` (default); `loopback`: only http redirects to this computer, also for clients with documents, and a missing method
   * means `none`; `token`: with an initial access token; `off`.
   */
  readonly mode?: RegistrationMode;
  /** The grant types a client that registers itself may have. */
  readonly grantTypes?: readonly string[];
  /** Private-use schemes such clients may redirect to. Default: `cursor`, `vscode`, `vscode-insiders`, `windsurf`. */
  readonly redirectSchemes?: readonly string[];
  /** After which a registration that never led to a grant is removed. Default 30 days. */
  readonly unusedClientLifetime?: Duration;
}

export type RegistrationMode = "open" | "loopback" | "token" | "off";

/** Paths below the issuer. */
export interface Paths {
  readonly authorize: string;
  readonly done: string;
  readonly token: string;
  readonly register: string;
  readonly revoke: string;
  readonly introspect: string;
  readonly pushedRequest: string;
  readonly jwks: string;
  readonly connectedApps: string;
  readonly accessTokens: string;
}

export interface GrantChoice {
  /** As it was configured, and as the form sends it: `30d`, `never`. */
  readonly value: string;
  /** Milliseconds; undefined: until it is revoked. */
  readonly lifetime: number | undefined;
  readonly preselected: boolean;
}

export interface ClientDocumentPolicy extends DocumentUrlPolicy {
  readonly trustedHostsOnly: boolean;
}

/** The options, checked, with every default in place. Nothing below has a default of its own. */
export interface Configuration {
  readonly issuer: string;
  readonly origin: string;
  /** The issuer's path without its trailing slash: empty, or `/tenant`. */
  readonly basePath: string;
  readonly isSecure: boolean;
  readonly branding: Branding;
  readonly pages: PageHooks;
  readonly secrets: readonly string[];
  readonly store: Store;
  readonly vocabulary: Vocabulary;
  readonly defaultScope: Scope;
  readonly resources: Resources;
  readonly signedIn: AuthorizationServerOptions["signedIn"];
  readonly signInUrl: AuthorizationServerOptions["signInUrl"];
  /** Milliseconds; undefined: they end with their grant. */
  readonly accessTokenLifetime: number | undefined;
  readonly accessTokenFormat: "opaque" | "jwt";
  readonly codeLifetime: number;
  readonly refreshTokens: { readonly offered: boolean; readonly lifetime: number | undefined; readonly overlap: number };
  readonly grantChoices: readonly GrantChoice[];
  readonly registration: RegistrationPolicy & { readonly mode: RegistrationMode; readonly unusedClientLifetime: number };
  /** Undefined: a client's id is never a URL. */
  readonly clientDocuments: ClientDocumentPolicy | undefined;
  readonly protectedBrands: readonly Brand[];
  readonly trustedHosts: readonly string[];
  readonly lookup: LookupFunction | undefined;
  readonly personalTokens: { readonly maximumLifetime: number } | undefined;
  readonly requireState: boolean;
  readonly rateLimits: Readonly<Record<RateLimitName, RateLimitRule>> | undefined;
  readonly trustProxy: number | readonly string[];
  readonly paths: Paths;
  readonly languages: Languages;
  readonly onNewConnection: AuthorizationServerOptions["onNewConnection"];
  readonly onEvent: ((event: AuditEvent) => void) | undefined;
  readonly onRequest: ((answered: AnsweredRequest) => void) | undefined;
  readonly subscriptions: readonly Subscription[];
  /** Milliseconds; undefined: for ever. */
  readonly auditRetention: number | undefined;
  readonly securityRetention: number | undefined;
  readonly anomalies: Readonly<Partial<Record<Anomaly, RateLimitRule>>>;
  readonly onError: NonNullable<AuthorizationServerOptions["onError"]>;
  readonly now: () => number;
}

/** Every problem of a configuration at once. */
export class ConfigurationError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `The configuration has ${problems.length === 1 ? "a problem" : `${problems.length} problems`}:\n${problems.map((problem) => `- ${problem}`).join("\n")}`,
    );
    this.name = "ConfigurationError";
    this.problems = problems;
  }
}

/** Which redirect URIs this client may use: an operator's may have any private-use scheme. */
export function redirectUriPolicy(client: Client, config: Configuration): RedirectUriPolicy {
  return client.origin === "operator" ? { schemes: undefined, loopbackOnly: false } : config.registration.redirectUris;
}
