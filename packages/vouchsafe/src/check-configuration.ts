import { checkBranding, checkLanguages, checkPages } from "./appearance.ts";
import { checkAnomalies, checkRateLimits, checkRetention, checkSubscriptions } from "./check-limits.ts";
import {
  type AuthorizationServerOptions,
  type ClientDocumentPolicy,
  type ClientIdMetadataOptions,
  type Configuration,
  ConfigurationError,
  type Duration,
  type GrantChoice,
  type Paths,
  type ResourceOptions,
} from "./config.ts";
import { parseDuration } from "./duration.ts";
import { isAddressOrBlock } from "./http/client-address.ts";
import { de } from "./messages/de.ts";
import { en } from "./messages/en.ts";
import type { Brand } from "./protocol/brands.ts";
import type { ClientAuthMethod } from "./protocol/client.ts";
import { isLoopbackName } from "./protocol/document-url.ts";
import { canonicalResource, isSameOrigin, type Resource, type Resources } from "./protocol/resource.ts";
import { difference, intersection, type Scope, type ScopeDefinition, type Vocabulary } from "./protocol/scope.ts";
import { isShowable } from "./protocol/shown-name.ts";

const defaultPaths: Paths = {
  authorize: "/oauth/authorize",
  done: "/oauth/done",
  token: "/oauth/token",
  register: "/oauth/register",
  revoke: "/oauth/revoke",
  introspect: "/oauth/introspect",
  pushedRequest: "/oauth/par",
  jwks: "/oauth/jwks",
  connectedApps: "/my/connected_apps",
  accessTokens: "/my/access_tokens",
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
    if (parsed === undefined || parsed < least || parsed > most)
      report(`${name}: ${JSON.stringify(value)} is not a length of time it can have`);
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
  if (!["open", "loopback", "token", "off"].includes(mode))
    report(`registration.mode: ${JSON.stringify(mode)} is none of open, loopback, token, off`);

  const format = options.accessTokenFormat ?? "opaque";
  if (format !== "opaque" && format !== "jwt") report(`accessTokenFormat: ${JSON.stringify(format)} is neither opaque nor jwt`);
  if (format === "jwt" && accessLifetime === "never")
    report("accessTokenFormat: a jwt that never ends could not be taken back from who verifies it alone; give accessTokenLifetime an end");
  const documents = checkClientIdMetadata(options.clientIdMetadata ?? {}, issuer, report);

  const configuration: Configuration = {
    ...issuer,
    secrets,
    store: options.store,
    branding: checkBranding(options.branding ?? {}, issuer.issuer, report),
    pages: checkPages(options.pages ?? {}, report),
    vocabulary,
    defaultScope,
    resources: checkResources(options.resources ?? { [issuer.origin]: {} }, issuer.origin, names, known, report),
    signedIn: options.signedIn,
    signInUrl: options.signInUrl,
    accessTokenLifetime: accessLifetime === "never" ? undefined : duration("accessTokenLifetime", accessLifetime, 1000),
    accessTokenFormat: format,
    codeLifetime: duration("codeLifetime", options.codeLifetime ?? "60s", 1000, 600_000),
    refreshTokens: {
      offered: refreshLifetime !== "off",
      lifetime:
        refreshLifetime === "off" || refreshLifetime === "never" ? undefined : duration("refreshTokenLifetime", refreshLifetime, 1000),
      overlap: duration("refreshOverlap", options.refreshOverlap ?? "60s"),
    },
    grantChoices: checkGrantChoices(options.grantChoices ?? ["1d", "30d*", "never"], report),
    registration: {
      mode,
      grantTypes: checkGrantTypes(registration.grantTypes ?? ["authorization_code", "refresh_token"], report),
      redirectUris: {
        schemes: registration.redirectSchemes ?? ["cursor", "vscode", "vscode-insiders", "windsurf"],
        loopbackOnly: mode === "loopback",
      },
      vocabulary,
      defaultScope,
      defaultAuthMethod: mode === "loopback" ? "none" : ("client_secret_basic" satisfies ClientAuthMethod),
      documentUrls: documents,
      unusedClientLifetime: duration("registration.unusedClientLifetime", registration.unusedClientLifetime ?? "30d", 60_000),
    },
    clientDocuments: options.clientIdMetadata === false ? undefined : documents,
    protectedBrands: checkBrands(options.protectedBrands ?? [], report),
    trustedHosts: documents.trustedHosts,
    lookup: options.clientIdMetadata === false ? undefined : options.clientIdMetadata?.lookup,
    personalTokens:
      options.personalTokens === false
        ? undefined
        : {
            maximumLifetime: duration("personalTokens.maximumLifetime", options.personalTokens?.maximumLifetime ?? "366d", 60_000),
          },
    requireState: options.requireState ?? false,
    rateLimits: checkRateLimits(options.rateLimits, report),
    anomalies: checkAnomalies(options.anomalies, report),
    ...checkRetention(options, report),
    subscriptions: checkSubscriptions(options.subscriptions ?? [], report),
    onRequest: options.onRequest,
    trustProxy: checkTrustProxy(options.trustProxy ?? 0, report),
    paths: checkPaths({ ...defaultPaths, ...options.paths }, report),
    languages: checkLanguages(options.languages ?? [en, de], report),
    onNewConnection: options.onNewConnection,
    onEvent: options.onEvent,
    onError: options.onError ?? ((error, { requestId }) => console.error(`request ${requestId}:`, error)),
    now: options.now ?? Date.now,
  };
  if (problems.length > 0) throw new ConfigurationError(problems);
  return configuration;
}

type Report = (problem: string) => void;

type Issuer = Pick<Configuration, "issuer" | "origin" | "basePath" | "isSecure">;

function checkIssuer(issuer: string, report: Report): Issuer {
  const url = URL.parse(issuer);
  if (url === null) {
    report(`issuer: ${JSON.stringify(issuer)} is not a URL`);
    return { issuer, origin: "", basePath: "", isSecure: true };
  }
  const isLoopback = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback))
    report(`issuer: ${issuer} must be https (http is for loopback hosts alone)`);
  if (/[?#@]/.test(issuer)) report(`issuer: ${issuer} must have no query, fragment or user information`);
  else if (issuer !== url.href && issuer !== url.href.replace(/\/$/, ""))
    report(`issuer: ${issuer} is not in its normal form, ${url.href.replace(/\/$/, "")}`);
  return { issuer, origin: url.origin, basePath: url.pathname.replace(/\/$/, ""), isSecure: url.protocol === "https:" };
}

function checkClientIdMetadata(options: false | ClientIdMetadataOptions, { issuer }: Issuer, report: Report): ClientDocumentPolicy {
  const { mode = "on", trustedHosts = [], allowLoopback = false } = options === false ? {} : options;
  if (mode !== "on" && mode !== "allowlist") report(`clientIdMetadata.mode: ${JSON.stringify(mode)} is neither on nor allowlist`);
  for (const host of trustedHosts)
    if (URL.parse(`https://${host}/`)?.host !== host)
      report(`clientIdMetadata.trustedHosts: ${JSON.stringify(host)} is no host such as claude.ai`);
  const url = URL.parse(issuer);
  if (allowLoopback && !isLoopbackName(url?.hostname ?? ""))
    report("clientIdMetadata.allowLoopback: documents on this computer are fetched for tests alone, with an issuer on loopback");
  return { ownHost: url?.host ?? "", trustedHosts, allowLoopback, trustedHostsOnly: mode === "allowlist" };
}

function checkBrands(brands: readonly Brand[], report: Report): readonly Brand[] {
  for (const { name, hosts } of brands) {
    if (typeof name !== "string" || !isShowable(name)) report(`protectedBrands: ${JSON.stringify(name)} is no name`);
    if (!Array.isArray(hosts)) report(`protectedBrands: ${JSON.stringify(name)} has no list of hosts`);
    for (const host of Array.isArray(hosts) ? hosts : [])
      if (URL.parse(`https://${host}/`)?.hostname !== host) report(`protectedBrands: ${JSON.stringify(host)} is no host such as claude.ai`);
  }
  return brands;
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
    const {
      description,
      required = false,
      operatorOnly = false,
      implies = [],
    } = typeof given === "string" ? { description: given } : given;
    for (const implied of implies)
      if (!Object.hasOwn(scopes, implied)) report(`scopes: ${name} implies ${JSON.stringify(implied)}, which there is not`);
    vocabulary.set(name, { description, required, operatorOnly, implies });
  }
  return vocabulary;
}

function checkResources(
  resources: Readonly<Record<string, ResourceOptions>>,
  origin: string,
  all: Scope,
  known: (name: string, scope: Scope) => Scope,
  report: Report,
): Resources {
  const checked = new Map<string, Resource>();
  for (const [uri, { name, scopes = all, initialScopes = scopes, personalTokens = isSameOrigin(uri, origin) }] of Object.entries(
    resources,
  )) {
    const canonical = canonicalResource(uri);
    if (canonical === undefined || !/^https?:/.test(canonical) || canonical.includes("?")) {
      report(`resources: ${JSON.stringify(uri)} is no https or http URL without a query and a fragment`);
      continue;
    }
    // Of the issuer's own origin the issuer's check speaks.
    if (canonical.startsWith("http:") && !isSameOrigin(uri, origin) && !isLoopbackName(URL.parse(canonical)?.hostname ?? ""))
      report(`resources: ${uri} must be https (http is for loopback hosts alone)`);
    if (checked.has(canonical)) report(`resources: ${uri} is there twice`);
    for (const initial of difference(intersection(initialScopes, all), scopes))
      report(`resources: ${uri} has the initial scope ${JSON.stringify(initial)} that is not among its scopes`);
    checked.set(canonical, {
      uri,
      canonical,
      name,
      scopes: known(`resources: ${uri}`, scopes),
      initialScopes: known(`resources: ${uri}`, initialScopes),
      personalTokens,
    });
  }
  return checked;
}

function checkPaths(paths: Paths, report: Report): Paths {
  for (const [name, path] of Object.entries(paths))
    if (!/^(?:\/[A-Za-z0-9._~-]+)+$/.test(path)) report(`paths.${name}: ${JSON.stringify(path)} is no path such as /oauth/token`);
  return paths;
}

function checkTrustProxy(trust: number | readonly string[], report: Report): number | readonly string[] {
  const wrong = typeof trust === "number" ? [] : trust.filter((entry) => !isAddressOrBlock(entry));
  for (const entry of wrong) report(`trustProxy: ${JSON.stringify(entry)} is neither an address nor a CIDR block`);
  if (typeof trust === "number" && (!Number.isInteger(trust) || trust < 0)) report(`trustProxy: ${trust} is no number of proxies`);
  return trust;
}

function checkGrantChoices(choices: readonly string[], report: Report): readonly GrantChoice[] {
  const marked = choices.filter((choice) => choice.endsWith("*"));
  if (choices.length === 0) report("grantChoices: there is none");
  if (marked.length > 1) report("grantChoices: more than one is preselected");
  const preselected = marked[0] ?? choices[0];
  return choices.map((choice) => {
    const value = choice.replace(/\*$/, "");
    const lifetime = value === "never" ? undefined : parseDuration(value);
    if (value !== "never" && (lifetime === undefined || lifetime === 0))
      report(`grantChoices: ${JSON.stringify(value)} is neither a length of time nor never`);
    return { value, lifetime, preselected: choice === preselected };
  });
}

function checkGrantTypes(grantTypes: readonly string[], report: Report): readonly string[] {
  for (const name of grantTypes)
    if (!offeredGrantTypes.some((offered) => offered === name)) report(`registration.grantTypes: ${JSON.stringify(name)} is not offered`);
  return grantTypes;
}
