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
} from "../admin-api/documents.ts";
import type { Schema } from "../admin-api/schema.ts";
import type { Operator } from "../operator/operator.ts";
import { remoteCalls } from "./remote-calls.ts";

/**
 * The operator of a server elsewhere, by its admin API. The server knows who asks by the token; a name of one's own is not
 * taken.
 * @param url the server's issuer, such as `https://auth.example.com`
 * @throws NotAuthorised, NotFound, BadInput, Conflict, Unreachable, as whatever it offers
 */
export function createRemoteOperator(url: string, token: string): Operator {
  const { get, post, end, documents } = remoteCalls(url, token);
  const rehearsing = (isRehearsal: boolean) => (isRehearsal ? { dry_run: true } : {});
  const operator: Operator = {
    as: () => operator,
    statistics: (range) => get("/stats", statisticsSchema, range),
    securityReport: (range) => get("/security", securityReportSchema, range),

    clients: (filter) => get("/clients", listed(clientSchema), filter),
    client: (id) => get(`/clients/${of(id)}`, clientSchema),
    createClient: (order) => post("/clients", newClientSchema, order),
    rotateSecret: (id, keepOld) => post(`/clients/${of(id)}/secret`, secretSchema, keepOld === undefined ? {} : { keep_old: keepOld }),
    setClientDisabled: (id, isDisabled) => post(`/clients/${of(id)}/${isDisabled ? "disable" : "enable"}`, clientSchema),
    revokeClient: (id, isRehearsal) => end("POST", `/clients/${of(id)}/revoke`, reachSchema, rehearsing(isRehearsal)),
    deleteClient: (id, isRehearsal) => end("DELETE", `/clients/${of(id)}`, reachSchema, rehearsing(isRehearsal)),

    grants: (filter) => get("/grants", listed(grantSchema), filter),
    grant: (id) => get(`/grants/${of(id)}`, grantSchema),
    revokeGrant: (id, isRehearsal) => end("POST", `/grants/${of(id)}/revoke`, reachSchema, rehearsing(isRehearsal)),
    tokens: (filter) => get("/tokens", listed(tokenSchema), filter),
    createToken: (order) => post("/tokens", newTokenSchema, order),
    revokeToken: (id, isRehearsal) => end("POST", `/tokens/${of(id)}/revoke`, reachSchema, rehearsing(isRehearsal)),

    users: (filter) => get("/users", listed(userSchema), filter),
    user: (name) => get(`/users/${of(name)}`, userSchema),
    addUser: (order) => post("/users", passwordedUserSchema, order),
    setPassword: (name, password) => post(`/users/${of(name)}/password`, passwordedUserSchema, password === undefined ? {} : { password }),
    setAdmin: (name, admin) => post(`/users/${of(name)}/admin`, userSchema, { admin }),
    setUserDisabled: (name, isDisabled) => post(`/users/${of(name)}/${isDisabled ? "disable" : "enable"}`, userSchema),
    revokeUser: (name, isRehearsal) => end("POST", `/users/${of(name)}/revoke`, reachSchema, rehearsing(isRehearsal)),

    events: (filter) => get("/events", listed(eventSchema), filter),
    exportEvents: (filter) => documents("/events", eventSchema, { ...filter, format: "jsonl" }),
    verifyAudit: () => get("/events/verification", verificationSchema),
    flows: (filter) => get("/flows", listed(flowSchema), filter),
    flow: (id) => get(`/flows/${of(id)}`, flowSchema),

    keys: () => get("/keys", listed(keySchema)),
    rotateKey: (algorithm) => post("/keys/rotate", keySchema, algorithm === undefined ? {} : { algorithm }),
    registrationTokens: () => get("/registration_tokens", listed(registrationTokenSchema)),
    createRegistrationToken: (uses) => post("/registration_tokens", newRegistrationTokenSchema, { uses }),
    revokeRegistrationToken: (id) => post(`/registration_tokens/${of(id)}/revoke`, nothing),
    cleanUp: (isRehearsal) => end("POST", "/cleanup", cleanupSchema, rehearsing(isRehearsal)),
  };
  return operator;
}

/** A client's id may be a URL. */
const of = (id: string): string => encodeURIComponent(id);

/** An answer without a body. */
const nothing: Schema<void> = {};
