import type { Client } from "../../protocol/client.ts";
import type { TokenKind } from "../../protocol/token.ts";
import type { EventCount, KnownToken, Range, Reach, Reached, Reports } from "../reports.ts";
import { countsKept, periods } from "../reports.ts";
import { countingClaim } from "./audit.ts";
import { get, run, type SqlDatabase, type Work } from "./database.ts";
import {
  type ClientCondition,
  type GrantCondition,
  lastWalked,
  listClients,
  listGrants,
  listTokens,
  reportStatements,
  type TokenCondition,
} from "./report-statements.ts";
import {
  clientFromRow,
  clientWidth,
  grantFromRow,
  grantWidth,
  integer,
  optionalText,
  type Parameters,
  type Row,
  text,
  words,
} from "./rows.ts";

/** The most clients whose connections are counted one by one. */
const mostNamed = 20;

/** Nothing here is on the way of a request, and writing happens in small transactions. */
export function sqlReports(database: SqlDatabase): Reports {
  const one = async (statement: string, parameters: Parameters): Promise<Row> => (await database.report(statement, parameters))[0] ?? [];
  return {
    countEvents: async (most) => {
      const settled = await database.lastSettledEvent();
      return database.commit(() => countEvents(settled, most), { alone: [countingClaim], isBulk: true });
    },
    sweepCounts: (now) => database.commit(() => sweepCounts(now), { alone: [countingClaim], isBulk: true }),
    counts: async (range) => (await database.report(reportStatements.counts, { ...range })).map(eventCountFromRow),
    busiestClients: async (range, types, most) => {
      const { busiestClientsByMinute, busiestClients } = reportStatements;
      const statement = range.period === periods.minute ? busiestClientsByMinute : busiestClients;
      return (await database.report(statement, { ...range, ...daysOf(range), types: JSON.stringify(types), most })).map(clientCountFromRow);
    },
    countsOfClients: async (range, clientIds, types) => {
      const { countsOfClientsByMinute, countsOfClients } = reportStatements;
      const statement = range.period === periods.minute ? countsOfClientsByMinute : countsOfClients;
      const named = { clientIds: JSON.stringify(clientIds), types: JSON.stringify(types) };
      return new Map(
        (await database.report(statement, { ...range, ...daysOf(range), ...named })).map(([id, count]) => [text(id), Number(count)]),
      );
    },
    totals: async (now) => {
      const [grants, clientTokens, clients] = await Promise.all([
        database.report(reportStatements.liveGrantsByClient, { now }),
        one(reportStatements.liveClientTokens, { now }),
        database.report(reportStatements.clientsByState),
      ]);
      const connections = grants.filter(([clientId]) => clientId !== null);
      return {
        connections: connections.reduce((sum, [, , count]) => sum + Number(count), 0),
        personalTokens: Number(grants.find(([clientId]) => clientId === null)?.[2] ?? 0),
        clientTokens: Number(clientTokens[0]),
        clients: clients.map(([origin, isDisabled, count]) => ({
          origin: text(origin) as Client["origin"],
          isDisabled: isDisabled === 1,
          count: Number(count),
        })),
        connectionsByClient: connections.slice(0, mostNamed).map(clientCountFromRow),
      };
    },
    expired: async (from, until) => {
      const [connections, all] = await one(reportStatements.expiredGrants, { from, until });
      const [clientTokens] = await one(reportStatements.expiredClientTokens, { from, until });
      return {
        connections: Number(connections),
        personalTokens: Number(all) - Number(connections),
        clientTokens: Number(clientTokens),
      };
    },
    clients: async ({ id, search, origin, isDisabled, after, most }, now) => {
      const conditions = present<ClientCondition>({ id, search, origin, isDisabled, after });
      const parameters = {
        now,
        most,
        id,
        pattern: search === undefined ? undefined : `%${searchable(search).replace(/[!%_]/g, "!$&")}%`,
        origin,
        isDisabled: isDisabled === true ? 1 : 0,
        afterAt: after?.createdAt,
        afterId: after?.id,
      };
      return (await database.report(listClients(conditions), parameters)).map((row) => ({
        client: clientFromRow(row),
        connections: Number(row[clientWidth]),
        usedAt: integer(row[clientWidth + 1]),
      }));
    },
    grants: async ({ id, clientId, subject, kind, isLive, after, most }, now) => {
      const conditions = [
        ...present<GrantCondition>({ id, clientId, subject, after }),
        ...(kind === undefined ? [] : [kind]),
        ...(isLive === undefined ? [] : [isLive ? ("live" as const) : ("ended" as const)]),
      ];
      const parameters = { id, clientId, subject, now, most, afterAt: after?.createdAt, afterId: after?.id };
      return (await database.report(listGrants(conditions), parameters)).map((row) => ({
        grant: grantFromRow(row),
        name: optionalText(row[grantWidth]),
        usedAt: integer(row[grantWidth + 1]),
      }));
    },
    tokens: async ({ clientId, subject, grantId, kind, before = Number.MAX_SAFE_INTEGER, most, walk }) => {
      const parameters = { clientId, subject, grantId, kind, before, most, walk };
      const conditions = present<TokenCondition>({ clientId, subject, grantId, kind });
      const tokens = (await database.report(listTokens(conditions), parameters)).map(knownTokenFromRow);
      if (tokens.length === most) return { tokens, next: tokens.at(-1)?.id };
      return { tokens, next: integer((await one(lastWalked, parameters))[0]) };
    },
    reach: async (of, now) => {
      const [row, clientTokens] = await Promise.all([
        one(reachStatement(of), { ...of, now }),
        "clientId" in of ? one(reportStatements.clientTokenReach, { ...of, now }) : [0],
      ]);
      return reachFromRow(row, clientTokens);
    },
  };
}

/** Also read by the transaction that ends what it is about. */
export function* reachWithin(of: Reached, now: number): Work<Reach> {
  const clientTokens = "clientId" in of ? ((yield* get(reportStatements.clientTokenReach, { ...of, now })) ?? []) : [0];
  return reachFromRow((yield* get(reachStatement(of), { ...of, now })) ?? [], clientTokens);
}

function reachStatement(of: Reached): string {
  if ("clientId" in of) return reportStatements.clientReach;
  return "subject" in of ? reportStatements.subjectReach : reportStatements.grantReach;
}

function* countEvents(settled: number, most: number): Work<number> {
  const [last, count] = (yield* get(reportStatements.lastToCount, { settled, most })) ?? [];
  if (typeof last !== "number") return 0;
  for (const period of Object.values(periods)) {
    yield* run(reportStatements.countEvents, { period, last });
    if (period !== periods.minute) yield* run(reportStatements.countEventsOfClients, { period, last });
  }
  yield* run(reportStatements.markCounted, { last });
  return Number(count);
}

function* sweepCounts(now: number): Work<number> {
  let removed = 0;
  for (const period of Object.values(periods)) {
    const old = { period, before: now - countsKept[period] };
    removed += yield* run(reportStatements.sweepCounts, old);
    removed += yield* run(reportStatements.sweepCountsOfClients, old);
  }
  return removed;
}

/** The whole days of a time. Where there is none they end where they begin. */
function daysOf({ from, until }: Range): Parameters {
  const firstDay = Math.ceil(from / periods.day) * periods.day;
  const lastDay = Math.floor(until / periods.day) * periods.day;
  return firstDay < lastDay ? { firstDay, lastDay } : { firstDay: from, lastDay: from };
}

/** SQLite ends a pattern where a NUL is, and would find everybody. */
const searchable = (text: string): string => lowerAscii(text).replaceAll("\0", "\uFFFD");

const lowerAscii = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** The names of those filters that are given. */
const present = <Name extends string>(filters: Readonly<Partial<Record<Name, unknown>>>): readonly Name[] =>
  (Object.keys(filters) as Name[]).filter((name) => filters[name] !== undefined);

const eventCountFromRow = ([at, type, detail, count]: Row): EventCount => ({
  at: Number(at),
  type: text(type) as EventCount["type"],
  detail: text(detail),
  count: Number(count),
});

const clientCountFromRow = ([clientId, name, count]: Row) => ({
  clientId: text(clientId),
  name: optionalText(name),
  count: Number(count),
});

const reachFromRow = ([people, connections, personalTokens]: Row, [clientTokens]: Row): Reach => ({
  people: connections === 0 && personalTokens === 0 ? 0 : Number(people),
  connections: Number(connections),
  personalTokens: Number(personalTokens),
  clientTokens: Number(clientTokens),
});

const knownTokenFromRow = ([
  id,
  kind,
  grantId,
  clientId,
  scope,
  audience,
  issuedAt,
  expiresAt,
  revokedAt,
  spentAt,
  subject,
  grantRevokedAt,
  grantEndsAt,
]: Row): KnownToken => ({
  id: Number(id),
  kind: text(kind) as TokenKind,
  grantId: optionalText(grantId),
  clientId: optionalText(clientId),
  scope: words(scope),
  audience: optionalText(audience),
  issuedAt: Number(issuedAt),
  expiresAt: integer(expiresAt),
  revokedAt: integer(revokedAt),
  spentAt: integer(spentAt),
  subject: optionalText(subject),
  grantRevokedAt: integer(grantRevokedAt),
  grantEndsAt: integer(grantEndsAt),
});
