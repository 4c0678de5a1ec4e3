import { type Context, Hono } from "hono";
import type { RequestInfo } from "vouchsafe";
import { isSameOriginRequest, OAuthError } from "vouchsafe/pages";
import { type AdminAccess, type Administrator, adminApiPath } from "../admin-access.ts";
import type { Operator } from "../operator/operator.ts";
import type { Handler, RequestMark, RouterOptions } from "../router.ts";
import { apiHeaders, refusalResponse } from "./answers.ts";
import type { EventStream } from "./event-stream.ts";
import { readBodyOf, readQuery, requireJson } from "./input.ts";
import { openApiDocument } from "./openapi.ts";
import { type AdminRoute, adminRoutes } from "./routes.ts";
import { object } from "./schema.ts";

export interface AdminApiOptions {
  readonly access: AdminAccess;
  readonly operator: Operator;
  readonly events: EventStream;
  /** Of the issuer: our own pages are here. */
  readonly origin: string;
  readonly isSecure: boolean;
  readonly sessionCookieName: string;
  readonly onError: RouterOptions["onError"];
  readonly onRefusal: RouterOptions["onRefusal"];
}

interface Bindings {
  readonly info: RequestInfo;
  readonly mark: RequestMark;
}

interface Environment {
  readonly Bindings: Bindings;
  readonly Variables: { administrator: Administrator };
}

/**
 * The admin API: JSON, for administrators and their programs. Who asks is settled before anything else, so that nobody else
 * learns even which paths there are; there is no CORS, so that no other site's script reads an answer.
 */
export function createAdminApi(options: AdminApiOptions): Handler {
  const { access, isSecure, onError, onRefusal } = options;
  const headers = apiHeaders(isSecure);
  const app = new Hono<Environment>().basePath(adminApiPath);
  app.use(async ({ req, env, set }, next) => {
    set("administrator", await access.require(req.raw, env.info));
    await next();
  });
  const routes = withDescription(options.sessionCookieName);
  for (const route of routes)
    app.on(route.method, honoPath(route), async (context) => withHeaders(await answer(route, context, options), headers));
  for (const path of new Set(routes.map(honoPath))) app.all(path, () => refuseMethod(routes.filter((route) => honoPath(route) === path)));
  app.notFound(() => {
    throw new OAuthError("invalid_request", "there is no such path", { status: 404, description: "There is no such path." });
  });
  app.onError((error, { req, env: { info, mark } }) => {
    if (error instanceof OAuthError) onRefusal(error, req.raw, info, mark);
    return refusalResponse(error, headers, (failure) => onError(failure, mark.requestId));
  });
  return (request, info, mark) => app.fetch(request, { info, mark });
}

/** The routes, with the one that describes them all. */
function withDescription(sessionCookieName: string): readonly AdminRoute[] {
  const self: AdminRoute = {
    method: "GET",
    path: "/openapi.json",
    summary: "This description",
    status: 200,
    answer: { type: "object", description: "An OpenAPI 3.1 document." },
    run: async () => document,
  };
  const routes = [...adminRoutes, self];
  const document = openApiDocument(routes, sessionCookieName);
  return routes;
}

const idParameter = /\{(\w+)\}/;

const honoPath = ({ path }: AdminRoute): string => path.replace(idParameter, ":id");

const nothing = object<Record<never, never>>("", { required: {}, optional: {} });

async function answer(route: AdminRoute, { req, env, get }: Context<Environment>, options: AdminApiOptions): Promise<Response> {
  const request = req.raw;
  const administrator = get("administrator");
  if (route.method !== "GET") requireOwnSite(request, administrator, options.origin);
  const { name, address } = administrator;
  const answered = await route.run({
    operator: options.operator.as(name, { requestId: env.mark.requestId, address }),
    id: req.param("id") ?? "",
    query: readQuery(route.query ?? nothing, new URL(request.url).searchParams),
    body: route.method === "GET" ? undefined : await readBodyOf(route.body ?? nothing, request),
    lastEventId: req.header("last-event-id"),
    isAllowed: () => options.access.require(request, env.info).then(...settled),
    events: options.events,
    onFailure: (error) => options.onError(error, env.mark.requestId),
  });
  if (answered instanceof Response) return request.method === "HEAD" ? withoutBody(answered) : answered;
  return new Response(answered === undefined ? null : JSON.stringify(answered), {
    status: route.status,
    ...(answered === undefined ? {} : { headers: { "content-type": "application/json" } }),
  });
}

const settled = [() => true, () => false] as const;

/**
 * What changes something and comes with a cookie must come from our own pages. JSON besides: another site's form cannot send
 * it, and its script only after asking, which is refused.
 * @throws OAuthError
 */
function requireOwnSite(request: Request, { person }: Administrator, origin: string): void {
  if (person === undefined) return;
  if (!isSameOriginRequest(request, origin))
    throw new OAuthError("access_denied", "the request came from another site", { description: "This is not for other sites." });
  requireJson(request);
}

function refuseMethod(routes: readonly AdminRoute[]): never {
  const allow = routes.flatMap(({ method }) => (method === "GET" ? ["GET", "HEAD"] : [method])).join(", ");
  throw new OAuthError("invalid_request", `method is not ${allow}`, {
    status: 405,
    description: "This method is not allowed here.",
    headers: { allow },
  });
}

/** A stream that nobody reads would stay open. */
async function withoutBody(response: Response): Promise<Response> {
  await response.body?.cancel();
  return new Response(null, response);
}

function withHeaders(response: Response, headers: Readonly<Record<string, string>>): Response {
  for (const [name, value] of Object.entries(headers)) if (!response.headers.has(name)) response.headers.set(name, value);
  return response;
}
