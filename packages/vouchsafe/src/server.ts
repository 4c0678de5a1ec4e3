import { Hono } from "hono";
import { type Authenticate, createAuthenticate } from "./access.ts";
import { type Admin, createAdmin } from "./admin.ts";
import { checkConfiguration } from "./check-configuration.ts";
import { type AuthorizationServerOptions, type Configuration, ConfigurationError, type Person, type RateLimitName } from "./config.ts";
import { type Context, type Endpoint, newContext, type RequestInfo, type Services } from "./context.ts";
import { authorize } from "./endpoints/authorize.ts";
import { confirmDisconnect, connectedApps, disconnect, removeConnection } from "./endpoints/connected-apps.ts";
import { type DescribedRequest, describeRequest } from "./endpoints/describe-request.ts";
import { done } from "./endpoints/done.ts";
import { errorResponse, type ShowError } from "./endpoints/error-response.ts";
import { introspect } from "./endpoints/introspect.ts";
import { resourceMetadataDocuments, serverMetadataDocument } from "./endpoints/metadata.ts";
import { register } from "./endpoints/register.ts";
import { revoke } from "./endpoints/revoke.ts";
import { token } from "./endpoints/token.ts";
import { formToken, isOwnForm, recogniseBrowser } from "./http/browser.ts";
import { createRateLimit, noRateLimit, type RateLimit } from "./http/rate-limit.ts";
import { json, preflight, wantsPage } from "./http/responses.ts";
import { createKeyring } from "./keys/sealing.ts";
import { errorPage } from "./pages/error.ts";
import { pageResponse } from "./pages/layout.ts";
import { en } from "./pages/messages/en.ts";
import { errorBody, OAuthError } from "./protocol/errors.ts";
import { RefusalLog, type SingleRefusal } from "./refusals.ts";

export interface AuthorizationServer<ScopeName extends string = string> {
  /** Answers a request to any path of ours; 404 to others. */
  readonly fetch: (request: Request, info?: RequestInfo) => Response | Promise<Response>;
  /** Whether a path is one of ours, for a host app that routes by itself. */
  readonly handles: (pathname: string) => boolean;
  readonly authenticate: Authenticate<ScopeName>;
  readonly admin: Admin;
  /** For forms of the host app's own pages, such as sign-in: tokens bound to browser and session. */
  readonly forms: Forms;
  /** Who asks, for a sign-in page that an authorization request led to; undefined where `returnTo` is no such request. */
  readonly describeRequest: (returnTo: string) => Promise<DescribedRequest | undefined>;
  /** A limit of the configuration, for the host app's own sign-in. */
  readonly limits: Readonly<Record<RateLimitName, RateLimit>>;
  /** Brings a refusal of the host app's own into the audit, such as a failed sign-in; see `RefusalLog`. */
  readonly noteRefusal: (kind: string, refusal: SingleRefusal) => void;
  /**
   * Checks that the database answers and was made with this secret.
   * @throws StorageError, ConfigurationError
   */
  readonly ready: () => Promise<void>;
  /** Finishes what is under way and closes the store. */
  readonly close: () => Promise<void>;
}

export interface Forms {
  /** The token for a form's `csrf` field, and the headers its page must be sent with. */
  token(request: Request, form: string, person?: Person): { token: string; headers: Readonly<Record<string, string>> };
  /** Whether a form that came back is one that we gave to this browser and session. */
  check(request: Request, form: string, token: string | undefined, person?: Person): boolean;
}

/** An endpoint: where it is, what it answers, and how. */
interface Route {
  readonly name: string;
  readonly path: string;
  readonly methods: Readonly<Partial<Record<Method, Endpoint>>>;
  /** Any web page may call it. */
  readonly cors?: boolean;
  /** People come here too. */
  readonly show?: ShowError;
}

type Method = "GET" | "POST" | "DELETE";

/** Every endpoint. What is switched off is not here. */
function routesOf(config: Configuration): readonly Route[] {
  const { paths } = config;
  const base = config.basePath;
  const id = ":id{[A-Za-z0-9_-]+}";
  const registration: Route = { name: "register", path: base + paths.register, methods: { POST: register }, cors: true };
  return [
    ...[serverMetadataDocument(config), ...resourceMetadataDocuments(config)].map(({ path, answer }) => ({
      name: "metadata",
      path,
      methods: { GET: answer },
      cors: true,
    })),
    { name: "authorize", path: base + paths.authorize, methods: { GET: authorize, POST: authorize }, show: showError },
    { name: "done", path: base + paths.done, methods: { GET: done }, show: showError },
    { name: "token", path: base + paths.token, methods: { POST: token }, cors: true },
    ...(config.registration.mode === "off" ? [] : [registration, { ...registration, path: `${base}/oauth/clients` }]),
    { name: "revoke", path: base + paths.revoke, methods: { POST: revoke }, cors: true },
    { name: "introspect", path: base + paths.introspect, methods: { POST: introspect } },
    { name: "connected_apps", path: base + paths.connectedApps, methods: { GET: connectedApps }, show: showError },
    { name: "connected_apps", path: `${base + paths.connectedApps}/${id}`, methods: { DELETE: removeConnection }, show: showError },
    {
      name: "connected_apps",
      path: `${base + paths.connectedApps}/${id}/disconnect`,
      methods: { GET: confirmDisconnect, POST: disconnect },
      show: showError,
    },
  ];
}

/**
 * Makes an authorization server of its options.
 * @throws ConfigurationError with every problem of the options
 */
export function createAuthorizationServer<const ScopeName extends string>(
  options: AuthorizationServerOptions<ScopeName>,
): AuthorizationServer<ScopeName> {
  const config = checkConfiguration(options);
  const services = createServices(config);
  const { store, refusals, keys, limits } = services;
  const app = createRouter(services);
  if (config.onEvent !== undefined) store.subscribe(config.onEvent);
  const sweeper = setInterval(() => void sweep(services), 60_000);
  sweeper.unref();
  let secretChecked: Promise<void> | undefined;

  return {
    fetch: (request, info = {}) => app.fetch(request, info),
    handles: (pathname) => app.router.match("GET", pathname)[0].length > 0,
    authenticate: createAuthenticate<ScopeName>(services),
    admin: createAdmin(services),
    forms: {
      token: (request, name, person) => {
        const browser = recogniseBrowser(request, config.isSecure);
        return { token: formToken(keys, { name, browser, subject: person?.id, sessionId: person?.sessionId }), headers: browser.headers };
      },
      check: (request, name, sent, person) =>
        isOwnForm(
          request,
          keys,
          config.origin,
          { name, browser: recogniseBrowser(request, config.isSecure), subject: person?.id, sessionId: person?.sessionId },
          sent,
        ),
    },
    describeRequest: (returnTo) => describeRequest(returnTo, services),
    limits,
    noteRefusal: (kind, refusal) => refusals.note(kind, refusal),
    ready: async () => {
      await store.check();
      secretChecked ??= checkSecret(services);
      await secretChecked;
    },
    close: async () => {
      clearInterval(sweeper);
      await refusals.flush();
      await store.close();
    },
  };
}

function createServices(config: Configuration): Services {
  const { store, rateLimits } = config;
  const limit = (name: RateLimitName): RateLimit => (rateLimits === undefined ? noRateLimit : createRateLimit(rateLimits[name]));
  return {
    config,
    store,
    keys: createKeyring(config.secrets),
    limits: {
      register: limit("register"),
      client: limit("client"),
      authorize: limit("authorize"),
      signIn: limit("signIn"),
      signInAddress: limit("signInAddress"),
      signInAccount: limit("signInAccount"),
    },
    refusals: new RefusalLog(store, (error) => config.onError(error, { requestId: "audit" })),
  };
}

function createRouter(services: Services): Hono<{ Bindings: RequestInfo }> {
  const app = new Hono<{ Bindings: RequestInfo }>();
  const { isSecure } = services.config;
  for (const route of routesOf(services.config)) {
    const allowed = Object.keys(route.methods).flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));
    for (const [method, endpoint] of Object.entries(route.methods)) {
      app.on(method, route.path, ({ req, env }) =>
        answer(route, endpoint, req.raw, newContext(services, route.name, req.param("id") ?? "", req.raw, env)),
      );
    }
    if (route.cors === true) app.options(route.path, () => preflight(allowed.join(", ")));
    const allow = [...allowed, ...(route.cors === true ? ["OPTIONS"] : [])].join(", ");
    app.all(route.path, ({ req, env }) => {
      const refused = new OAuthError("invalid_request", `method is not ${allow}`, {
        status: 405,
        description: "This method is not allowed here.",
        headers: { allow },
      });
      return errorResponse(refused, newContext(services, route.name, "", req.raw, env), undefined);
    });
  }
  app.notFound(({ req, env }) => {
    const missing = new OAuthError("invalid_request", "there is no such path", { status: 404, description: "There is no such path." });
    if (!wantsPage(req.raw) || !(req.header("accept") ?? "").includes("text/html")) return json(errorBody(missing), 404);
    return pageResponse(
      errorPage(missing, { hostName: services.config.name, messages: en, requestId: newContext(services, "", "", req.raw, env).requestId }),
      { isSecure, status: 404 },
    );
  });
  return app;
}

/** Runs an endpoint, with the one catch around it. An endpoint that waits for nothing answers at once. */
function answer({ show }: Route, endpoint: Endpoint, request: Request, context: Context): Response | Promise<Response> {
  const shown = show !== undefined && wantsPage(request) ? show : undefined;
  try {
    const response = endpoint(request, context);
    return response instanceof Promise ? response.catch((error: unknown) => errorResponse(error, context, shown)) : response;
  } catch (error) {
    return errorResponse(error, context, shown);
  }
}

function showError(error: OAuthError, { config, requestId }: Context): Response {
  const { retryAfter, headers = {} } = error.options;
  const page = errorPage(error, { hostName: config.name, messages: en, requestId });
  return pageResponse(page, {
    isSecure: config.isSecure,
    status: error.status,
    headers: { ...headers, ...(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }) },
  });
}

/** The first node writes down which secret the database belongs to; a node with another one must not start. */
async function checkSecret({ store, keys }: Services): Promise<void> {
  const [newest = ""] = keys.fingerprints;
  const kept = await store.setting("secret_fingerprint", newest);
  if (!keys.fingerprints.includes(kept)) throw new ConfigurationError(["secret: this database was made with another secret"]);
  if (kept !== newest) await store.changeSetting("secret_fingerprint", newest);
}

async function sweep({ config, store, refusals }: Services): Promise<void> {
  const now = config.now();
  try {
    await refusals.flush();
    await store.sweep({
      now,
      answersBefore: now - config.refreshTokens.overlap,
      unusedClientsBefore: now - config.registration.unusedClientLifetime,
    });
  } catch (error) {
    config.onError(error, { requestId: "sweep" });
  }
}
