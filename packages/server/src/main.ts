import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import {
  type AuthorizationServer,
  type AuthorizationServerOptions,
  type Configuration,
  checkConfiguration,
  createAuthorizationServer,
  type Person,
  parseDuration,
  type RequestInfo,
  type ResourceOptions,
  StorageError,
} from "vouchsafe";
import { memory } from "vouchsafe/memory";
import { type SqliteStore, sqlite } from "vouchsafe/sqlite";
import { type Accounts, createAccounts } from "./accounts.ts";
import { adminPaths } from "./admin-paths.ts";
import type { Environment } from "./environment.ts";
import { showHome } from "./home.ts";
import { logoPath, serveLogo } from "./logo.ts";
import { logNewConnections, mailNewConnections } from "./mail.ts";
import { health, type Logger, logError, logEvent, readiness } from "./operations.ts";
import { createPasswordChange } from "./password.ts";
import { createPasswordTrial } from "./password-trial.ts";
import { createRefusalNotes } from "./refusal-notes.ts";
import { createRouter, lazily, type Route } from "./router.ts";
import { createSignIn, signInUrl } from "./sign-in.ts";
import { createSignOut } from "./sign-out.ts";
import { createSignUp } from "./sign-up.ts";

/** The standalone server, built and not yet listening. */
export interface Standalone {
  readonly oauth: AuthorizationServer;
  readonly accounts: Accounts;
  readonly store: SqliteStore;
  readonly fetch: (request: Request, info: RequestInfo) => Response | Promise<Response>;
  /** From now on `/readyz` says no. */
  readonly beginStopping: () => void;
  readonly isStopping: () => boolean;
}

/** How long a command waits for a busy database, in milliseconds. A server must not: it would stand still. */
export const patience = 5000;

/**
 * Opens the database of these settings.
 * @throws StorageError
 */
export function openStore({ databasePath, values }: Environment, busyTimeout?: number): SqliteStore {
  try {
    if (databasePath !== ":memory:") mkdirSync(dirname(databasePath), { recursive: true });
  } catch (error) {
    throw new StorageError("cannot-open", `the folder of ${databasePath} cannot be made: ${(error as Error).message}`, error);
  }
  return sqlite(databasePath, { synchronous: values.sqliteSynchronous, ...(busyTimeout === undefined ? {} : { busyTimeout }) });
}

/**
 * Puts library, accounts, pages and demo together.
 * @throws ConfigurationError, StorageError
 */
export function createStandalone(
  environment: Environment,
  logger: Logger,
  options: { readonly demo: boolean; readonly busyTimeout?: number },
): Standalone {
  const { values } = environment;
  const store = openStore(environment, options.busyTimeout);
  const sessions = { idle: parseDuration(values.sessionIdle) ?? 0, lifetime: parseDuration(values.sessionLifetime) ?? 0 };
  const accounts = createAccounts(store, sessions);
  const { signedIn, routes } = accountPages(environment, accounts, options.demo, () => oauth);
  const given = libraryOptions(environment, options.demo);
  const oauth = createAuthorizationServer({
    ...given,
    store,
    signedIn,
    onNewConnection: newConnectionTold(environment, accounts, logger),
    onEvent: (event) => logEvent(logger, event),
    onError: (error, { requestId }) => logError(logger, error, requestId),
  });
  const stopping = new AbortController();
  const refused = {
    onError: (error: unknown, requestId: string) => logError(logger, error, requestId),
    onRefusal: createRefusalNotes(() => oauth, values.trustProxy),
  };
  const ownRoutes = new Map<string, Route>([
    ...routes,
    ...(values.logo === undefined ? [] : [[logoPath, { GET: serveLogo(values.logo) }] as const]),
    ["/healthz", { GET: health }],
    ["/readyz", { GET: readiness(oauth, () => stopping.signal.aborted) }],
    ...(options.demo ? demoRoutes(oauth) : []),
    ...adminPaths({
      ...values,
      oauth,
      accounts,
      store,
      resources: Object.keys(given.resources ?? {}),
      stopping: stopping.signal,
      ...refused,
    }),
  ]);
  const answerOwn = createRouter(ownRoutes, { look: () => oauth.look, ...refused });

  return {
    oauth,
    accounts,
    store,
    fetch: (request, info) => answerOwn(request, info) ?? oauth.fetch(request, info),
    beginStopping: () => stopping.abort(),
    isStopping: () => stopping.signal.aborted,
  };
}

/** What people see and send of their accounts. The library asks it who is signed in, and it asks the library for forms and limits. */
function accountPages(
  { values }: Environment,
  accounts: Accounts,
  demo: boolean,
  oauth: () => AuthorizationServer,
): { readonly signedIn: (request: Request) => Person | undefined; readonly routes: readonly (readonly [string, Route])[] } {
  const { trustProxy, signUp: hasSignUp } = values;
  const common = { isSecure: values.issuer.startsWith("https:"), accounts, trustProxy, oauth };
  const tryPassword = createPasswordTrial({ accounts, oauth });
  const signIn = createSignIn({ ...common, tryPassword, hasSignUp });
  const { signedIn } = signIn;
  const signUp = createSignUp(common);
  const signOut = createSignOut({ ...common, signedIn });
  const password = createPasswordChange({ ...common, tryPassword, signedIn });
  const routes: readonly (readonly [string, Route])[] = [
    ["/", { GET: showHome({ signedIn, oauth, mcp: demo ? `${values.issuer}/mcp` : undefined }) }],
    ["/sign_in", { GET: signIn.showSignIn, POST: signIn.signIn }],
    ...(hasSignUp ? ([["/sign_up", { GET: signUp.showSignUp, POST: signUp.signUp }]] as const) : []),
    ["/my/password", { GET: password.showPassword, POST: password.changePassword }],
    ["/sign_out", { GET: signOut.showSignOut, POST: signOut.signOut }],
  ];
  return { signedIn, routes };
}

/** The notes API and its MCP server, loaded when the first request comes: they are not what a server starts for. */
function demoRoutes(oauth: AuthorizationServer): readonly (readonly [string, Route])[] {
  const notes = import("./demo/notes.ts").then(({ createNotes }) => createNotes());
  return [
    ["/api/notes", lazily(async () => (await import("./demo/api.ts")).createNotesApi(oauth, await notes))],
    ["/mcp", lazily(async () => (await import("./demo/mcp.ts")).createNotesMcp(oauth, await notes))],
  ];
}

/** Both, and what was said about a resource beats what the demo says. */
function merged(
  said: Readonly<Record<string, ResourceOptions>>,
  demo: Readonly<Record<string, ResourceOptions>>,
): Record<string, ResourceOptions> {
  return Object.fromEntries([...Object.keys(said), ...Object.keys(demo)].map((uri) => [uri, { ...demo[uri], ...said[uri] }]));
}

/** By mail, or in the log. */
function newConnectionTold(
  { values }: Environment,
  accounts: Accounts,
  logger: Logger,
): NonNullable<AuthorizationServerOptions["onNewConnection"]> {
  const { smtpUrl, smtpFrom = `no-reply@${URL.parse(values.issuer)?.hostname ?? "localhost"}` } = values;
  return smtpUrl === undefined ? logNewConnections(logger) : mailNewConnections({ smtpUrl, from: smtpFrom, accounts, logger });
}

/** What the library makes of these settings. Nothing is opened, and no secret made. @throws ConfigurationError */
export function checkSettings(environment: Environment): Configuration {
  const secret = environment.values.secret ?? ["the secret that is made at the first start"];
  return checkConfiguration({
    ...libraryOptions({ ...environment, secret: () => secret }, false),
    store: memory(),
    signedIn: () => undefined,
  });
}

/** The settings in the library's words. */
function libraryOptions({ values, secret }: Environment, demo: boolean): Omit<AuthorizationServerOptions, "store" | "signedIn"> {
  const { issuer } = values;
  const base = issuer.replace(/\/$/, "");
  const ours = {
    [`${base}/mcp`]: { name: "Notes", initialScopes: ["read"], personalTokens: false },
    [`${base}/api/notes`]: { name: "Notes API", initialScopes: ["read"] },
  };
  const standard = values.resources ?? { [`${base}/mcp`]: { personalTokens: false }, [URL.parse(issuer)?.origin ?? base]: {} };
  return {
    issuer,
    secret: secret(),
    scopes: values.scopes,
    resources: demo ? merged(standard, ours) : standard,
    signInUrl,
    accessTokenLifetime: values.tokenLifetime,
    codeLifetime: values.codeLifetime,
    refreshTokenLifetime: values.refreshTokenLifetime,
    refreshOverlap: values.refreshOverlap,
    grantChoices: values.grantChoices,
    registration: {
      mode: values.registration,
      grantTypes: values.registrationGrants,
      redirectSchemes: values.redirectSchemes,
      unusedClientLifetime: values.unusedClientLifetime,
    },
    clientIdMetadata:
      values.clientIdMetadata === "off"
        ? false
        : { mode: values.clientIdMetadata, trustedHosts: values.trustedHosts, allowLoopback: values.clientIdMetadataLoopback },
    accessTokenFormat: values.accessTokenFormat,
    requireState: values.requireState,
    rateLimits: values.rateLimits
      ? {
          register: values.rateLimitRegister,
          client: values.rateLimitClient,
          authorize: values.rateLimitAuthorize,
          clientDocument: values.rateLimitClientDocument,
          personalToken: values.rateLimitPersonalToken,
          newConnection: values.rateLimitNewConnection,
          signIn: values.rateLimitSignIn,
          signInAddress: values.rateLimitSignInAddress,
          signInAccount: values.rateLimitSignInAccount,
        }
      : false,
    trustProxy: values.trustProxy,
    auditRetention: values.auditRetention,
    ...(values.securityRetention === undefined ? {} : { securityRetention: values.securityRetention }),
    anomalies: values.anomalies
      ? {
          client_authentication_burst: values.anomalyClientAuthentication,
          sign_in_burst: values.anomalySignIn,
          scope_violation_burst: values.anomalyScopeViolation,
          registration_storm: values.anomalyRegistration,
          issuance_surge: values.anomalyIssuance,
        }
      : false,
    branding: {
      ...(values.name === undefined ? {} : { name: values.name }),
      ...(values.logo === undefined ? {} : { logo: logoPath }),
      ...(values.accentColor === undefined ? {} : { accentColor: values.accentColor }),
      links: values.links,
    },
    protectedBrands: values.protectedBrands,
    ...(values.defaultScope === undefined ? {} : { defaultScope: values.defaultScope }),
  };
}
