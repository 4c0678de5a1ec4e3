import type { AuditEvent } from "../audit.ts";
import { type Parameters, pushedRequestFromRow, text } from "./rows.ts";
import type { SqliteDatabase, Transaction } from "./sqlite-database.ts";
import { statements } from "./statements.ts";
import type { Store, SweepLimits, Swept } from "./store.ts";

/** Pushed requests and registration tokens. `change` writes, and records the event if that changed anything. */
export const sqliteRecords = (
  database: SqliteDatabase,
  change: (statement: string, parameters: Parameters, event: AuditEvent) => Promise<boolean>,
): Pick<Store, "pushedRequests" | "registrationTokens"> => ({
  pushedRequests: {
    add: async (request) => {
      await database.commit((transaction) => transaction.run(statements.addPushedRequest, { ...request }));
    },
    find: async (id) => {
      const row = database.get(statements.pushedRequest, { id });
      return row && pushedRequestFromRow(row);
    },
  },
  registrationTokens: {
    add: async (token, event) => {
      await change(statements.addRegistrationToken, { ...token }, event);
    },
    list: async () =>
      database
        .all(statements.registrationTokens)
        .map(([id, usesLeft, createdAt]) => ({ id: text(id), usesLeft: Number(usesLeft), createdAt: Number(createdAt) })),
    revoke: (id, event) => change(statements.removeRegistrationToken, { id }, event),
    isUsable: async (hash) => database.get(statements.usableRegistrationToken, { hash }) !== undefined,
  },
});

export const sweepRecords = (
  transaction: Transaction,
  { now, answersBefore, unusedClientsBefore, pushedRequestsBefore }: SweepLimits,
): Swept => ({
  clients: transaction.run(statements.sweepClients, { before: unusedClientsBefore }),
  decisions: transaction.run(statements.sweepDecisions, { now }),
  pushedRequests: transaction.run(statements.sweepPushedRequests, { before: pushedRequestsBefore }),
  assertions: transaction.run(statements.sweepAssertions, { now }),
  refreshAnswers: transaction.run(statements.sweepAnswers, { before: answersBefore }),
});

/** Thrown by a sweep that was only to say what it would remove, so that all of it is undone. */
export class Rehearsed extends Error {
  readonly swept: Swept;

  constructor(swept: Swept) {
    super("undone");
    this.name = "Rehearsed";
    this.swept = swept;
  }
}
