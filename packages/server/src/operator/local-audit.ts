import { type Admin, caseTypes, type EventFilter, type RecordedEvent, securityTypes } from "vouchsafe";
import type { Accounts } from "../accounts.ts";
import { caseNamesOf } from "./case-names.ts";
import { describeCase, isCase } from "./case-words.ts";
import { eventDocument, flowDocument, flowWithSteps, statisticsDocument } from "./documents.ts";
import { eventTypesOf } from "./event-types.ts";
import { givenTimesOf, idAfter, limitOf, oneOf, pageOf, placeAfter, timesOf } from "./listing.ts";
import { BadInput, type EventDocument, type EventListing, NotFound, type Operator, type SecurityCaseDocument } from "./operator.ts";
import { accountOf, accountsOf, ofWhom, type Standing } from "./standing.ts";

const mostCases = 100;

/** What happened at this server. */
export const localAudit = ({
  admin,
  accounts,
}: Standing): Pick<Operator, "events" | "exportEvents" | "verifyAudit" | "flows" | "flow" | "statistics" | "securityReport"> => ({
  statistics: async (range) => {
    const { from, until } = timesOf(range, Date.now());
    return statisticsDocument(await admin.statistics(from, until));
  },
  securityReport: async (range) => {
    const { from, until } = timesOf(range, Date.now());
    const [statistics, cases] = await Promise.all([
      admin.statistics(from, until),
      admin.events({ types: caseTypes, from, until, most: mostCases }),
    ]);
    const { since, until: end, counts } = statisticsDocument(statistics);
    return { since, until: end, counts: counts.security, cases: await casesOf(admin, accounts, cases) };
  },
  events: async (filter) => {
    const limit = limitOf(filter);
    const before = idAfter(filter);
    const found = await admin.events({
      ...(await eventFilterOf(accounts, filter)),
      ...(before === undefined ? {} : { before }),
      most: limit + 1,
    });
    const last = found.length > limit ? found[limit - 1] : undefined;
    return { items: found.slice(0, limit).map(eventDocument), ...(last === undefined ? {} : { next: String(last.id) }) };
  },
  exportEvents: (filter) => exported(admin, accounts, filter),
  verifyAudit: () => admin.verifyAudit(),
  flows: async (filter) => {
    const limit = limitOf(filter);
    const outcome = oneOf("outcome", ["under_way", "allowed", "denied", "connected", "used", "refused"], filter.outcome);
    const place = placeAfter(filter);
    const found = await admin.flows({
      most: limit + 1,
      ...givenTimesOf(filter, Date.now()),
      ...(filter.client === undefined ? {} : { clientId: filter.client }),
      ...(outcome === undefined ? {} : { outcome }),
      ...(place === undefined ? {} : { after: { beganAt: place.at, id: place.id } }),
    });
    const people = await accountsOf(
      accounts,
      found.map(({ subject }) => subject),
    );
    return pageOf(
      found,
      limit,
      (flow) => flowDocument(flow, people.get(flow.subject)),
      ({ beganAt, id }) => ({ at: beganAt, id }),
    );
  },
  flow: async (id) => {
    const flow = await admin.flow(id);
    if (flow === undefined) throw new NotFound(`There is no flow ${id}.`);
    return flowWithSteps(flow, await accountOf(accounts, flow.subject));
  },
});

type Filter = Omit<EventFilter, "most" | "before">;

/** @throws BadInput, NotFound */
async function eventFilterOf(accounts: Accounts, filter: EventListing): Promise<Filter> {
  const { type = [], security = false, grant, flow } = filter;
  if (security && type.length > 0) throw new BadInput("security and type exclude each other.");
  return {
    types: security ? securityTypes : eventTypesOf(type),
    ...givenTimesOf(filter, Date.now()),
    ...(await ofWhom(accounts, filter)),
    ...(grant === undefined ? {} : { grantId: grant }),
    ...(flow === undefined ? {} : { flowId: flow }),
  };
}

/** How many events are read at once: the process answers others in between. */
const batch = 1000;

/** @throws BadInput, NotFound: to whoever asks for the first event. */
async function* exported(admin: Admin, accounts: Accounts, listing: EventListing): AsyncGenerator<EventDocument> {
  const filter = await eventFilterOf(accounts, listing);
  for (let after = 0; ; ) {
    const events = await admin.events({ ...filter, after, most: batch });
    for (const event of events) yield eventDocument(event);
    const last = events.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
}

async function casesOf(admin: Admin, accounts: Accounts, events: readonly RecordedEvent[]): Promise<readonly SecurityCaseDocument[]> {
  const cases = events.flatMap(({ id, event }) => (isCase(event) ? [{ id, event }] : []));
  return Promise.all(
    cases.map(async ({ id, event }) => {
      const { clientId, subject } = event as { readonly clientId?: string; readonly subject?: string };
      return {
        id,
        at: new Date(event.at).toISOString(),
        type: event.type,
        ...("kind" in event ? { kind: event.kind } : {}),
        ...describeCase(event, await caseNamesOf(event, admin, accounts)),
        ...(clientId === undefined ? {} : { client_id: clientId }),
        ...(subject === undefined ? {} : { subject }),
        ...(event.flowId === undefined ? {} : { flow_id: event.flowId }),
      };
    }),
  );
}
