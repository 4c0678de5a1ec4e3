import type { AuditEvent } from "../audit.ts";
import { identityOf } from "../protocol/client.ts";
import type { Token } from "../protocol/token.ts";
import { migrations } from "./migrations/sqlite.ts";
import {
  agreementToRow,
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
  signingKeyFromRow,
  signingKeyToRow,
  text,
  tokenToRow,
} from "./rows.ts";
import { SqliteAudit } from "./sqlite-audit.ts";
import { SqliteDatabase, type SqliteOptions, type Transaction } from "./sqlite-database.ts";
import { sqliteDeliveries } from "./sqlite-deliveries.ts";
import { sqliteFlows } from "./sqlite-flows.ts";
import { SqliteReader } from "./sqlite-reader.ts";
import { Rehearsed, sqliteRecords, sweepRecords } from "./sqlite-records.ts";
import { reachWithin, sqliteReports } from "./sqlite-reports.ts";
import { statements } from "./statements.ts";
import type { Store } from "./store.ts";

export type { Parameters, Row, Value } from "./rows.ts";
export { SqliteDatabase, type SqliteOptions, type StorageOperation, type Transaction } from "./sqlite-database.ts";

/** A store in a SQLite file that is open to the application, for tables of its own. */
export interface SqliteStore extends Store {
  /** For reading, and for migrating the application's own tables. */
  readonly database: SqliteDatabase;
  /** Writes, and the events that go with them, in one transaction: see `SqliteDatabase.commit`. */
  transact<Result>(work: (transaction: Transaction, record: (event: AuditEvent) => void) => Result): Promise<Result>;
}

/**
 * Opens a SQLite file, creates it where there is none, and takes its schema to the newest step.
 * @throws StorageError `cannot-open`, `newer-schema`
 */
export function sqlite(path: string, options: SqliteOptions = {}): SqliteStore {
  const database = new SqliteDatabase(path, options);
  database.migrate(migrations);
  const listeners: ((event: AuditEvent) => void)[] = [];
  const reader = new SqliteReader(path, database, options);
  const audit = new SqliteAudit(database, reader);
  /** A transaction whose events reach the listeners once it is durable. */
  const commit: SqliteStore["transact"] = async (work) => {
    const recorded: AuditEvent[] = [];
    const result = await database.commit(
      (transaction) => work(transaction, (event) => recorded.push(event)),
      () => audit.note(recorded),
    );
    for (const listener of listeners) for (const event of recorded) listener(event);
    return result;
  };
  /** Writes, and records the event if that changed anything. */
  const change = (statement: string, parameters: Parameters, event: AuditEvent): Promise<boolean> =>
    commit((transaction, record) => {
      const changed = transaction.run(statement, parameters) > 0;
      if (changed) record(event);
      return changed;
    });

  return {
    database,
    transact: commit,
    client: async (id) => optional(database.get(statements.client, { id }), clientFromRow),
    clientFor: async (id, subject, resources, now) =>
      optional(database.get(statements.clientFor, { id, subject, resources: resources.join(" "), now }), clientForSubjectFromRow),
    addClient: (client, event, spends) =>
      commit((transaction, record) => {
        if (spends !== undefined && transaction.run(statements.spendRegistrationToken, { hash: spends }) === 0) return false;
        if (transaction.run(statements.addClient, clientToRow(client)) === 0) return false;
        record(event);
        return true;
      }),
    updateClient: (client, event) =>
      commit((transaction, record) => {
        const was = optional(transaction.get(statements.client, { id: client.id }), clientFromRow);
        if (was === undefined || transaction.run(statements.updateClient, clientToRow(client)) === 0) return false;
        if (identityOf(was) !== identityOf(client)) {
          const former = { clientId: was.id, identity: identityOf(was), name: was.name, redirectUris: JSON.stringify(was.redirectUris) };
          transaction.run(statements.addFormerIdentity, former);
        }
        if (event !== undefined) record(event);
        return true;
      }),
    deleteClient: (id, at, event) =>
      commit((transaction, record) => {
        if (transaction.run(statements.deleteClient, { id }) === 0) return false;
        transaction.run(statements.deleteFormerIdentities, { id });
        transaction.run(statements.revokeGrantsOfClient, { id, at });
        record(event);
        return true;
      }),
    disableClient: (id, disabledAt, event) => change(statements.disableClient, { id, disabledAt }, event),
    formerIdentity: async (clientId, identity) =>
      optional(database.get(statements.formerIdentity, { clientId, identity }), ([name, redirectUris]) => ({
        name: text(name),
        redirectUris: JSON.parse(text(redirectUris)) as readonly string[],
      })),

    decide: (decision, event) =>
      commit((transaction, record) => {
        if (transaction.run(statements.decide, { ...decision }) === 0)
          return text(transaction.get(statements.decision, { requestId: decision.requestId })?.[0]);
        record(event);
        return decision.answer;
      }),
    grant: async (id) => optional(database.get(statements.grant, { id }), grantFromRow),
    openGrant: ({ grant, agreement, tokens, firstOfClient }, event) =>
      commit((transaction, record) => {
        if (transaction.run(statements.openGrant, { ...grantToRow(grant), ...agreementToRow(agreement) }) === 0)
          return transaction.get(statements.grant, { id: grant.id }) ? "spent" : "void";
        insertTokens(transaction, tokens);
        if (firstOfClient) transaction.run(statements.markGranted, { id: grant.clientId, at: event.at });
        record(event);
        return "opened";
      }),
    revokeGrant: (id, at, event) => change(statements.revokeGrant, { id, at }, event),
    disconnect: (subject, clientId, at, event) =>
      commit((transaction, record) => {
        const revoked = transaction.run(statements.disconnect, { subject, clientId, at });
        transaction.run(statements.markDisconnected, { subject, clientId, at });
        if (revoked > 0) record(event);
        return revoked;
      }),
    narrowGrant: (was, to, at, event) =>
      change(
        statements.narrowGrant,
        { id: was.id, scope: to.scope.join(" "), endsAt: to.endsAt, at, wasScope: was.scope.join(" "), wasEndsAt: was.endsAt },
        event,
      ),
    endedConnections: async (subject, after, now) =>
      database.all(statements.endedConnections, { subject, after, now }).map(connectionFromRow),
    disconnectAll: (subject, at, event) =>
      commit((transaction, record) => {
        const revoked = transaction.run(statements.disconnectAll, { subject, at });
        transaction.run(statements.voidCodes, { subject, before: at });
        if (revoked > 0) record(event);
        return revoked;
      }),
    connections: async (subject, now) => database.all(statements.connections, { subject, now }).map(connectionFromRow),

    token: async (hash) => optional(database.get(statements.token, { hash }), (row) => presentedFromRow(hash, row)),
    issue: (tokens, event) =>
      commit((transaction, record) => {
        insertTokens(transaction, tokens);
        record(event);
      }),
    rotate: ({ hash, at, successors, answer }, event) =>
      commit((transaction, record) => {
        if (transaction.run(statements.spend, { hash, at, answer }) === 0) return false;
        insertTokens(transaction, successors);
        record(event);
        return true;
      }),
    revokeToken: (hash, at, event) => change(statements.revokeToken, { hash, at }, event),

    disableSubject: async (subject, disabledAt, event) => {
      await change(statements.disableSubject, { subject, disabledAt }, event);
    },
    voidCodes: async (subject, before, event) => {
      await change(statements.voidCodes, { subject, before }, event);
    },
    noteUses: async (uses) => {
      await database.commit((transaction) => {
        for (const [id, at] of uses) {
          if (transaction.run(statements.noteUse, { id, at }) > 0) transaction.run(statements.noteUseOfClient, { id, at });
        }
      });
    },
    revokeClient: (id, at, event) =>
      commit((transaction, record) => {
        const reach = reachWithin(transaction, { clientId: id }, at);
        if (transaction.run(statements.revokeClient, { id, at }) === 0) return undefined;
        transaction.run(statements.revokeGrantsOfClient, { id, at });
        record(event(reach));
        return reach;
      }),
    revokeSubject: (subject, at, event) =>
      commit((transaction, record) => {
        const reach = reachWithin(transaction, { subject }, at);
        transaction.run(statements.revokeGrantsOfSubject, { subject, at });
        transaction.run(statements.voidCodes, { subject, before: at });
        record(event(reach));
        return reach;
      }),
    revokeListedToken: (id, at, event) => change(statements.revokeListedToken, { id, at }, event),
    audit,
    reports: sqliteReports(database, reader),
    flows: sqliteFlows(database, reader),
    deliveries: sqliteDeliveries(database, audit),
    personalTokens: {
      add: ({ grant, name }, token, most, event) =>
        commit((transaction, record) => {
          if (transaction.get(statements.grant, { id: grant.id }) !== undefined) return "repeated";
          const [count] = transaction.get(statements.countPersonalTokens, { subject: grant.subject, now: grant.createdAt }) ?? [];
          if (Number(count) >= most) return "full";
          transaction.run(statements.addPersonalToken, { ...grantToRow(grant), name });
          transaction.run(statements.addToken, tokenToRow(token));
          record(event);
          return "added";
        }),
      list: async (subject, now) => database.all(statements.personalTokens, { subject, now }).map(personalTokenFromRow),
    },
    ...sqliteRecords(database, change),

    spendAssertion: async (hash, expiresAt) =>
      (await database.commit((transaction) => transaction.run(statements.spendAssertion, { hash, expiresAt }))) > 0,

    signingKeys: async () => database.all(statements.signingKeys).map(signingKeyFromRow),
    changeSigningKeys: (was, keys, event) =>
      commit((transaction, record) => {
        const kept = transaction.all(statements.signingKeys).map(([id]) => text(id));
        if (kept.length !== was.length || !kept.every((id) => was.includes(id))) return false;
        transaction.run(statements.removeSigningKeys);
        for (const key of keys) transaction.run(statements.addSigningKey, signingKeyToRow(key));
        if (event !== undefined) record(event);
        return true;
      }),

    record: (events) =>
      commit((_, record) => {
        for (const event of events) record(event);
      }),
    setting: (name, value) =>
      commit((transaction) => {
        transaction.run(statements.addSetting, { name, value });
        return text(transaction.get(statements.setting, { name })?.[0]);
      }),
    changeSetting: async (name, value) => {
      await database.commit((transaction) => transaction.run(statements.changeSetting, { name, value }));
    },
    sweep: (limits, isRehearsal = false) =>
      commit((transaction) => {
        const swept = sweepRecords(transaction, limits);
        if (isRehearsal) throw new Rehearsed(swept);
        return swept;
      }).catch((error: unknown) => {
        if (error instanceof Rehearsed) return error.swept;
        throw error;
      }),
    subscribe: (listener) => {
      listeners.push(listener);
    },
    check: async () => {
      database.checkSchema(migrations);
      database.get(statements.check);
    },
    close: async () => {
      await reader.close();
      database.close();
    },
  };
}

/** Two tokens, as most answers have, are one statement with two rows. */
function insertTokens(transaction: Transaction, tokens: readonly Token[]): void {
  const [first, second, ...more] = tokens;
  if (first !== undefined && second !== undefined && more.length === 0) {
    const row = tokenToRow(second);
    transaction.run(statements.addTokenPair, {
      ...tokenToRow(first),
      hash2: row.hash,
      kind2: row.kind,
      grantId2: row.grantId,
      clientId2: row.clientId,
      scope2: row.scope,
      audience2: row.audience,
      issuedAt2: row.issuedAt,
      expiresAt2: row.expiresAt,
    });
    return;
  }
  for (const token of tokens) transaction.run(statements.addToken, tokenToRow(token));
}

const optional = <Value>(row: Row | undefined, read: (row: Row) => Value): Value | undefined => (row === undefined ? undefined : read(row));
