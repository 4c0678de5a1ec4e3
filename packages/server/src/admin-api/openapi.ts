import { errorSchema } from "./documents.ts";
import type { AdminRoute } from "./routes.ts";
import type { Schema } from "./schema.ts";

/** Where the admin API is. */
export const adminApiPath = "/admin/api/v1";

type Document = Readonly<Record<string, unknown>>;

/** The refusals that any route may answer, by status. */
const refusals: Readonly<Record<string, string>> = {
  400: "The request is malformed, and how.",
  401: "Nobody said who they are, or the token is wrong.",
  403: "Whoever asks is no administrator, or another site asks.",
  404: "There is nothing of this id.",
  409: "It cannot be done as things stand.",
  413: "The body is too long.",
  415: "The body is not JSON.",
  429: "Too many wrong admin tokens.",
  500: "Something broke.",
  503: "Not now.",
};

/** The OpenAPI 3.1 document of these routes. @see https://spec.openapis.org/oas/v3.1.1 */
export function openApiDocument(routes: readonly AdminRoute[], sessionCookieName: string): Document {
  const paths = Object.groupBy(routes, ({ path }) => path);
  return {
    openapi: "3.1.0",
    info: { title: "Vouchsafe admin API", version: "1", description: "What an operator sees and does. Times are ISO 8601 in UTC." },
    servers: [{ url: adminApiPath }],
    security: [{ token: [] }, { session: [] }],
    paths: Object.fromEntries(
      Object.entries(paths).map(([path, ofPath = []]) => [
        path,
        Object.fromEntries(ofPath.map((route) => [route.method.toLowerCase(), operationOf(route)])),
      ]),
    ),
    components: {
      schemas: Object.fromEntries(namedSchemas(routes)),
      responses: Object.fromEntries(
        Object.entries(refusals).map(([status, description]) => [`Refusal${status}`, { description, content: jsonOf(errorSchema) }]),
      ),
      securitySchemes: {
        token: {
          type: "http",
          scheme: "bearer",
          description: "The admin token, or an administrator's personal token with the scope `admin`.",
        },
        session: {
          type: "apiKey",
          in: "cookie",
          name: sessionCookieName,
          description: "An administrator who is signed in. What changes something must come from our own pages.",
        },
      },
    },
  };
}

function operationOf(route: AdminRoute): Document {
  const { method, path, summary, query, body, status, answer, media = [] } = route;
  const content = {
    ...(answer === undefined ? {} : jsonOf(answer)),
    ...Object.fromEntries(media.map((type) => [type, { schema: { type: "string" } }])),
  };
  return {
    operationId: operationId(method, path),
    summary,
    parameters: [...idParameters(path), ...queryParameters(query), ...(media.includes("text/event-stream") ? [lastEventId] : [])],
    ...(body === undefined ? {} : { requestBody: { required: body.required !== undefined, content: jsonOf(body) } }),
    responses: {
      [status]: { description: status === 204 ? "It is done." : "What was asked for.", ...(status === 204 ? {} : { content }) },
      ...Object.fromEntries(statusesOf(route).map((refused) => [refused, { $ref: `#/components/responses/Refusal${refused}` }])),
    },
  };
}

/** `postClientsClientIdDisable` */
const operationId = (method: string, path: string): string =>
  method.toLowerCase() + path.replace(/[/_.{}]+(\w?)/g, (_, letter: string) => letter.toUpperCase());

function idParameters(path: string): readonly Document[] {
  const [, name] = /\{(\w+)\}/.exec(path) ?? [];
  const description = "Percent-encoded: it may be a URL.";
  return name === undefined ? [] : [{ name, in: "path", required: true, description, schema: { type: "string" } }];
}

const queryParameters = (query: Schema | undefined): readonly Document[] =>
  Object.entries(query?.properties ?? {}).map(([name, schema]) => ({ name, in: "query", schema: referring(schema) }));

const lastEventId: Document = {
  name: "Last-Event-ID",
  in: "header",
  description: "The last event that was seen.",
  schema: { type: "integer" },
};

const statusesOf = ({ method, path, body }: AdminRoute): readonly string[] =>
  Object.keys(refusals).filter((status) => {
    if (status === "404") return path.includes("{") || path === "/tokens";
    if (status === "409") return path.startsWith("/users") && method !== "GET";
    return (status !== "413" && status !== "415") || body !== undefined || method !== "GET";
  });

const jsonOf = (schema: Schema): Document => ({ "application/json": { schema: referring(schema) } });

/** The schema with those that have names referred to by them. */
function referring(schema: Schema): Document {
  return schema.title === undefined ? spelledOut(schema) : { $ref: `#/components/schemas/${schema.title}` };
}

function spelledOut({ items, properties, additionalProperties, ...rest }: Schema): Document {
  return {
    ...rest,
    ...(items === undefined ? {} : { items: referring(items) }),
    ...(properties === undefined
      ? {}
      : { properties: Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, referring(schema)])) }),
    ...(additionalProperties === undefined
      ? {}
      : { additionalProperties: additionalProperties === false ? false : referring(additionalProperties) }),
  };
}

/** Every schema with a name, wherever it stands. */
function namedSchemas(routes: readonly AdminRoute[]): ReadonlyMap<string, Document> {
  const named = new Map<string, Document>();
  const collect = (schema: Schema | undefined): void => {
    if (schema === undefined || named.has(schema.title ?? "")) return;
    if (schema.title !== undefined) named.set(schema.title, spelledOut(schema));
    collect(schema.items);
    for (const member of Object.values(schema.properties ?? {})) collect(member);
  };
  for (const { answer, body } of routes) for (const schema of [answer, body]) collect(schema);
  collect(errorSchema);
  return named;
}
