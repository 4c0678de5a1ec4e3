import { eventTypes } from "vouchsafe";
import { type Page, pageResponse } from "vouchsafe/pages";
import { BadInput } from "../operator/operator.ts";
import { appPage, appsPage } from "./pages/apps.ts";
import { auditPage, verificationPage } from "./pages/audit.ts";
import { connectionsPage } from "./pages/connections.ts";
import { flowPage, flowsPage } from "./pages/flows.ts";
import { keysPage } from "./pages/keys.ts";
import { livePage } from "./pages/live.ts";
import { overviewPage } from "./pages/overview.ts";
import { peoplePage, personPage } from "./pages/people.ts";
import { securityPage } from "./pages/security.ts";
import { tokensPage } from "./pages/tokens.ts";
import { rangeOf, readQuery } from "./query.ts";
import { makeForm, noteOf, requireForm, type Visit } from "./visit.ts";

/** Every page that only shows: what the address asks for, and what the operator answers. @throws BadInput, NotFound */

export async function showOverview({ request, frame, operator }: Visit): Promise<Page> {
  const range = rangeOf(request.url);
  return overviewPage({ frame, range, statistics: await operator.statistics({ since: range }) });
}

export async function showApps(visit: Visit): Promise<Page> {
  const { request, frame, operator } = visit;
  const filter = readQuery(request.url, ["search", "registered", "state", "after"]);
  return appsPage({ frame, filter, query: filter, apps: await operator.clients(filter), note: noteOf(visit) });
}

export const showApp = async (visit: Visit, id: string): Promise<Page> =>
  appPage({ frame: visit.frame, app: await visit.operator.client(id), note: noteOf(visit) });

export async function showConnections(visit: Visit): Promise<Page> {
  const { request, frame, operator } = visit;
  const filter = readQuery(request.url, ["client", "user", "state", "after"]);
  const connections = await operator.grants({ ...filter, kind: "connection" });
  return connectionsPage({ frame, filter, query: filter, connections, note: noteOf(visit) });
}

export async function showTokens(visit: Visit): Promise<Page> {
  const { request, frame, operator } = visit;
  const filter = readQuery(request.url, ["client", "user", "grant", "kind", "after"]);
  const { user, client, grant, after, kind } = filter;
  const hasRoom = client === undefined && grant === undefined && after === undefined && (kind === undefined || kind === "personal");
  const [tokens, personal] = await Promise.all([
    operator.tokens(filter),
    hasRoom ? operator.grants({ kind: "personal", ...(user === undefined ? {} : { user }) }) : undefined,
  ]);
  return tokensPage({ frame, filter, query: filter, tokens, personal, note: noteOf(visit) });
}

export async function showPeople(visit: Visit): Promise<Page> {
  const { request, frame, operator } = visit;
  const query = readQuery(request.url, ["search", "after"]);
  return peoplePage({ frame, query, people: await operator.users(query), note: noteOf(visit) });
}

export const showPerson = async (visit: Visit, id: string): Promise<Page> =>
  personPage({ frame: visit.frame, person: await visit.operator.user(id), note: noteOf(visit) });

export async function showSecurity({ request, frame, operator }: Visit): Promise<Page> {
  const range = rangeOf(request.url);
  return securityPage({ frame, range, report: await operator.securityReport({ since: range }) });
}

export async function showAudit(visit: Visit): Promise<Response> {
  const { request, frame, operator } = visit;
  const query = readQuery(request.url, ["type", "user", "client", "grant", "flow", "since", "until", "security", "after"]);
  const { security, type, ...filter } = query;
  if (security !== undefined && security !== "yes") throw new BadInput(`security is yes or absent, and not ${JSON.stringify(security)}.`);
  const asked = {
    ...filter,
    ...(type === undefined ? {} : { type: type.split(",") }),
    ...(security === undefined ? {} : { security: true }),
  };
  const events = await operator.events(asked);
  const { hidden, headers } = makeForm(visit, "audit/verify");
  return pageResponse(auditPage({ frame, filter: asked, query, types: eventTypes, events, hidden }), { headers });
}

export async function verifyAudit(visit: Visit): Promise<Page> {
  await requireForm(visit, "audit/verify", "/admin/audit");
  return verificationPage({ frame: visit.frame, verification: await visit.operator.verifyAudit() });
}

export async function showFlows({ request, frame, operator }: Visit): Promise<Page> {
  const filter = readQuery(request.url, ["client", "outcome", "since", "until", "after"]);
  return flowsPage({ frame, filter, query: filter, flows: await operator.flows(filter) });
}

export const showFlow = async ({ frame, operator }: Visit, id: string): Promise<Page> => flowPage({ frame, flow: await operator.flow(id) });

export const showKeys = async (visit: Visit): Promise<Page> =>
  keysPage({ frame: visit.frame, keys: (await visit.operator.keys()).items, note: noteOf(visit) });

export const showLive = async ({ frame, operator }: Visit): Promise<Page> => livePage({ frame, events: (await operator.events({})).items });
