import { securityTypes } from "vouchsafe";
import { eventTypesOf } from "../operator/event-types.ts";
import { BadInput, type Operator } from "../operator/operator.ts";
import {
  cleanupSchema,
  clientSchema,
  eventSchema,
  flowSchema,
  grantSchema,
  keySchema,
  listed,
  newClientSchema,
  newRegistrationTokenSchema,
  newTokenSchema,
  passwordedUserSchema,
  reachSchema,
  registrationTokenSchema,
  secretSchema,
  securityReportSchema,
  statisticsSchema,
  tokenSchema,
  userSchema,
  verificationSchema,
} from "./documents.ts";
import { exportEvents } from "./event-export.ts";
import type { EventStream } from "./event-stream.ts";
import {
  adminOrder,
  clientListing,
  clientOrder,
  eventListing,
  flowListing,
  grantListing,
  keyOrder,
  passwordOrder,
  range,
  registrationTokenOrder,
  rehearsal,
  secretOrder,
  streamQuery,
  tokenListing,
  tokenOrder,
  userListing,
  userOrder,
} from "./requests.ts";
import type { Schema } from "./schema.ts";

/** What a route is asked, once it has been checked against the route's description. */
interface Asked<Query, Body> {
  /** Under the name of whoever asks. */
  readonly operator: Operator;
  /** The id in the path; empty where there is none. */
  readonly id: string;
  readonly query: Query;
  readonly body: Body;
  readonly lastEventId: string | undefined;
  readonly isAllowed: () => Promise<boolean>;
  readonly events: EventStream;
}

/** One thing that can be asked, described so that router and OpenAPI document are made from it alike. */
export interface AdminRoute<Query = unknown, Body = unknown> {
  readonly method: "GET" | "POST" | "DELETE";
  /** Below `/admin/api/v1`, with the id in braces. */
  readonly path: string;
  readonly summary: string;
  readonly query?: Schema<Query>;
  readonly body?: Schema<Body>;
  readonly status: 200 | 201 | 204;
  readonly answer?: Schema;
  /** Other forms of the answer than JSON. */
  readonly media?: readonly string[];
  run(asked: Asked<Query, Body>): Promise<unknown>;
}

const get = <Query = undefined>(
  path: string,
  summary: string,
  answer: Schema,
  query: Schema<Query> | undefined,
  run: (asked: Asked<Query, undefined>) => Promise<unknown>,
): AdminRoute<Query, undefined> => ({ method: "GET", path, summary, status: 200, answer, ...(query === undefined ? {} : { query }), run });

const post = <Body = undefined>(
  path: string,
  summary: string,
  status: 200 | 201,
  answer: Schema,
  body: Schema<Body> | undefined,
  run: (asked: Asked<undefined, Body>) => Promise<unknown>,
): AdminRoute<undefined, Body> => ({ method: "POST", path, summary, status, answer, ...(body === undefined ? {} : { body }), run });

/** Ends something, or, with `dry_run=true`, says what that would end. */
const ending = (
  path: string,
  summary: string,
  end: (operator: Operator, id: string, isRehearsal: boolean) => Promise<unknown>,
  { method = "POST", answer = reachSchema }: Partial<Pick<AdminRoute, "method" | "answer">> = {},
) => ({
  method,
  path,
  summary,
  status: 200 as const,
  answer,
  query: rehearsal,
  run: ({ operator, id, query }: Asked<{ readonly dry_run?: boolean }, unknown>) => end(operator, id, query.dry_run ?? false),
});

const clients: readonly AdminRoute[] = [
  get("/clients", "List clients", listed(clientSchema), clientListing, ({ operator, query }) => operator.clients(query)),
  post("/clients", "Make a client", 201, newClientSchema, clientOrder, ({ operator, body }) => operator.createClient(body)),
  get("/clients/{client_id}", "Show a client", clientSchema, undefined, ({ operator, id }) => operator.client(id)),
  ending("/clients/{client_id}", "End a client with all that was granted to it", (operator, ...of) => operator.deleteClient(...of), {
    method: "DELETE",
  }),
  post(
    "/clients/{client_id}/disable",
    "Stop what a client was granted, until it is enabled",
    200,
    clientSchema,
    undefined,
    ({ operator, id }) => operator.setClientDisabled(id, true),
  ),
  post("/clients/{client_id}/enable", "Let a client go on", 200, clientSchema, undefined, ({ operator, id }) =>
    operator.setClientDisabled(id, false),
  ),
  ending("/clients/{client_id}/revoke", "End all that was granted to a client", (operator, ...of) => operator.revokeClient(...of)),
  post("/clients/{client_id}/secret", "Give a client a new secret", 200, secretSchema, secretOrder, ({ operator, id, body }) =>
    operator.rotateSecret(id, body.keep_old),
  ),
];

const grants: readonly AdminRoute[] = [
  get("/grants", "List connections and personal tokens", listed(grantSchema), grantListing, ({ operator, query }) =>
    operator.grants(query),
  ),
  get("/grants/{grant_id}", "Show a grant", grantSchema, undefined, ({ operator, id }) => operator.grant(id)),
  ending("/grants/{grant_id}/revoke", "End a grant", (operator, ...of) => operator.revokeGrant(...of)),
  get("/tokens", "List tokens", listed(tokenSchema), tokenListing, ({ operator, query }) => operator.tokens(query)),
  post("/tokens", "Make a personal token for somebody", 201, newTokenSchema, tokenOrder, ({ operator, body }) =>
    operator.createToken(body),
  ),
  ending("/tokens/{token_id}/revoke", "End a token", (operator, ...of) => operator.revokeToken(...of)),
];

const users: readonly AdminRoute[] = [
  get("/users", "List accounts", listed(userSchema), userListing, ({ operator, query }) => operator.users(query)),
  post("/users", "Make an account", 201, passwordedUserSchema, userOrder, ({ operator, body }) => operator.addUser(body)),
  get("/users/{user}", "Show an account", userSchema, undefined, ({ operator, id }) => operator.user(id)),
  post(
    "/users/{user}/password",
    "Change a password, and end the sessions",
    200,
    passwordedUserSchema,
    passwordOrder,
    ({ operator, id, body }) => operator.setPassword(id, body.password),
  ),
  post("/users/{user}/admin", "Say whether somebody may administer", 200, userSchema, adminOrder, ({ operator, id, body }) =>
    operator.setAdmin(id, body.admin),
  ),
  post(
    "/users/{user}/disable",
    "Stop an account and what it granted, until it is enabled",
    200,
    userSchema,
    undefined,
    ({ operator, id }) => operator.setUserDisabled(id, true),
  ),
  post("/users/{user}/enable", "Let an account go on", 200, userSchema, undefined, ({ operator, id }) =>
    operator.setUserDisabled(id, false),
  ),
  ending("/users/{user}/revoke", "End all that somebody granted", (operator, ...of) => operator.revokeUser(...of)),
];

const audit: readonly AdminRoute[] = [
  {
    ...get("/events", "List what happened, the newest first, or export it", listed(eventSchema), eventListing, ({ operator, query }) =>
      query.format === "jsonl" || query.format === "csv" ? exportEvents(operator, query.format, query) : operator.events(query),
    ),
    media: ["application/jsonl", "text/csv"],
  },
  {
    method: "GET",
    path: "/events/stream",
    summary: "Follow what happens, as server-sent events; Last-Event-ID goes on where a stream ended",
    status: 200,
    media: ["text/event-stream"],
    query: streamQuery,
    run: ({
      query: { type = [], security = false },
      lastEventId,
      events,
      isAllowed,
    }: Asked<{ type?: readonly string[]; security?: boolean }, unknown>) => {
      if (security && type.length > 0) throw new BadInput("security and type exclude each other.");
      if (lastEventId !== undefined && !/^\d{1,15}$/.test(lastEventId)) throw new BadInput("Last-Event-ID is the id of an event.");
      const after = lastEventId === undefined ? undefined : Number(lastEventId);
      return events({ types: security ? securityTypes : eventTypesOf(type), after, isAllowed });
    },
  } satisfies AdminRoute<{ type?: readonly string[]; security?: boolean }, unknown>,
  get("/events/verification", "Find events that were altered, removed or inserted", verificationSchema, undefined, ({ operator }) =>
    operator.verifyAudit(),
  ),
  get("/flows", "List attempts to connect", listed(flowSchema), flowListing, ({ operator, query }) => operator.flows(query)),
  get("/flows/{flow_id}", "Show an attempt to connect, step by step", flowSchema, undefined, ({ operator, id }) => operator.flow(id)),
  get("/stats", "Count what happened, and what is there", statisticsSchema, range, ({ operator, query }) => operator.statistics(query)),
  get("/security", "Report security events and cases", securityReportSchema, range, ({ operator, query }) =>
    operator.securityReport(query),
  ),
];

const upkeep: readonly AdminRoute[] = [
  get("/keys", "List signing keys", listed(keySchema), undefined, ({ operator }) => operator.keys()),
  post("/keys/rotate", "Let the next key sign", 200, keySchema, keyOrder, ({ operator, body }) => operator.rotateKey(body.algorithm)),
  get("/registration_tokens", "List initial access tokens", listed(registrationTokenSchema), undefined, ({ operator }) =>
    operator.registrationTokens(),
  ),
  post(
    "/registration_tokens",
    "Make an initial access token",
    201,
    newRegistrationTokenSchema,
    registrationTokenOrder,
    ({ operator, body }) => operator.createRegistrationToken(body.uses ?? 1),
  ),
  {
    method: "POST",
    path: "/registration_tokens/{token_id}/revoke",
    summary: "End an initial access token",
    status: 204,
    run: ({ operator, id }) => operator.revokeRegistrationToken(id),
  },
  ending("/cleanup", "Remove what is past its time", (operator, _, isRehearsal) => operator.cleanUp(isRehearsal), {
    answer: cleanupSchema,
  }),
];

/** Everything that the admin API answers, but its own description. */
export const adminRoutes: readonly AdminRoute[] = [...clients, ...grants, ...users, ...audit, ...upkeep];
