import { mkdirSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { dirname } from "node:path";
import { getRequestListener } from "@hono/node-server";
import {
  type AuthorizationServer,
  type AuthorizationServerOptions,
  createAuthorizationServer,
  parseDuration,
  type RequestInfo,
  StorageError,
} from "vouchsafe";
import { connectionInfo } from "vouchsafe/node";
import { OAuthError } from "vouchsafe/pages";
import { type SqliteStore, sqlite } from "vouchsafe/sqlite";
import { type Accounts, createAccounts } from "./accounts.ts";
import type { Environment } from "./environment.ts";
import { homePage } from "./home.ts";
import { health, type Logger, logError, logEvent, readiness } from "./operations.ts";
import { createSignIn, type Handler, signInError, signInUrl } from "./sign-in.ts";

/** The standalone server, built and not yet listening. */
export interface Standalone {
  readonly oauth: AuthorizationServer;
  readonly accounts: Accounts;
  readonly store: SqliteStore;
  readonly fetch: (request: Request, info: RequestInfo) => Response | Promise<Response>;
  /** From now on `/readyz` says no. */
  readonly beginStopping: () => void;
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
  const isSecure = values.issuer.startsWith("https:");
  const hostName = values.name ?? URL.parse(values.issuer)?.host ?? values.issuer;
  const signIn = createSignIn({ hostName, isSecure, accounts, trustProxy: values.trustProxy, oauth: () => oauth });
  const oauth = createAuthorizationServer({
    ...libraryOptions(environment, options.demo),
    store,
    signedIn: signIn.signedIn,
    onEvent: (event) => logEvent(logger, event),
    onError: (error, { requestId }) => logError(logger, error, requestId),
  });
  let stopping = false;
  const mcp = options.demo ? `${values.issuer}/mcp` : undefined;
  const routes = new Map<string, Partial<Record<string, Handler>>>([
    ["/", { GET: (request) => homePage(signIn.signedIn(request), { hostName, isSecure, mcp }) }],
    ["/sign_in", { GET: signIn.showSignIn, POST: signIn.signIn }],
    ["/sign_out", { GET: signIn.showSignOut, POST: signIn.signOut }],
    ["/healthz", { GET: health }],
    ["/readyz", { GET: readiness(oauth, () => stopping) }],
  ]);
  const demo = options.demo ? createDemo(oauth) : undefined;

  /** Our own pages, by method. A HEAD is a GET whose body nobody reads. */
  const answerOwn = async (methods: Partial<Record<string, Handler>>, request: Request, info: RequestInfo): Promise<Response> => {
    const handler = methods[request.method === "HEAD" ? "GET" : request.method];
    if (handler === undefined)
      return new Response(null, {
        status: 405,
        headers: {
          allow: Object.keys(methods)
            .flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]))
            .join(", "),
        },
      });
    try {
      return await handler(request, info);
    } catch (error) {
      if (error instanceof OAuthError) return signInError(error, hostName, isSecure);
      logError(logger, error, "page");
      return signInError(
        new OAuthError(error instanceof StorageError ? "temporarily_unavailable" : "server_error", "page"),
        hostName,
        isSecure,
      );
    }
  };

  return {
    oauth,
    accounts,
    store,
    fetch: (request, info) => {
      const path = pathOf(request.url);
      const guarded = demo?.get(path);
      if (guarded !== undefined) return guarded(request, info);
      const own = routes.get(path);
      return own === undefined ? oauth.fetch(request, info) : answerOwn(own, request, info);
    },
    beginStopping: () => {
      stopping = true;
    },
  };
}

/** The notes API and its MCP server, loaded when the first request comes: they are not what a server starts for. */
function createDemo(oauth: AuthorizationServer): ReadonlyMap<string, Handler> {
  const notes = import("./demo/notes.ts").then(({ createNotes }) => createNotes());
  const api = lazily(async () => (await import("./demo/api.ts")).createNotesApi(oauth, await notes));
  const mcp = lazily(async () => (await import("./demo/mcp.ts")).createNotesMcp(oauth, await notes));
  return new Map([
    ["/api/notes", api],
    ["/mcp", mcp],
  ]);
}

function lazily(load: () => Promise<Handler>): Handler {
  let loaded: Handler | undefined;
  let loading: Promise<Handler> | undefined;
  return async (request, info) => {
    loading ??= load();
    loaded ??= await loading;
    return loaded(request, info);
  };
}

function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("//") + 2);
  const query = url.indexOf("?", start);
  return url.slice(start, query < 0 ? undefined : query);
}

/** The settings in the library's words. */
export function libraryOptions({ values, secret }: Environment, demo: boolean): Omit<AuthorizationServerOptions, "store" | "signedIn"> {
  const { issuer } = values;
  const base = issuer.replace(/\/$/, "");
  const ours = {
    [`${base}/mcp`]: { name: "Notes", initialScopes: ["read"] },
    [`${base}/api/notes`]: { name: "Notes API", initialScopes: ["read"] },
  };
  const standard = values.resources ?? { [`${base}/mcp`]: {}, [URL.parse(issuer)?.origin ?? base]: {} };
  return {
    issuer,
    secret: secret(),
    scopes: values.scopes,
    resources: demo ? { ...standard, ...ours } : standard,
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
    requireState: values.requireState,
    rateLimits: values.rateLimits
      ? {
          register: values.rateLimitRegister,
          client: values.rateLimitClient,
          authorize: values.rateLimitAuthorize,
          signIn: values.rateLimitSignIn,
          signInAddress: values.rateLimitSignInAddress,
          signInAccount: values.rateLimitSignInAccount,
        }
      : false,
    trustProxy: values.trustProxy,
    ...(values.name === undefined ? {} : { name: values.name }),
    ...(values.defaultScope === undefined ? {} : { defaultScope: values.defaultScope }),
  };
}

/** Listens, and resolves once it does. Rejects where the port is taken. */
export function listen({ fetch }: Standalone, { values }: Environment): Promise<Server> {
  const listener = getRequestListener((request, { incoming }) => fetch(request, connectionInfo(incoming as IncomingMessage)));
  const server = createServer(
    { requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 65_000, maxHeaderSize: 16_384 },
    (request, response) => void listener(request, response),
  );
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(values.port, values.host, () => resolve(server));
  });
}

/**
 * Stops: no new connections, every request under way is answered, what was accepted is written. Resolves to false where
 * that took longer than the grace time.
 */
export async function shutDown(server: Server, standalone: Standalone, grace: number): Promise<boolean> {
  standalone.beginStopping();
  const closed = new Promise<boolean>((resolve) => server.close(() => resolve(true)));
  server.closeIdleConnections();
  const closing = setInterval(() => server.closeIdleConnections(), 50);
  const inTime = await Promise.race([closed, new Promise<boolean>((resolve) => setTimeout(() => resolve(false), grace).unref())]);
  clearInterval(closing);
  if (!inTime) server.closeAllConnections();
  await standalone.oauth.close();
  return inTime;
}
