import { type AnsweredRequest, type Circumstances, mintIdentifier, type RequestInfo, StorageError } from "vouchsafe";
import { errorPage, type Look, OAuthError, pageResponse, wantsPage } from "vouchsafe/pages";
import { frameFor } from "./pages/words.ts";

/** What a request is called in the log, in the audit and on error pages. */
export interface RequestMark {
  readonly requestId: string;
  /** The attempt to connect that it turns out to be a step of. */
  flowId: string | undefined;
}

/** For an event of this request. */
export const marksOf = ({ requestId, flowId }: RequestMark): Pick<Circumstances, "requestId" | "flowId"> =>
  flowId === undefined ? { requestId } : { requestId, flowId };

/** A handler of the standalone server's own. */
export type Handler = (request: Request, info: RequestInfo, mark: RequestMark) => Promise<Response> | Response;

/** What answers a path: a handler for each method, or one for all of them. */
export type Route = Readonly<Partial<Record<"GET" | "POST", Handler>>> | Handler;

export interface RouterOptions {
  readonly look: () => Look;
  readonly onError: (error: unknown, requestId: string, flowId?: string) => void;
  /** Brings a refusal into the audit. */
  readonly onRefusal: (error: OAuthError, request: Request, info: RequestInfo, mark: RequestMark) => void;
  readonly onRequest: (answered: AnsweredRequest) => void;
}

/** Answers the server's own paths; undefined for any other. A path that ends with `/*` is all that is below it. */
export function createRouter(
  routes: ReadonlyMap<string, Route>,
  options: RouterOptions,
): (request: Request, info: RequestInfo) => Promise<Response> | undefined {
  const below = [...routes]
    .filter(([path]) => path.endsWith("/*"))
    .map(([path, route]) => ({ prefix: path.slice(0, -1), route }))
    .sort((a, b) => b.prefix.length - a.prefix.length);
  return (request, info) => {
    const path = pathOf(request.url);
    const route = routes.get(path) ?? below.find(({ prefix }) => path.startsWith(prefix))?.route;
    return route && tell(endpointOf(path), route, request, info, options);
  };
}

/** What an own path is called in metrics, logs and the audit: `sign_in`, `my_password`. */
export function endpointOf(path: string): string {
  if (path === "/") return "home";
  // Below `/admin` paths have ids in them.
  return path.startsWith("/admin/") ? "admin" : path.slice(1).replaceAll("/", "_");
}

async function tell(endpoint: string, route: Route, request: Request, info: RequestInfo, options: RouterOptions): Promise<Response> {
  const began = performance.now();
  const mark: RequestMark = { requestId: mintIdentifier(), flowId: undefined };
  const response = await answer(route, request, info, mark, options);
  const { method } = request;
  options.onRequest({ endpoint, method, status: response.status, duration: performance.now() - began, ...mark });
  return response;
}

async function answer(route: Route, request: Request, info: RequestInfo, mark: RequestMark, options: RouterOptions): Promise<Response> {
  const handler = typeof route === "function" ? route : route[request.method === "POST" ? "POST" : "GET"];
  const allowed =
    typeof route === "function" ? undefined : Object.keys(route).flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));
  if (handler === undefined || allowed?.includes(request.method) === false)
    return new Response(null, { status: 405, headers: { allow: allowed?.join(", ") ?? "" } });
  try {
    return await handler(request, info, mark);
  } catch (error) {
    return refusal(error, request, info, mark, options);
  }
}

/** A handler that is loaded when the first request comes; where that fails, when the next one does. */
export function lazily(load: () => Promise<Handler>): Handler {
  let loading: Promise<Handler> | undefined;
  let handler: Handler = async (request, info, mark) => {
    loading ??= load().finally(() => {
      loading = undefined;
    });
    handler = await loading;
    return handler(request, info, mark);
  };
  return (request, info, mark) => handler(request, info, mark);
}

/** The page, or JSON for a program, that a refusal or a failure becomes; its request id leads the operator to the reason. */
function refusal(
  thrown: unknown,
  request: Request,
  info: RequestInfo,
  mark: RequestMark,
  { look, onError, onRefusal }: RouterOptions,
): Response {
  if (thrown instanceof OAuthError) onRefusal(thrown, request, info, mark);
  else onError(thrown, mark.requestId, mark.flowId);
  const error =
    thrown instanceof OAuthError
      ? thrown
      : new OAuthError(thrown instanceof StorageError ? "temporarily_unavailable" : "server_error", "own page");
  const { retryAfter = error.status === 503 ? 1 : undefined } = error.options;
  const headers = { ...error.options.headers, ...(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }) };
  if (!wantsPage(request) || request.headers.has("authorization"))
    return Response.json({ error: error.code, error_description: error.description }, { status: error.status, headers });
  // No app opens these in a window that it wants to hear from.
  const isOwn = /^\/(?:admin|my)(?:\/|$)/.test(pathOf(request.url));
  return pageResponse(errorPage(error, { frame: frameFor(look(), request), ...mark, isOwn }), {
    status: error.status,
    headers,
  });
}

/** The path of an absolute URL, without the cost of parsing all of it. */
export function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("//") + 2);
  const query = url.indexOf("?", start);
  return url.slice(start, query < 0 ? undefined : query);
}
