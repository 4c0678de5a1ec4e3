import { Hono } from "hono";
import type { Configuration } from "./config.ts";
import { type Context, type Endpoint, newContext, type RequestInfo, type Services } from "./context.ts";
import { accessTokens, createAccessToken, deleteAccessToken, removeAccessToken } from "./endpoints/access-tokens.ts";
import { authorize } from "./endpoints/authorize.ts";
import { deleteRegistration, readRegistration, updateRegistration } from "./endpoints/client-configuration.ts";
import { connectedApp, connectedApps } from "./endpoints/connected-apps.ts";
import { confirmDisconnect, disconnect, removeConnection } from "./endpoints/disconnect.ts";
import { done } from "./endpoints/done.ts";
import { edit, showEdit } from "./endpoints/edit-connection.ts";
import { errorResponse, refusalHeaders, type ShowError } from "./endpoints/error-response.ts";
import { frameOf } from "./endpoints/frame-of.ts";
import { introspect } from "./endpoints/introspect.ts";
import { jwks } from "./endpoints/jwks.ts";
import { resourceMetadataDocuments, serverMetadataDocuments } from "./endpoints/metadata.ts";
import { askWhetherMe, disown } from "./endpoints/not-me.ts";
import { pushRequest } from "./endpoints/pushed-request.ts";
import { register } from "./endpoints/register.ts";
import { revoke } from "./endpoints/revoke.ts";
import { token } from "./endpoints/token.ts";
import { type Headers, json, preflight, resourceHeaders, wantsPage } from "./http/responses.ts";
import { errorPage } from "./pages/error.ts";
import { pageResponse } from "./pages/layout.ts";
import { errorBody, OAuthError } from "./protocol/errors.ts";

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

type Method = "GET" | "POST" | "PUT" | "DELETE";

/** Every endpoint. What is switched off is not here. */
function routesOf(config: Configuration): readonly Route[] {
  const { paths } = config;
  const base = config.basePath;
  const id = ":id{[A-Za-z0-9_-]+}";
  const registration: Route = { name: "register", path: base + paths.register, methods: { POST: register }, cors: true };
  const configuration: Route = {
    name: "client_configuration",
    path: `${base + paths.register}/${id}`,
    methods: { GET: readRegistration, PUT: updateRegistration, DELETE: deleteRegistration },
    cors: true,
  };
  return [
    ...[...serverMetadataDocuments(config), ...resourceMetadataDocuments(config)].map(({ path, answer }) => ({
      name: "metadata",
      path,
      methods: { GET: answer },
      cors: true,
    })),
    { name: "authorize", path: base + paths.authorize, methods: { GET: authorize, POST: authorize }, show: showError },
    { name: "done", path: base + paths.done, methods: { GET: done }, show: showError },
    { name: "pushed_request", path: base + paths.pushedRequest, methods: { POST: pushRequest } },
    { name: "token", path: base + paths.token, methods: { POST: token }, cors: true },
    { name: "jwks", path: base + paths.jwks, methods: { GET: jwks }, cors: true },
    ...(config.registration.mode === "off" ? [] : [registration, { ...registration, path: `${base}/oauth/clients` }, configuration]),
    { name: "revoke", path: base + paths.revoke, methods: { POST: revoke }, cors: true },
    { name: "introspect", path: base + paths.introspect, methods: { POST: introspect } },
    { name: "connected_apps", path: base + paths.connectedApps, methods: { GET: connectedApps }, show: showOwnError },
    {
      name: "connected_apps",
      path: `${base + paths.connectedApps}/${id}`,
      methods: { GET: connectedApp, DELETE: removeConnection },
      show: showOwnError,
    },
    {
      name: "connected_apps",
      path: `${base + paths.connectedApps}/${id}/disconnect`,
      methods: { GET: confirmDisconnect, POST: disconnect },
      show: showOwnError,
    },
    {
      name: "connected_apps",
      path: `${base + paths.connectedApps}/${id}/edit`,
      methods: { GET: showEdit, POST: edit },
      show: showOwnError,
    },
    {
      name: "not_me",
      path: `${base + paths.connectedApps}/${id}/not_me`,
      methods: { GET: askWhetherMe, POST: disown },
      show: showOwnError,
    },
    ...(config.personalTokens === undefined ? [] : accessTokenRoutes(base + paths.accessTokens, id)),
  ];
}

const accessTokenRoutes = (path: string, id: string): readonly Route[] => [
  { name: "access_tokens", path, methods: { GET: accessTokens, POST: createAccessToken }, show: showOwnError },
  { name: "access_tokens", path: `${path}/${id}`, methods: { DELETE: removeAccessToken }, show: showOwnError },
  { name: "access_tokens", path: `${path}/${id}/delete`, methods: { POST: deleteAccessToken }, show: showOwnError },
];

export interface Router {
  readonly fetch: (request: Request, info: RequestInfo) => Response | Promise<Response>;
  readonly handles: (pathname: string) => boolean;
}

type App = Hono<{ Bindings: RequestInfo }>;

/** Finds the endpoint of a request, and answers whoever finds none. */
export function createRouter(services: Services): Router {
  const app: App = new Hono();
  const others = createFallback(services);
  for (const route of routesOf(services.config)) {
    for (const [method, endpoint] of Object.entries(route.methods)) {
      app.on(method, route.path, ({ req, env }) => {
        const context = newContext(services, route.name, req.param("id") ?? "", req.raw, env);
        return told(req.raw, context, () => answer(route, endpoint, req.raw, context));
      });
    }
    const allow = methodsOf(route).join(", ");
    if (route.cors === true)
      app.options(route.path, ({ req, env }) => told(req.raw, newContext(services, route.name, "", req.raw, env), () => preflight(allow)));
  }
  app.notFound(({ req, env }) => others.fetch(req.raw, env));
  return { fetch: (request, info) => app.fetch(request, info), handles: (pathname) => others.router.match("GET", pathname)[0].length > 0 };
}

/** A router of its own for what no endpoint answers: beside the endpoints it would make every request match twice. */
function createFallback(services: Services): App {
  const app: App = new Hono();
  for (const route of routesOf(services.config)) {
    const allow = [...methodsOf(route), ...(route.cors === true ? ["OPTIONS"] : [])].join(", ");
    app.all(route.path, ({ req, env }) => {
      const refused = new OAuthError("invalid_request", `method is not ${allow}`, {
        status: 405,
        description: "This method is not allowed here.",
        headers: { allow },
      });
      const context = newContext(services, route.name, "", req.raw, env);
      return told(req.raw, context, () => errorResponse(refused, context, undefined, commonHeaders(route)));
    });
  }
  return app.notFound(({ req, env }) => {
    const missing = new OAuthError("invalid_request", "there is no such path", { status: 404, description: "There is no such path." });
    const acceptsPage = wantsPage(req.raw) && (req.header("accept") ?? "").includes("text/html");
    const context = newContext(services, "", "", req.raw, env);
    return told(req.raw, context, () => (acceptsPage ? showError(missing, context) : json(errorBody(missing), 404)));
  });
}

const methodsOf = ({ methods }: Route): readonly string[] =>
  Object.keys(methods).flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));

/** Answers, and tells whoever wants to know of it. Where nobody does that costs nothing. */
function told(request: Request, context: Context, run: () => Response | Promise<Response>): Response | Promise<Response> {
  const { onRequest, onError } = context.config;
  if (onRequest === undefined) return run();
  const began = performance.now();
  const tell = (response: Response): Response => {
    const { endpoint, requestId, flow } = context;
    const duration = performance.now() - began;
    try {
      onRequest({ endpoint, method: request.method, status: response.status, duration, requestId, flowId: flow.id });
    } catch (error) {
      onError(error, { requestId });
    }
    return response;
  };
  const response = run();
  return response instanceof Promise ? response.then(tell) : tell(response);
}

/** Runs an endpoint, with the one catch around it. An endpoint that waits for nothing answers at once. */
function answer(route: Route, endpoint: Endpoint, request: Request, context: Context): Response | Promise<Response> {
  const shown = wantsPage(request) ? route.show : undefined;
  const refuse = (error: unknown): Response => errorResponse(error, context, shown, commonHeaders(route));
  try {
    const response = endpoint(request, context);
    return response instanceof Promise ? response.catch(refuse) : response;
  } catch (error) {
    return refuse(error);
  }
}

/** What a web page of another origin must be told, to read answers and refusals alike. */
const commonHeaders = ({ cors }: Route): Headers => (cors === true ? resourceHeaders : {});

const showError: ShowError = (error, context) => showErrorPage(error, context, false);

/** Below a person's own pages. */
const showOwnError: ShowError = (error, context) => showErrorPage(error, context, true);

function showErrorPage(error: OAuthError, context: Context, isOwn: boolean): Response {
  const page = errorPage(error, { frame: frameOf(context), requestId: context.requestId, flowId: context.flow.id, isOwn });
  return pageResponse(page, { status: error.status, headers: refusalHeaders(error) });
}
