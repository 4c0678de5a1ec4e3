import type { Deliveries } from "./deliveries.ts";
import { text } from "./rows.ts";
import type { SqliteAudit } from "./sqlite-audit.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";
import { statements } from "./statements.ts";

export const sqliteDeliveries = (database: SqliteDatabase, audit: SqliteAudit): Deliveries => ({
  subscribe: (subscriptions) => audit.subscribe(subscriptions),
  take: async (subscription, now, again, most) => {
    // Mostly nothing is due, and to find that out takes no turn at writing.
    if (database.get(statements.dueDeliveries, { subscription, now, most: 1 }) === undefined) return [];
    return database.commit((transaction) => {
      const due = transaction.all(statements.dueDeliveries, { subscription, now, most }).map(([eventId, event, attempts]) => ({
        eventId: Number(eventId),
        subscription,
        event: text(event),
        attempts: Number(attempts),
      }));
      for (const { eventId } of due) transaction.run(statements.takeDelivery, { eventId, subscription, again });
      return due;
    });
  },
  done: async ({ eventId, subscription }) => {
    await database.commit((transaction) => transaction.run(statements.removeDelivery, { eventId, subscription }));
  },
  postpone: async ({ eventId, subscription }, dueAt) => {
    await database.commit((transaction) => transaction.run(statements.postponeDelivery, { eventId, subscription, dueAt }));
  },
  count: async () => Number(database.get(statements.countDeliveries)?.[0]),
});
