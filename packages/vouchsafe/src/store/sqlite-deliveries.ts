import type { Deliveries } from "./deliveries.ts";
import { text } from "./rows.ts";
import type { SqliteAudit } from "./sqlite-audit.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";
import { statements } from "./statements.ts";

export const sqliteDeliveries = (database: SqliteDatabase, audit: SqliteAudit): Deliveries => ({
  subscribe: (subscriptions) => audit.subscribe(subscriptions),
  take: (subscription, now, again, most) =>
    database.commit((transaction) => {
      const due = transaction.all(statements.dueDeliveries, { subscription, now, most }).map(([eventId, event, attempts]) => ({
        eventId: Number(eventId),
        subscription,
        event: text(event),
        attempts: Number(attempts),
      }));
      for (const { eventId } of due) transaction.run(statements.takeDelivery, { eventId, subscription, again });
      return due;
    }),
  done: async ({ eventId, subscription }) => {
    await database.commit((transaction) => transaction.run(statements.removeDelivery, { eventId, subscription }));
  },
  postpone: async ({ eventId, subscription }, dueAt) => {
    await database.commit((transaction) => transaction.run(statements.postponeDelivery, { eventId, subscription, dueAt }));
  },
  count: async () => Number(database.get(statements.countDeliveries)?.[0]),
  sweep: () => database.commit((transaction) => transaction.run(statements.sweepDeliveries)),
});
