import { deepEqual, equal } from "node:assert/strict";
import type { AuditEvent } from "../../audit.ts";
import { type Period, periods, type Range } from "../reports.ts";
import type { Store } from "../store.ts";
import { clientNamed, issued, now, registered } from "./cast.ts";
import type { Requires } from "./contract.ts";

const rangeOf = (period: Period, length = period): Range => {
  const from = now - (now % period);
  return { period, from, until: from + length };
};

const at = (time: number, event: AuditEvent): AuditEvent => ({ ...event, at: time });

const refusedTimes = (count: number): AuditEvent => ({
  at: now,
  type: "request.refused",
  endpoint: "token",
  error: "invalid_grant",
  reason: "code has expired",
  clientId: "budget",
  count,
});

const kindsIn = async (store: Store, range: Range) =>
  (await store.reports.counts(range)).map(({ type, detail, count }) => `${type} ${detail} ${count}`);

/** How a store must count what happened. */
export function countContract(requires: Requires): void {
  requires("counts what happened by type and detail, refusals by how often, before and after it is counted", async (store) => {
    await store.record([issued, issued, refusedTimes(3), refusedTimes(4), at(now + periods.day, issued)]);
    const expected = ["request.refused token invalid_grant 7", "token.issued authorization_code 2"];
    for (const period of Object.values(periods)) deepEqual(await kindsIn(store, rangeOf(period)), expected);
    equal(await store.reports.countEvents(3), 3);
    for (const period of Object.values(periods)) deepEqual(await kindsIn(store, rangeOf(period)), expected);
    equal(await store.reports.countEvents(10), 2);
    equal(await store.reports.countEvents(10), 0);
    for (const period of Object.values(periods)) deepEqual(await kindsIn(store, rangeOf(period)), expected);
    await store.record([issued]);
    deepEqual(await kindsIn(store, rangeOf(periods.hour)), [expected[0], "token.issued authorization_code 3"]);
  });

  requires("tells periods apart, and leaves out those in which nothing happened", async (store) => {
    await store.record([issued, at(now + 2 * periods.minute, issued)]);
    const times = async () => (await store.reports.counts(rangeOf(periods.minute, periods.hour))).map((count) => count.at);
    const [first] = await times();
    deepEqual(await times(), [first, (first ?? 0) + 2 * periods.minute]);
    await store.reports.countEvents(10);
    deepEqual(await times(), [first, (first ?? 0) + 2 * periods.minute]);
  });

  requires("names the busiest clients, and counts what happened about some of them", async (store) => {
    await store.addClient(clientNamed("budget"), registered("budget"));
    const other = { ...issued, clientId: "printer" };
    await store.record([issued, issued, other, refusedTimes(5)]);
    for (const counted of [0, 10]) {
      await store.reports.countEvents(counted);
      deepEqual(plain(await store.reports.busiestClients(rangeOf(periods.day), ["token.issued"], 2)), [
        { clientId: "budget", name: "Budget app", count: 2 },
        { clientId: "printer", count: 1 },
      ]);
      equal((await store.reports.busiestClients(rangeOf(periods.day), ["token.issued", "request.refused"], 1))[0]?.count, 7);
      const types = ["request.refused", "token.issued"] as const;
      for (const period of [periods.minute, periods.hour])
        deepEqual([...(await store.reports.countsOfClients(rangeOf(period), ["budget", "nobody"], types))], [["budget", 7]]);
      deepEqual([...(await store.reports.countsOfClients(rangeOf(periods.hour), ["printer"], ["request.refused"]))], []);
    }
  });

  requires("counts clients over several days, by the hour and by the day", async (store) => {
    const hours = [0, 5, 20, 24, 30, 47, 48, 71, 72];
    await store.record(hours.map((hour) => at(now + hour * periods.hour, issued)));
    const [from, until] = [now + 5 * periods.hour, now + 72 * periods.hour];
    const count = async () =>
      (await store.reports.countsOfClients({ period: periods.hour, from, until }, ["budget"], ["token.issued"])).get("budget");
    equal(await count(), 7);
    equal(await store.reports.countEvents(5), 5);
    equal(await count(), 7);
    equal(await store.reports.countEvents(9), 4);
    equal(await count(), 7);
    equal((await store.reports.busiestClients({ period: periods.hour, from, until }, ["token.issued"], 1))[0]?.count, 7);
  });
}

/** Members without a value and absent ones are the same. */
const plain = <Value>(value: Value): unknown => JSON.parse(JSON.stringify(value));
