import type { AuditEvent } from "../audit.ts";
import { type Parameters, pushedRequestFromRow, text } from "./rows.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";
import { statements } from "./statements.ts";
import type { Store } from "./store.ts";

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
