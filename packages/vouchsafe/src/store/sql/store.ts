import type { AuditEvent } from "../../audit.ts";
import type { Client } from "../../protocol/client.ts";
import { identityOf } from "../../protocol/client.ts";
import type { Token } from "../../protocol/token.ts";
import type { Opening, PersonalToken, Store } from "../store.ts";
import { SqlAudit } from "./audit.ts";
import { clientClaim, subjectClaim } from "./claims.ts";
import { type LimitSweeping, sqlCleanup } from "./cleanup.ts";
import { type Claims, get, type MigrationSteps, run, type SqlDatabase, type Step, type TransactionWork, type Work } from "./database.ts";
import { sqlDeliveries } from "./deliveries.ts";
import { sqlFlows } from "./flows.ts";
import { addTokens, type HotPaths } from "./hot-paths.ts";
import type { Journal } from "./journal.ts";
import { sqlRecords } from "./records.ts";
import { reachWithin, sqlReports } from "./reports.ts";
import {
  clientForSubjectFromRow,
  clientFromRow,
  clientToRow,
  connectionFromRow,
  grantFromRow,
  grantToRow,
  type Parameters,
  personalTokenFromRow,
  presentedFromRow,
  type Row,
  text,
  tokenToRow,
} from "./rows.ts";
import { everybody, statements } from "./statements.ts";

/** A store in a SQL database that is open to the application, for tables of its own. */
export interface SqlStore<Database extends SqlDatabase = SqlDatabase> extends Store {
  /** For reading, and for migrating the application's own tables. */
  readonly database: Database;
  /** Writes, and the events that go with them, in one transaction: see `SqlDatabase.commit`. */
  transact<Result>(work: TransactionWork<Result>, claims?: Claims): Promise<Result>;
  /**
   * Refuses every authorization code that was made before: where an older state of a database was put back, nothing in it
   * tells which of them were redeemed since.
   */
  voidAllCodes(before: number): Promise<void>;
}

/** What engines bring along. */
export interface SqlParts<Database extends SqlDatabase> {
  readonly database: Database;
  readonly journal: Journal;
  readonly hotPaths: HotPaths;
  readonly migrations: MigrationSteps;
  /** Where the engine counts limits. */
  readonly limitSweeping?: LimitSweeping;
}

/** The store's verbs, in terms of statements. */
export function sqlStore<Database extends SqlDatabase>({
  database,
  journal,
  hotPaths,
  migrations,
  limitSweeping,
}: SqlParts<Database>): SqlStore<Database> {
  /** Writes, and records the event if that changed anything. */
  const change = (statement: string, parameters: Parameters, event: AuditEvent, claims?: Claims): Promise<boolean> =>
    database.commit(function* (record) {
      const changed = (yield* run(statement, parameters)) > 0;
      if (changed) record(event);
      return changed;
    }, claims);

  return {
    database,
    transact: (work, claims) => database.commit(work, claims),
    voidAllCodes: async (before) => {
      await database.commit(() => run(statements.voidCodes, { subject: everybody, before }));
    },

    client: async (id) => optional(await database.get(statements.client, { id }), clientFromRow),
    clientFor: async (id, subject, resources, now) =>
      optional(await database.get(statements.clientFor, { id, subject, resources: resources.join(" "), now }), clientForSubjectFromRow),
    addClient: (client, event, spends) =>
      database.commit(function* (record) {
        if (spends !== undefined && (yield* run(statements.spendRegistrationToken, { hash: spends })) === 0) return false;
        if ((yield* run(statements.addClient, clientToRow(client))) === 0) return false;
        record(event);
        return true;
      }),
    updateClient: (client, event) =>
      database.commit(function* (record) {
        if (!(yield* updateClient(client))) return false;
        if (event !== undefined) record(event);
        return true;
      }),
    deleteClient: (id, at, event) =>
      database.commit(
        function* (record) {
          if ((yield* run(statements.deleteClient, { id })) === 0) return false;
          yield* run(statements.deleteFormerIdentities, { id });
          yield* run(statements.revokeGrantsOfClient, { id, at });
          record(event);
          return true;
        },
        { alone: [clientClaim(id)] },
      ),
    disableClient: (id, disabledAt, event) => change(statements.disableClient, { id, disabledAt }, event, { alone: [clientClaim(id)] }),
    formerIdentity: async (clientId, identity) =>
      optional(await database.get(statements.formerIdentity, { clientId, identity }), ([name, redirectUris]) => ({
        name: text(name),
        redirectUris: JSON.parse(text(redirectUris)) as readonly string[],
      })),

    decide: (decision, event) =>
      database.commit(function* (record) {
        if ((yield* run(statements.decide, { ...decision })) === 0)
          return text((yield* get(statements.decision, { requestId: decision.requestId }))?.[0]);
        record(event);
        return decision.answer;
      }),
    grant: async (id) => optional(await database.get(statements.grant, { id }), grantFromRow),
    openGrant: (opening, event) =>
      database.commit(
        function* (record) {
          const outcome = yield* hotPaths.openGrant(opening, event.at);
          if (outcome === "opened") record(event);
          return outcome;
        },
        { shared: claimsOf(opening) },
      ),
    revokeGrant: (id, at, event) => change(statements.revokeGrant, { id, at }, event),
    disconnect: (subject, clientId, at, event) =>
      database.commit(
        function* (record) {
          const revoked = yield* run(statements.disconnect, { subject, clientId, at });
          yield* run(statements.markDisconnected, { subject, clientId, at });
          if (revoked > 0) record(event);
          return revoked;
        },
        { alone: [subjectClaim(subject)] },
      ),
    narrowGrant: (was, to, at, event) =>
      change(
        statements.narrowGrant,
        { id: was.id, scope: to.scope.join(" "), endsAt: to.endsAt, at, wasScope: was.scope.join(" "), wasEndsAt: was.endsAt },
        event,
      ),
    endedConnections: async (subject, after, now) =>
      (await database.all(statements.endedConnections, { subject, after, now })).map(connectionFromRow),
    disconnectAll: (subject, at, event) =>
      database.commit(
        function* (record) {
          const revoked = yield* run(statements.disconnectAll, { subject, at });
          yield* run(statements.voidCodes, { subject, before: at });
          if (revoked > 0) record(event);
          return revoked;
        },
        { alone: [subjectClaim(subject)] },
      ),
    connections: async (subject, now) => (await database.all(statements.connections, { subject, now })).map(connectionFromRow),

    token: async (hash) => optional(await database.get(statements.token, { hash }), (row) => presentedFromRow(hash, row)),
    issue: (tokens, event, firstOf) =>
      database.commit(function* (record) {
        yield* addTokens(tokens);
        if (firstOf !== undefined) yield* run(statements.markGranted, { id: firstOf, at: event.at });
        record(event);
      }),
    rotate: (rotation, event) =>
      database.commit(function* (record) {
        const isFirst = yield* hotPaths.rotate(rotation);
        if (isFirst) record(event);
        return isFirst;
      }),
    revokeToken: (hash, at, event) => change(statements.revokeToken, { hash, at }, event),
    revokeListedToken: (id, at, event) => change(statements.revokeListedToken, { id, at }, event),

    disableSubject: async (subject, disabledAt, event) => {
      await change(statements.disableSubject, { subject, disabledAt }, event, { alone: [subjectClaim(subject)] });
    },
    voidCodes: async (subject, before, event) => {
      await change(statements.voidCodes, { subject, before }, event, { alone: [subjectClaim(subject)] });
    },
    noteUses: async (uses) => {
      await database.commit(
        function* () {
          for (const [at, ids] of idsByTime(uses)) {
            yield* run(statements.noteUses, { at, ids });
            yield* run(statements.noteUsesOfClients, { at, ids });
          }
        },
        // Two that each hold what the other one needs would wait for ever.
        { alone: ["uses"], isBulk: true },
      );
    },
    revokeClient: (id, at, event) =>
      database.commit(
        function* (record) {
          const reach = yield* reachWithin({ clientId: id }, at);
          if ((yield* run(statements.revokeClient, { id, at })) === 0) return undefined;
          yield* run(statements.revokeGrantsOfClient, { id, at });
          record(event(reach));
          return reach;
        },
        { alone: [clientClaim(id)] },
      ),
    revokeSubject: (subject, at, event) =>
      database.commit(
        function* (record) {
          const reach = yield* reachWithin({ subject }, at);
          yield* run(statements.revokeGrantsOfSubject, { subject, at });
          yield* run(statements.voidCodes, { subject, before: at });
          record(event(reach));
          return reach;
        },
        { alone: [subjectClaim(subject)] },
      ),

    audit: new SqlAudit(database, journal),
    reports: sqlReports(database),
    flows: sqlFlows(database),
    deliveries: sqlDeliveries(database, journal),
    cleanup: sqlCleanup(database, journal, limitSweeping),
    personalTokens: {
      add: (personal, token, most, event) =>
        database.commit(
          function* (record) {
            const outcome = yield* addPersonalToken(personal, token, most);
            if (outcome === "added") record(event);
            return outcome;
          },
          { alone: [subjectClaim(personal.grant.subject)] },
        ),
      list: async (subject, now) => (await database.all(statements.personalTokens, { subject, now })).map(personalTokenFromRow),
    },
    ...sqlRecords(database, change),

    record: (events) =>
      database.commit(function* (record) {
        for (const event of events) record(event);
        yield* nothing;
      }),
    subscribe: (listener) => database.subscribe(listener),
    check: async () => {
      await database.check(migrations);
      await database.get(statements.check);
    },
    close: async () => {
      await database.close();
    },
  };
}

/** Events are written with their transaction. */
const nothing: readonly Step[] = [];

const claimsOf = ({ grant }: Opening): readonly string[] => [subjectClaim(grant.subject), clientClaim(grant.clientId)];

/** As JSON lists. Uses are noted to the minute, so that there are few times. */
function idsByTime(uses: ReadonlyMap<string, number>): ReadonlyMap<number, string> {
  const byTime = Map.groupBy(uses, ([, at]) => at);
  return new Map([...byTime].map(([at, used]) => [at, JSON.stringify(used.map(([id]) => id))]));
}

function* updateClient(client: Client): Work<boolean> {
  const was = optional(yield* get(statements.client, { id: client.id }), clientFromRow);
  if (was === undefined || (yield* run(statements.updateClient, clientToRow(client))) === 0) return false;
  if (identityOf(was) !== identityOf(client)) {
    const former = { clientId: was.id, identity: identityOf(was), name: was.name, redirectUris: JSON.stringify(was.redirectUris) };
    yield* run(statements.addFormerIdentity, former);
  }
  return true;
}

function* addPersonalToken({ grant, name }: PersonalToken, token: Token, most: number): Work<"added" | "repeated" | "full"> {
  if ((yield* get(statements.grant, { id: grant.id })) !== undefined) return "repeated";
  const [count] = (yield* get(statements.countPersonalTokens, { subject: grant.subject, now: grant.createdAt })) ?? [];
  if (Number(count) >= most) return "full";
  yield* run(statements.addPersonalToken, { ...grantToRow(grant), name });
  yield* run(statements.addToken, tokenToRow(token));
  return "added";
}

const optional = <Value>(row: Row | undefined, read: (row: Row) => Value): Value | undefined => (row === undefined ? undefined : read(row));
