import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { AuditEvent } from "../src/audit.ts";
import type { Subscription } from "../src/config.ts";
import { Deliverer } from "../src/delivery.ts";
import { memory } from "../src/store/memory/memory.ts";
import { sqlite } from "../src/store/sqlite/sqlite.ts";
import type { Store } from "../src/store/store.ts";
import { webhook } from "../src/webhook.ts";
import { answering, aReceiver } from "./a-receiver.ts";
import { aServer, days, minutes, seconds } from "./a-server.ts";

const start = 1_800_000_000_000;
const replayed = (at = start): AuditEvent => ({ at, type: "code.replayed", clientId: "budget", subject: "ada", grantId: `g${at}` });

/** Somebody who is told of replayed codes, and what they were told; `deliver` says how that goes. */
function aListener(name = "guard", deliver: Subscription["deliver"] = async () => {}) {
  const told: { event: AuditEvent; id: string; signal: AbortSignal }[] = [];
  const subscription: Subscription = {
    name,
    types: ["code.replayed"],
    deliver: (event, attempt) => {
      told.push({ event, ...attempt });
      return deliver(event, attempt);
    },
  };
  return { subscription, told };
}

/** A deliverer with a clock of its own, which delivers when it is told to. */
function aDeliverer(subscriptions: readonly Subscription[], store: Store = memory(), issuer = "https://notes.example.com") {
  const clock = { now: start };
  const errors: unknown[] = [];
  const deliverer = new Deliverer({
    config: { issuer, subscriptions, now: () => clock.now },
    store,
    onError: (error) => errors.push(error),
  });
  store.deliveries.subscribe(subscriptions);
  return { deliverer, store, clock, errors };
}

const refused = (): Promise<void> => Promise.reject(new Error("the receiver answered 500"));

describe("an event that somebody subscribed to", () => {
  it("is delivered once, as it was recorded, where it is accepted", async () => {
    const { subscription, told } = aListener();
    const { deliverer, store } = aDeliverer([subscription]);
    await store.record([replayed()]);
    await deliverer.deliverDue();
    await deliverer.deliverDue();
    expect(told.map(({ event }) => event)).toEqual([replayed()]);
    expect(await store.deliveries.count()).toBe(0);
  });

  it("is tried again under the same id, later and later, for three days, and then given up with one report", async () => {
    const { subscription, told } = aListener("guard", refused);
    const { deliverer, store, clock, errors } = aDeliverer([subscription]);
    await store.record([replayed()]);
    const waits = [
      0,
      5 * seconds,
      5 * minutes,
      30 * minutes,
      120 * minutes,
      300 * minutes,
      600 * minutes,
      840 * minutes,
      1200 * minutes,
      days,
    ];
    for (const [attempt, wait] of waits.entries()) {
      clock.now += wait - 1;
      await deliverer.deliverDue();
      expect(told, `too early for attempt ${attempt}`).toHaveLength(attempt);
      clock.now += Math.ceil(wait * 0.2) + 1;
      await deliverer.deliverDue();
      expect(told, `attempt ${attempt}`).toHaveLength(attempt + 1);
      expect(errors).toHaveLength(attempt + 1 === waits.length ? 1 : 0);
    }
    expect(new Set(told.map(({ id }) => id)).size).toBe(1);
    expect(String(errors[0])).toMatch(/did not reach guard in 10 attempts: the receiver answered 500/);
    expect(await store.deliveries.count()).toBe(0);
  });

  it("has an id of its own for each event, subscription and server", async () => {
    const ids: string[] = [];
    for (const [name, issuer] of [
      ["guard", "https://a.example"],
      ["other", "https://a.example"],
      ["guard", "https://b.example"],
    ] as const) {
      const { subscription, told } = aListener(name);
      const { deliverer, store } = aDeliverer([subscription], memory(), issuer);
      await store.record([replayed(), replayed(start - 1)]);
      await deliverer.deliverDue();
      ids.push(...told.map(({ id }) => id));
    }
    expect(new Set(ids).size).toBe(6);
    for (const id of ids) expect(id).toMatch(/^msg_[\w-]{43}$/);
  });

  it("is not lost in a flood: all of many arrive, some at a time", async () => {
    let [underWay, most] = [0, 0];
    const { subscription, told } = aListener("guard", async () => {
      most = Math.max(most, ++underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay--;
    });
    const { deliverer, store } = aDeliverer([subscription]);
    await store.record(Array.from({ length: 95 }, (_, index) => replayed(start - index)));
    await deliverer.deliverDue();
    expect(new Set(told.map(({ id }) => id)).size).toBe(95);
    expect(most).toBe(10);
  });

  it("is tried again where it took longer than ten seconds, also by one who does not listen to the signal", async () => {
    onTestFinished(() => void vi.useRealTimers());
    const { subscription, told } = aListener("guard", () => new Promise(() => {}));
    const { deliverer, store, clock } = aDeliverer([subscription]);
    await store.record([replayed()]);
    vi.useFakeTimers();
    const tried = deliverer.deliverDue();
    await vi.advanceTimersByTimeAsync(9_999);
    expect(told.map(({ signal }) => signal.aborted)).toEqual([false]);
    await vi.advanceTimersByTimeAsync(1);
    await tried;
    expect(told.map(({ signal }) => signal.aborted)).toEqual([true]);
    clock.now += 6 * seconds;
    const again = deliverer.deliverDue();
    await vi.advanceTimersByTimeAsync(10_000);
    await again;
    expect(told.map(({ id }) => id)).toEqual([told[0]?.id, told[0]?.id]);
  });

  it("does not wait for another subscription that is slow", async () => {
    let accept = (): void => {};
    const slow = aListener("slow", () => new Promise((resolve) => (accept = resolve)));
    const { subscription, told } = aListener("quick");
    const { deliverer, store } = aDeliverer([slow.subscription, subscription]);
    await store.record([replayed()]);
    const first = deliverer.deliverDue();
    await expect.poll(() => told.length).toBe(1);
    await store.record([replayed(start - 1)]);
    const second = deliverer.deliverDue();
    await expect.poll(() => told.length).toBe(2);
    expect(slow.told).toHaveLength(1);
    await expect.poll(() => slow.told.length).toBe(1);
    accept();
    await expect.poll(() => slow.told.length).toBe(2);
    accept();
    await Promise.all([first, second]);
    expect(await store.deliveries.count()).toBe(0);
  });

  it("is tried again where it was delivered and that could not be noted: twice is better than never", async () => {
    const { subscription, told } = aListener();
    const store = memory();
    const deliveries = { ...store.deliveries };
    Object.assign(store.deliveries, { done: () => Promise.reject(new Error("the disk is full")) });
    const { deliverer, clock, errors } = aDeliverer([subscription], store);
    await store.record([replayed()]);
    await deliverer.deliverDue();
    expect(errors).toHaveLength(1);
    Object.assign(store.deliveries, deliveries);
    clock.now += minutes;
    await deliverer.deliverDue();
    expect(told.map(({ id }) => id)).toEqual([told[0]?.id, told[0]?.id]);
    expect(await store.deliveries.count()).toBe(0);
  });

  it("waits where the store fails, and that is reported", async () => {
    const { subscription, told } = aListener();
    const store = memory();
    const deliveries = { ...store.deliveries };
    Object.assign(store.deliveries, { take: () => Promise.reject(new Error("the database is locked")) });
    const { deliverer, errors } = aDeliverer([subscription], store);
    await store.record([replayed()]);
    await deliverer.deliverDue();
    expect(errors).toHaveLength(1);
    Object.assign(store.deliveries, deliveries);
    await deliverer.deliverDue();
    expect(told).toHaveLength(1);
  });
});

describe("a deliverer that closes", () => {
  it("waits for what is under way, and takes nothing more", async () => {
    let accept = (): void => {};
    const { subscription, told } = aListener("guard", () => new Promise((resolve) => (accept = resolve)));
    const { deliverer, store } = aDeliverer([subscription]);
    await store.record([replayed()]);
    void deliverer.deliverDue();
    await expect.poll(() => told.length).toBe(1);
    await store.record([replayed(start - 1)]);
    const closed = deliverer.close();
    accept();
    await closed;
    expect(told).toHaveLength(1);
    expect(await store.deliveries.count()).toBe(1);
  });

  it("breaks off what takes too long, and leaves it to the next one at once", async () => {
    onTestFinished(() => void vi.useRealTimers());
    const { subscription, told } = aListener("guard", () => new Promise(() => {}));
    const { deliverer, store } = aDeliverer([subscription]);
    await store.record([replayed()]);
    vi.useFakeTimers();
    void deliverer.deliverDue();
    await vi.advanceTimersByTimeAsync(0);
    const closed = deliverer.close();
    await vi.advanceTimersByTimeAsync(5000);
    await closed;
    expect(told[0]?.signal.aborted).toBe(true);
    const next = aListener();
    await aDeliverer([next.subscription], store).deliverer.deliverDue();
    expect(next.told.map(({ id }) => id)).toEqual([told[0]?.id]);
  });
});

describe("a server with subscriptions", () => {
  function aDatabase(): string {
    const folder = mkdtempSync(join(tmpdir(), "vouchsafe-delivery-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    return join(folder, "vouchsafe.db");
  }

  it("tells by itself, soon after it happened", async () => {
    const { subscription, told } = aListener();
    const { store, oauth } = aServer({ subscriptions: [subscription] });
    await store.record([replayed()]);
    await expect.poll(() => told.length, { timeout: 4000 }).toBe(1);
    await oauth.close();
  });

  it("delivers after a restart what could not be delivered before, once the receiver is back", async () => {
    const [path, receiver] = [aDatabase(), await aReceiver()];
    receiver.answer = answering(503);
    const subscriptions = [webhook(receiver)];
    const first = sqlite(path);
    const one = aServer({ store: first, subscriptions });
    await first.record([replayed(start), replayed(start - 1)]);
    await expect.poll(() => receiver.messages.length, { timeout: 4000 }).toBe(2);
    await one.oauth.close();

    receiver.answer = answering(200);
    const second = sqlite(path);
    const { deliverer, clock, errors } = aDeliverer(subscriptions, second);
    clock.now += 10 * seconds;
    await deliverer.deliverDue();
    expect(receiver.messages).toHaveLength(4);
    expect(new Set(receiver.messages.map(({ id }) => id)).size).toBe(2);
    expect(await second.deliveries.count()).toBe(0);
    expect(errors).toEqual([]);
    await second.close();
  });

  it("delivers what another process had taken when it was killed, a minute later", async () => {
    const path = aDatabase();
    const { subscription, told } = aListener();
    const killed = sqlite(path);
    killed.deliveries.subscribe([subscription]);
    await killed.record([replayed()]);
    await killed.deliveries.take("guard", start, start + minutes, 10);
    await killed.close();

    const store = sqlite(path);
    const { deliverer, clock } = aDeliverer([subscription], store);
    await deliverer.deliverDue();
    expect(told).toEqual([]);
    clock.now += minutes;
    await deliverer.deliverDue();
    expect(told).toHaveLength(1);
    await store.close();
  });

  it("lets two processes over one database tell everything, each thing once", async () => {
    const path = aDatabase();
    const [a, b] = [aListener(), aListener()];
    const [here, there] = [sqlite(path), sqlite(path)];
    const [one, other] = [aDeliverer([a.subscription], here), aDeliverer([b.subscription], there)];
    await here.record(Array.from({ length: 30 }, (_, index) => replayed(start - index)));
    await Promise.all([one.deliverer.deliverDue(), other.deliverer.deliverDue()]);
    expect([...a.told, ...b.told].map(({ event }) => event.at).sort((x, y) => y - x)).toEqual(
      Array.from({ length: 30 }, (_, index) => start - index),
    );
    await Promise.all([here.close(), there.close()]);
  });
});
