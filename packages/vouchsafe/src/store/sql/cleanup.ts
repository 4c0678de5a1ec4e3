import type { Cleanup, SweepLimits, Swept, SweptKind, SweptTokens } from "../cleanup.ts";
import { periods } from "../reports.ts";
import { countingClaim } from "./audit.ts";
import { clientClaim } from "./claims.ts";
import { all, type Claims, get, run, type SqlDatabase } from "./database.ts";
import type { Journal } from "./journal.ts";
import { text } from "./rows.ts";
import { countStatements, sweepStatements } from "./sweep-statements.ts";

/** How an engine that counts limits forgets those whose time is over. */
export interface LimitSweeping {
  /** Removes at most `:most`. */
  readonly remove: string;
  readonly count: string;
}

/** One process removes at a time: two would wait for each other's rows. */
const sweeping: Claims = { alone: ["sweep"], isBulk: true };

/** What came to its own end stays counted. */
const sweepingCounted: Claims = { alone: ["sweep", countingClaim], isBulk: true };
const countedPeriods = [periods.hour, periods.day];

type Sweep = (limits: SweepLimits, most: number) => Promise<number>;

export function sqlCleanup(database: SqlDatabase, journal: Journal, limitSweeping: LimitSweeping | undefined): Cleanup {
  const remove =
    (statement: string): Sweep =>
    (limits, most) =>
      database.commit(() => run(statement, { ...limits, most }), sweeping);
  const sweeps: Readonly<Record<SweptKind, Sweep>> = {
    clients: (limits, most) => sweepClients(database, limits, most),
    grants: (limits, most) => sweepGrants(database, limits, most),
    decisions: remove(sweepStatements.decisions),
    pushedRequests: remove(sweepStatements.pushedRequests),
    assertions: remove(sweepStatements.assertions),
    refreshAnswers: remove(sweepStatements.refreshAnswers),
    disconnections: remove(sweepStatements.disconnections),
    subjects: remove(sweepStatements.subjects),
    registrationTokens: remove(sweepStatements.registrationTokens),
    deliveries: (limits, most) => sweepDeliveries(database, journal, limits, most),
    rateLimits: limitSweeping === undefined ? async () => 0 : remove(limitSweeping.remove),
  };
  return {
    sweep: (kind, limits, most) => sweeps[kind](limits, most),
    sweepTokens: (after, limits, most) => sweepTokens(database, after, limits, most),
    count: async (limits) => {
      const parameters = { ...limits, subscriptions: JSON.stringify(journal.subscriptions) };
      const count = async (statement: string): Promise<number> => Number((await database.report(statement, parameters))[0]?.[0]);
      const counts: [string, number][] = [];
      for (const [kind, statement] of Object.entries(countStatements)) counts.push([kind, await count(statement)]);
      return {
        ...(Object.fromEntries(counts) as Omit<Swept, "rateLimits">),
        rateLimits: limitSweeping ? await count(limitSweeping.count) : 0,
      };
    },
  };
}

/** Whoever redeems a code claims its client, so that none goes while its first grant comes. */
async function sweepClients(database: SqlDatabase, limits: SweepLimits, most: number): Promise<number> {
  const found = (await database.report(sweepStatements.unusedClients, { ...limits, most })).map(([id]) => text(id));
  if (found.length === 0) return 0;
  const ids = JSON.stringify(found);
  return database.commit(
    function* () {
      const removed = yield* run(sweepStatements.removeUnusedClients, { ...limits, ids });
      yield* run(sweepStatements.removeIdentitiesOfNobody, { ids });
      return removed;
    },
    { ...sweeping, alone: ["sweep", ...found.map(clientClaim)] },
  );
}

/** Their tokens are dead from then on, and are found on the way through all tokens. */
const sweepGrants = (database: SqlDatabase, limits: SweepLimits, most: number): Promise<number> =>
  database.commit(function* () {
    const past = yield* all(sweepStatements.pastGrants, { ...limits, most });
    if (past.length === 0) return 0;
    const ids = JSON.stringify(past.map(([id]) => id));
    for (const period of countedPeriods) yield* run(sweepStatements.countEndedGrants, { period, ids });
    yield* run(sweepStatements.removeGrants, { ids });
    const clientIds = [...new Set(past.map(([, clientId]) => clientId))].filter((id) => id !== null);
    yield* run(sweepStatements.removeIdentitiesNobodyAgreedTo, { clientIds: JSON.stringify(clientIds) });
    return past.length;
  }, sweepingCounted);

/** Most tokens are looked at for nothing, and that takes no turn at writing. */
async function sweepTokens(database: SqlDatabase, after: number, limits: SweepLimits, most: number): Promise<SweptTokens> {
  const [row = []] = await database.report(sweepStatements.tokensBehind, { ...limits, after, most });
  const [last, looked, dead] = row.map(Number);
  const next = looked === most ? last : undefined;
  if (dead === 0) return { removed: 0, next };
  const within = { ...limits, after, last, most };
  const removed = await database.commit(function* () {
    for (const period of countedPeriods) yield* run(sweepStatements.countExpiredTokens, { ...within, period });
    return yield* run(sweepStatements.removeTokens, within);
  }, sweepingCounted);
  return { removed, next };
}

/** Of subscriptions that this process does not know; another one that does brings them in time. */
const sweepDeliveries = (database: SqlDatabase, journal: Journal, limits: SweepLimits, most: number): Promise<number> =>
  database.commit(function* () {
    let removed = 0;
    let [name] = (yield* get(sweepStatements.nextSubscription, { after: "" })) ?? [];
    while (typeof name === "string" && removed < most) {
      if (!journal.subscriptions.includes(name))
        removed += yield* run(sweepStatements.abandonedDeliveries, { ...limits, subscription: name, most: most - removed });
      [name] = (yield* get(sweepStatements.nextSubscription, { after: name })) ?? [];
    }
    return removed;
  }, sweeping);
