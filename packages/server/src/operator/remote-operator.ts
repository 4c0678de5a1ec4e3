import type { EventDocument, Operator } from "./operator.ts";
import { remoteCalls } from "./remote-calls.ts";

/**
 * The operator of a server elsewhere, by its admin API. The server knows who asks by the token; a name of one's own is not
 * taken.
 * @param url the server's issuer, such as `https://auth.example.com`
 * @throws NotAuthorised, NotFound, BadInput, Conflict, Unreachable, as whatever it offers
 */
export function createRemoteOperator(url: string, token: string): Operator {
  const { get, post, end, lines } = remoteCalls(url, token);
  const rehearsing = (isRehearsal: boolean) => (isRehearsal ? { dry_run: true } : {});
  const operator: Operator = {
    as: () => operator,
    statistics: (range) => get("/stats", range),
    securityReport: (range) => get("/security", range),

    clients: (filter) => get("/clients", filter),
    client: (id) => get(`/clients/${of(id)}`),
    createClient: (order) => post("/clients", order),
    rotateSecret: (id, keepOld) => post(`/clients/${of(id)}/secret`, keepOld === undefined ? {} : { keep_old: keepOld }),
    setClientDisabled: (id, isDisabled) => post(`/clients/${of(id)}/${isDisabled ? "disable" : "enable"}`),
    revokeClient: (id, isRehearsal) => end("POST", `/clients/${of(id)}/revoke`, rehearsing(isRehearsal)),
    deleteClient: (id, isRehearsal) => end("DELETE", `/clients/${of(id)}`, rehearsing(isRehearsal)),

    grants: (filter) => get("/grants", filter),
    grant: (id) => get(`/grants/${of(id)}`),
    revokeGrant: (id, isRehearsal) => end("POST", `/grants/${of(id)}/revoke`, rehearsing(isRehearsal)),
    tokens: (filter) => get("/tokens", filter),
    createToken: (order) => post("/tokens", order),
    revokeToken: (id, isRehearsal) => end("POST", `/tokens/${of(id)}/revoke`, rehearsing(isRehearsal)),

    users: (filter) => get("/users", filter),
    user: (name) => get(`/users/${of(name)}`),
    addUser: (order) => post("/users", order),
    setPassword: (name, password) => post(`/users/${of(name)}/password`, password === undefined ? {} : { password }),
    setAdmin: (name, admin) => post(`/users/${of(name)}/admin`, { admin }),
    setUserDisabled: (name, isDisabled) => post(`/users/${of(name)}/${isDisabled ? "disable" : "enable"}`),
    revokeUser: (name, isRehearsal) => end("POST", `/users/${of(name)}/revoke`, rehearsing(isRehearsal)),

    events: (filter) => get("/events", filter),
    exportEvents: (filter) => eventsOf(lines("/events", { ...filter, format: "jsonl" })),
    verifyAudit: () => get("/events/verification"),
    flows: (filter) => get("/flows", filter),
    flow: (id) => get(`/flows/${of(id)}`),

    keys: () => get("/keys"),
    rotateKey: (algorithm) => post("/keys/rotate", algorithm === undefined ? {} : { algorithm }),
    registrationTokens: () => get("/registration_tokens"),
    createRegistrationToken: (uses) => post("/registration_tokens", { uses }),
    revokeRegistrationToken: (id) => post(`/registration_tokens/${of(id)}/revoke`),
    cleanUp: (isRehearsal) => end("POST", "/cleanup", rehearsing(isRehearsal)),
  };
  return operator;
}

/** A client's id may be a URL. */
const of = (id: string): string => encodeURIComponent(id);

async function* eventsOf(lines: AsyncIterable<string>): AsyncGenerator<EventDocument> {
  for await (const line of lines) yield JSON.parse(line) as EventDocument;
}
