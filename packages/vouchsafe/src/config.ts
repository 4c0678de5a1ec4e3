import type { AuditEvent } from "./audit.ts";
import { parseDuration } from "./duration.ts";
import type { Client, ClientAuthMethod } from "./protocol/client.ts";
import type { RegistrationPolicy } from "./protocol/client-metadata.ts";
import type { RedirectUriPolicy } from "./protocol/redirect-uri.ts";
import { canonicalResource, type Resource, type Resources } from "./protocol/resource.ts";
import { difference, type Scope, type ScopeDefinition, type Vocabulary } from "./protocol/scope.ts";
import type { Store } from "./store/store.ts";

/** Seconds as a number, or with a unit: `"90s"`, `"10m"`, `"1h"`, `"30d"`. */
export type Duration = number | string;

/** Somebody who is signed in, as the host app knows them. */
export interface Person {
  /** Stable and never reused: the `sub` of every token. */
  readonly id: string;
  /** What pages call them. */
  readonly name: string;
  readonly email?: string | undefined;
  /** Milliseconds. */
  readonly signedInAt?: number | undefined;
  /** Ties forms to this sign-in: a form of another session is refused. */
  readonly sessionId?: string | undefined;
}

export interface ScopeOptions<ScopeName extends string = string> {
  /** The words on the consent page: "Read your notes". */
  readonly description: string;
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
}

/**
 * What is limited, as `"10/1m"`: registrations of an address; failed proofs of an address and client; authorization requests
 * of a person; failed sign-ins of an account and address, of an address, and of an account.
 */
export type RateLimitName = "register" | "client" | "authorize" | "signIn" | "signInAddress" | "signInAccount";

/** Everything `createAuthorizationServer` can be told. */
export interface AuthorizationServerOptions<ScopeName extends string = string> {
  /** The server's URL, byte for byte as clients will compare it. https, or http on a loopback host. RFC 8414 §2 */
  readonly issuer: string;
  /** At least 32 bytes; a list is newest first, and all of it is accepted. Seals codes, signs forms. */
  readonly secret: string | readonly string[] | undefined;
  readonly store: Store;
  /** The host app's name on every page. Default: the issuer's host. */
  readonly name?: string;
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
  readonly accessTokenLifetime?: Duration | "never";
  /** Authorization codes. Default 60 seconds, at most ten minutes. */
  readonly codeLifetime?: Duration;
  /** The idle end of refresh tokens. Default 30 days; `"off"`: none are issued. */
  readonly refreshTokenLifetime?: Duration | "never" | "off";
  /** How long the predecessor of a refresh token repeats its answer. Default 60 seconds; 0: strict. */
  readonly refreshOverlap?: Duration;
  /** What the consent page offers for "how long"; `*` marks the preselected one. Default `["1d", "30d*", "never"]`. */
  readonly grantChoices?: readonly string[];
  readonly registration?: RegistrationOptions;
  /** Refuse authorization requests without `state`. Default false. */
  readonly requireState?: boolean;
  /** `false` switches every limit off; a name changes one: `{ register: "10/1m" }`. */
  readonly rateLimits?: false | Partial<Readonly<Record<RateLimitName, string>>>;
  /** Whose `X-Forwarded-For` counts: a number of proxies, or their addresses and CIDR blocks. Default: nobody's. */
  readonly trustProxy?: number | readonly string[];
  readonly paths?: Partial<Paths>;
  /** Every audit event, once it is durable. */
  readonly onEvent?: (event: AuditEvent) => void;
  /** What broke: nothing that was sent is in it. Default: `console.error`. */
  readonly onError?: (error: unknown, circumstances: { readonly requestId: string }) => void;
  /** The clock, in milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

/** Dynamic client registration. RFC 7591 */
export interface RegistrationOptions {
  /** `open` (default); `loopback`: only http redirects to this computer, and a missing method means `none`; `token`: with an initial access token; `off`. */
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
  readonly connectedApps: string;
}

export interface GrantChoice {
  /** As it was configured, and as the form sends it: `30d`, `never`. */
  readonly value: string;
  /** Milliseconds; undefined: until it is revoked. */
  readonly lifetime: number | undefined;
  readonly preselected: boolean;
}

export interface RateLimitRule {
  readonly points: number;
  /** Milliseconds. */
  readonly duration: number;
}

/** The options, checked, with every default in place. Nothing below has a default of its own. */
export interface Configuration {
  readonly issuer: string;
  readonly origin: string;
  /** The issuer's path without its trailing slash: empty, or `/tenant`. */
  readonly basePath: string;
  readonly isSecure: boolean;
  readonly name: string;
  readonly secrets: readonly string[];
  readonly store: Store;
  readonly vocabulary: Vocabulary;
  readonly defaultScope: Scope;
  readonly resources: Resources;
  readonly signedIn: AuthorizationServerOptions["signedIn"];
  readonly signInUrl: AuthorizationServerOptions["signInUrl"];
  /** Milliseconds; undefined: they end with their grant. */
  readonly accessTokenLifetime: number | undefined;
  readonly codeLifetime: number;
  readonly refreshTokens: { readonly offered: boolean; readonly lifetime: number | undefined; readonly overlap: number };
  readonly grantChoices: readonly GrantChoice[];
  readonly registration: RegistrationPolicy & { readonly mode: RegistrationMode; readonly unusedClientLifetime: number };
  readonly requireState: boolean;
  readonly rateLimits: Readonly<Record<RateLimitName, RateLimitRule>> | undefined;
  readonly trustProxy: number | readonly string[];
  readonly paths: Paths;
  readonly onEvent: ((event: AuditEvent) => void) | undefined;
  readonly onError: NonNullable<AuthorizationServerOptions["onError"]>;
  readonly now: () => number;
}

/** Every problem of a configuration at once. */
export class ConfigurationError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The configuration has ${problems.length === 1 ? "a problem" : `${problems.length} problems`}:\n${problems.map((problem) => `- ${problem}`).join("\n")}`);
    this.name = "ConfigurationError";
    this.problems = problems;
  }
}

const defaultPaths: Paths = {
  authorize: "/oauth/authorize",
  done: "/oauth/done",
  token: "/oauth/token",
  register: "/oauth/register",
  revoke: "/oauth/revoke",
  introspect: "/oauth/introspect",
  connectedApps: "/my/connected_apps",
};

const defaultRateLimits: Readonly<Record<RateLimitName, string>> = {
  register: "10/1m",
  client: "20/1m",
  authorize: "120/1m",
  signIn: "10/1m",
  signInAddress: "30/1m",
  signInAccount: "100/1h",
};

export const offeredGrantTypes = ["authorization_code", "refresh_token", "client_credentials"] as const;

/**
 * Checks the options.
 * @throws ConfigurationError with every problem, not just the first
 */
export function checkConfiguration(options: AuthorizationServerOptions): Configuration {
  const problems: string[] = [];
  const report = (problem: string): void => {
    problems.push(problem);
  };
  const duration = (name: string, value: Duration, least = 0, most = Number.MAX_SAFE_INTEGER): number => {
    const parsed = parseDuration(value);
    if (parsed === undefined || parsed < least || parsed > most) report(`${name}: ${JSON.stringify(value)} is not a length of time it can have`);
    return parsed ?? 0;
  };

  const issuer = checkIssuer(options.issuer, report);
  const secrets = checkSecrets(options.secret, report);
  const vocabulary = checkVocabulary(options.scopes, report);
  const names = [...vocabulary.keys()];
  const known = (name: string, scope: Scope): Scope => {
    for (const unknown of difference(scope, names)) report(`${name}: there is no scope ${JSON.stringify(unknown)}`);
    return scope;
  };
  const defaultScope = known("defaultScope", options.defaultScope ?? (vocabulary.has("read") ? ["read"] : names.slice(0, 1)));
  const refreshLifetime = options.refreshTokenLifetime ?? "30d";
  const accessLifetime = options.accessTokenLifetime ?? "1h";
  const registration = options.registration ?? {};
  const mode = registration.mode ?? "open";
  if (!["open", "loopback", "token", "off"].includes(mode)) report(`registration.mode: ${JSON.stringify(mode)} is none of open, loopback, token, off`);

  const configuration: Configuration = {
    ...issuer,
    secrets,
    store: options.store,
    name: options.name ?? URL.parse(issuer.issuer)?.host ?? "",
    vocabulary,
    defaultScope,
    resources: checkResources(options.resources ?? { [issuer.origin]: {} }, names, known, report),
    signedIn: options.signedIn,
    signInUrl: options.signInUrl,
    accessTokenLifetime: accessLifetime === "never" ? undefined : duration("accessTokenLifetime", accessLifetime, 1000),
    codeLifetime: duration("codeLifetime", options.codeLifetime ?? "60s", 1000, 600_000),
    refreshTokens: {
      offered: refreshLifetime !== "off",
      lifetime: refreshLifetime === "off" || refreshLifetime === "never" ? undefined : duration("refreshTokenLifetime", refreshLifetime, 1000),
      overlap: duration("refreshOverlap", options.refreshOverlap ?? "60s"),
    },
    grantChoices: checkGrantChoices(options.grantChoices ?? ["1d", "30d*", "never"], report),
    registration: {
      mode,
      grantTypes: checkGrantTypes(registration.grantTypes ?? ["authorization_code", "refresh_token"], report),
      redirectUris: { schemes: registration.redirectSchemes ?? ["cursor", "vscode", "vscode-insiders", "windsurf"], loopbackOnly: mode === "loopback" },
      vocabulary,
      defaultScope,
      defaultAuthMethod: mode === "loopback" ? "none" : ("client_secret_basic" satisfies ClientAuthMethod),
      unusedClientLifetime: duration("registration.unusedClientLifetime", registration.unusedClientLifetime ?? "30d", 60_000),
    },
    requireState: options.requireState ?? false,
    rateLimits: options.rateLimits === false ? undefined : checkRateLimits({ ...defaultRateLimits, ...options.rateLimits }, report),
    trustProxy: options.trustProxy ?? 0,
    paths: { ...defaultPaths, ...options.paths },
    onEvent: options.onEvent,
    onError: options.onError ?? ((error, { requestId }) => console.error(`request ${requestId}:`, error)),
    now: options.now ?? Date.now,
  };
  if (problems.length > 0) throw new ConfigurationError(problems);
  return configuration;
}

/** Which redirect URIs this client may use: an operator's may have any private-use scheme. */
export function redirectUriPolicy(client: Client, config: Configuration): RedirectUriPolicy {
  return client.origin === "operator" ? { schemes: undefined, loopbackOnly: false } : config.registration.redirectUris;
}

type Report = (problem: string) => void;

function checkIssuer(issuer: string, report: Report): Pick<Configuration, "issuer" | "origin" | "basePath" | "isSecure"> {
  const url = URL.parse(issuer);
  if (url === null) {
    report(`issuer: ${JSON.stringify(issuer)} is not a URL`);
    return { issuer, origin: "", basePath: "", isSecure: true };
  }
  const isLoopback = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback)) report(`issuer: ${issuer} must be https (http is for loopback hosts alone)`);
  if (/[?#@]/.test(issuer)) report(`issuer: ${issuer} must have no query, fragment or user information`);
  else if (issuer !== url.href && issuer !== url.href.replace(/\/$/, "")) report(`issuer: ${issuer} is not in its normal form, ${url.href.replace(/\/$/, "")}`);
  return { issuer, origin: url.origin, basePath: url.pathname.replace(/\/$/, ""), isSecure: url.protocol === "https:" };
}

function checkSecrets(secret: AuthorizationServerOptions["secret"], report: Report): readonly string[] {
  const secrets = secret === undefined ? [] : [secret].flat();
  if (secrets.length === 0) report("secret: there is none");
  if (secrets.some((value) => Buffer.byteLength(value) < 32)) report("secret: it is shorter than 32 bytes");
  return secrets;
}

function checkVocabulary(scopes: AuthorizationServerOptions["scopes"], report: Report): Vocabulary {
  const entries = Object.entries(scopes);
  if (entries.length === 0) report("scopes: there is none");
  const vocabulary = new Map<string, ScopeDefinition>();
  for (const [name, given] of entries) {
    if (!/^[\x21\x23-\x5B\x5D-\x7E]+$/.test(name)) report(`scopes: ${JSON.stringify(name)} has a character that a scope cannot have`);
    const { description, required = false, operatorOnly = false, implies = [] } = typeof given === "string" ? { description: given } : given;
    for (const implied of implies) if (!(implied in scopes)) report(`scopes: ${name} implies ${JSON.stringify(implied)}, which there is not`);
    vocabulary.set(name, { description, required, operatorOnly, implies });
  }
  return vocabulary;
}

function checkResources(resources: Readonly<Record<string, ResourceOptions>>, all: Scope, known: (name: string, scope: Scope) => Scope, report: Report): Resources {
  const checked = new Map<string, Resource>();
  for (const [uri, { name, scopes = all, initialScopes = scopes }] of Object.entries(resources)) {
    const canonical = canonicalResource(uri);
    if (canonical === undefined) {
      report(`resources: ${JSON.stringify(uri)} is not an absolute URI without a fragment`);
      continue;
    }
    if (checked.has(canonical)) report(`resources: ${uri} is there twice`);
    checked.set(canonical, { uri, canonical, name, scopes: known(`resources: ${uri}`, scopes), initialScopes: known(`resources: ${uri}`, initialScopes) });
  }
  return checked;
}

function checkGrantChoices(choices: readonly string[], report: Report): readonly GrantChoice[] {
  const marked = choices.filter((choice) => choice.endsWith("*"));
  if (choices.length === 0) report("grantChoices: there is none");
  if (marked.length > 1) report("grantChoices: more than one is preselected");
  const preselected = marked[0] ?? choices[0];
  return choices.map((choice) => {
    const value = choice.replace(/\*$/, "");
    const lifetime = value === "never" ? undefined : parseDuration(value);
    if (value !== "never" && (lifetime === undefined || lifetime === 0)) report(`grantChoices: ${JSON.stringify(value)} is neither a length of time nor never`);
    return { value, lifetime, preselected: choice === preselected };
  });
}

function checkGrantTypes(grantTypes: readonly string[], report: Report): readonly string[] {
  for (const name of grantTypes) if (!offeredGrantTypes.some((offered) => offered === name)) report(`registration.grantTypes: ${JSON.stringify(name)} is not offered`);
  return grantTypes;
}

function checkRateLimits(rules: Readonly<Record<RateLimitName, string>>, report: Report): Readonly<Record<RateLimitName, RateLimitRule>> {
  const parse = (name: string, rule: string): RateLimitRule => {
    const [, points, length] = /^(\d{1,9})\/(\w+)$/.exec(rule) ?? [];
    const parsed = length === undefined ? undefined : parseDuration(length);
    if (points === undefined || parsed === undefined || parsed === 0) report(`rateLimits.${name}: ${JSON.stringify(rule)} is not a number in a time, such as 10/1m`);
    return { points: Number(points ?? 1), duration: parsed ?? 1 };
  };
  return Object.fromEntries(Object.entries(rules).map(([name, rule]) => [name, parse(name, rule)])) as Record<RateLimitName, RateLimitRule>;
}
