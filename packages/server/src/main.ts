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
import { type PostgresOptions, postgres } from "vouchsafe/postgres";
import { type SqliteOptions, type SqlStore, sqlite } from "vouchsafe/sqlite";
import { type Accounts, createAccounts } from "./accounts.ts";
import { adminPaths } from "./admin-paths.ts";
import { demoRoutes } from "./demo/routes.ts";
import type { Environment } from "./environment.ts";
import { createFailureLog, type LogFailure } from "./failure-log.ts";
import { showHome } from "./home.ts";
import { logoPath, serveLogo } from "./logo.ts";
import { createMailer, logNewConnections, mailNewConnections, type SendMail } from "./mail.ts";
import { createMetrics, type Metrics } from "./metrics/metrics.ts";
import { health, type Logger, logEvent, logRequest, readiness } from "./operations.ts";
import { createPasswordChange } from "./password.ts";
import { createPasswordTrial } from "./password-trial.ts";
import { createRefusalNotes } from "./refusal-notes.ts";
import { createRouter, type Route } from "./router.ts";
import { createSignIn, signInUrl } from "./sign-in.ts";
import { createSignOut } from "./sign-out.ts";
import { createSignUp } from "./sign-up.ts";
import { createSubscriptions } from "./subscriptions.ts";

/** The standalone server, built and not yet listening. */
export interface Standalone {
  readonly oauth: AuthorizationServer;
  readonly accounts: Accounts;
  readonly store: SqlStore;
  readonly fetch: (request: Request, info: RequestInfo) => Response | Promise<Response>;
  /** Reports what broke where no request was waiting. */
  readonly logFailure: LogFailure;
  /** From now on `/readyz` says no. */
  readonly beginStopping: () => void;
  readonly isStopping: () => boolean;
}

/** How long a command waits for a busy database, in milliseconds. A server must not: it would stand still. */
export const patience = 5000;

/** What a store is opened with, whichever it is. */
export interface StoreOptions extends Pick<SqliteOptions, "busyTimeout" | "onDuration">, Pick<PostgresOptions, "sessionName"> {
  /** Told what breaks while nobody waits for it. */
  readonly onError?: (error: Error) => void;
}

/**
 * Opens the database of these settings.
 * @throws StorageError
 */
export async function openStore({ database, values }: Environment, options: StoreOptions = {}): Promise<SqlStore> {
  if (database.kind === "postgres") return postgres(database.url, { ...options, connections: values.databaseConnections });
  try {
    if (database.path !== ":memory:") mkdirSync(dirname(database.path), { recursive: true });
  } catch (error) {
    throw new StorageError("cannot-open", `the folder of ${database.path} cannot be made: ${(error as Error).message}`, error);
  }
  return sqlite(database.path, { ...options, synchronous: values.sqliteSynchronous });
}

export interface StandaloneOptions {
  readonly demo: boolean;
  /** See `patience`. */
  readonly busyTimeout?: number;
  /** Whether this process delivers events to who subscribed: a command leaves that to the server. */
  readonly delivers: boolean;
  /** Where one of several processes is asked, it answers for all: see `createMetrics`. */
  readonly metrics?: Metrics;
}

/**
 * Puts library, accounts, pages and demo together.
 * @throws ConfigurationError, StorageError
 */
export async function createStandalone(environment: Environment, logger: Logger, options: StandaloneOptions): Promise<Standalone> {
  const { values } = environment;
  const logFailure = createFailureLog(logger);
  const { busyTimeout, metrics = createMetrics() } = options;
  const store = await openStore(environment, {
    onDuration: metrics.onStorage,
    onError: (error) => logFailure(error, "database"),
    ...(busyTimeout === undefined ? {} : { busyTimeout }),
  });
  const { onEvent, onRequest } = countAndLog(metrics, logger);
  const sessions = { idle: parseDuration(values.sessionIdle) ?? 0, lifetime: parseDuration(values.sessionLifetime) ?? 0 };
  const accounts = await createAccounts(store, sessions);
  const { signedIn, routes } = accountPages(environment, accounts, options.demo, () => oauth);
  const given = libraryOptions(environment, options.demo);
  const sendMail = mailerOf(environment);
  const subscriptions = createSubscriptions({ values, accounts, store, logger, logFailure, sendMail, oauth: () => oauth });
  const oauth = createAuthorizationServer({
    ...given,
    store,
    signedIn,
    onNewConnection: sendMail === undefined ? logNewConnections(logger) : mailNewConnections(sendMail, accounts, logger),
    subscriptions: options.delivers ? subscriptions : [],
    onEvent,
    onRequest,
    onError: (error, { requestId, flowId }) => logFailure(error, requestId, flowId),
  });
  // What a command does is delivered too: by a server, from the database.
  if (!options.delivers) store.deliveries.subscribe(subscriptions);
  const stopping = new AbortController();
  const told = { ...telling(logFailure, oauth, values.trustProxy), onRequest };
  const resources = Object.keys(given.resources ?? {});
  const ownRoutes = new Map<string, Route>([
    ...routes,
    ...publicRoutes(environment, oauth, stopping.signal),
    ...(options.demo ? demoRoutes(oauth, values.workers === 1 && store.database.dialect === "sqlite" ? undefined : store) : []),
    ...adminPaths({ ...values, oauth, accounts, store, resources, metrics, signedIn, stopping: stopping.signal, ...told }),
  ]);
  const answerOwn = createRouter(ownRoutes, { look: () => oauth.look, ...told });

  return {
    oauth,
    accounts,
    store,
    logFailure,
    fetch: (request, info) => answerOwn(request, info) ?? oauth.fetch(request, info),
    beginStopping: () => stopping.abort(),
    isStopping: () => stopping.signal.aborted,
  };
}

/** Whatever happens is counted and has its line in the log. */
function countAndLog(metrics: Metrics, logger: Logger): Required<Pick<AuthorizationServerOptions, "onEvent" | "onRequest">> {
  return {
    onEvent: (event) => {
      metrics.onEvent(event);
      logEvent(logger, event);
    },
    onRequest: (answered) => {
      metrics.onRequest(answered);
      logRequest(logger, answered);
    },
  };
}

/** To whom failures and refusals of our own pages are told. */
const telling = (onError: LogFailure, oauth: AuthorizationServer, trustProxy: number | readonly string[]) => ({
  onError,
  onRefusal: createRefusalNotes(() => oauth, trustProxy),
});

/** What anybody may ask for who reaches the server. */
const publicRoutes = (
  { values }: Environment,
  oauth: AuthorizationServer,
  stopping: AbortSignal,
): readonly (readonly [string, Route])[] => [
  ...(values.logo === undefined ? [] : [[logoPath, { GET: serveLogo(values.logo) }] as const]),
  ["/healthz", { GET: health }],
  ["/readyz", { GET: readiness(oauth, () => stopping.aborted) }],
];

/** What people see and send of their accounts. The library asks it who is signed in, and it asks the library for forms and limits. */
function accountPages(
  { values }: Environment,
  accounts: Accounts,
  demo: boolean,
  oauth: () => AuthorizationServer,
): { readonly signedIn: (request: Request) => Promise<Person | undefined>; readonly routes: readonly (readonly [string, Route])[] } {
  const { trustProxy, signUp: hasSignUp } = values;
  const common = { isSecure: values.issuer.startsWith("https:"), accounts, trustProxy, oauth };
  const tryPassword = createPasswordTrial({ accounts, oauth });
  const signIn = createSignIn({ ...common, tryPassword, hasSignUp });
  const { sessionOf, signedIn } = signIn;
  const signUp = createSignUp(common);
  const signOut = createSignOut({ ...common, signedIn });
  const password = createPasswordChange({ ...common, tryPassword, signedIn });
  const routes: readonly (readonly [string, Route])[] = [
    ["/", { GET: showHome({ sessionOf, oauth, mcp: demo ? `${values.issuer}/mcp` : undefined }) }],
    ["/sign_in", { GET: signIn.showSignIn, POST: signIn.signIn }],
    ...(hasSignUp ? ([["/sign_up", { GET: signUp.showSignUp, POST: signUp.signUp }]] as const) : []),
    ["/my/password", { GET: password.showPassword, POST: password.changePassword }],
    ["/sign_out", { GET: signOut.showSignOut, POST: signOut.signOut }],
  ];
  return { signedIn, routes };
}

/** Both, and what was said about a resource beats what the demo says. */
function merged(
  said: Readonly<Record<string, ResourceOptions>>,
  demo: Readonly<Record<string, ResourceOptions>>,
): Record<string, ResourceOptions> {
  return Object.fromEntries([...Object.keys(said), ...Object.keys(demo)].map((uri) => [uri, { ...demo[uri], ...said[uri] }]));
}

function mailerOf({ values }: Environment): SendMail | undefined {
  const { smtpUrl, smtpFrom = `no-reply@${URL.parse(values.issuer)?.hostname ?? "localhost"}` } = values;
  return smtpUrl === undefined ? undefined : createMailer({ smtpUrl, from: smtpFrom });
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
