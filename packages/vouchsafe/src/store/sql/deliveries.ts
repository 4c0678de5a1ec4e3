import type { Deliveries, Delivery } from "../deliveries.ts";
import { all, run, type SqlDatabase, type Work } from "./database.ts";
import type { Journal } from "./journal.ts";
import { text } from "./rows.ts";
import { statements } from "./statements.ts";

export const sqlDeliveries = (database: SqlDatabase, journal: Journal): Deliveries => ({
  subscribe: (subscriptions) => journal.subscribe(subscriptions),
  take: async (subscription, now, again, most) => {
    // Mostly nothing is due, and to find that out takes no turn at writing.
    if ((await database.get(statements.dueDeliveries, { subscription, now, most: 1 })) === undefined) return [];
    return database.commit(() => take(subscription, now, again, most), { alone: [`deliveries ${subscription}`] });
  },
  done: async ({ eventId, subscription }) => {
    await database.commit(() => run(statements.removeDelivery, { eventId, subscription }));
  },
  postpone: async ({ eventId, subscription }, dueAt) => {
    await database.commit(() => run(statements.postponeDelivery, { eventId, subscription, dueAt }));
  },
  count: async () => Number((await database.get(statements.countDeliveries))?.[0]),
});

function* take(subscription: string, now: number, again: number, most: number): Work<readonly Delivery[]> {
  const due = (yield* all(statements.dueDeliveries, { subscription, now, most })).map(([eventId, event, attempts]) => ({
    eventId: Number(eventId),
    subscription,
    event: text(event),
    attempts: Number(attempts),
  }));
  for (const { eventId } of due) yield* run(statements.takeDelivery, { eventId, subscription, again });
  return due;
}
