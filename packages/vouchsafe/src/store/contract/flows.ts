import { deepEqual, equal } from "node:assert/strict";
import { type FlowStep, type FlowStepName, mostSteps } from "../flows.ts";
import type { Store } from "../store.ts";
import { day, now } from "./cast.ts";
import type { Requires } from "./contract.ts";

const step = (flowId: string | undefined, name: FlowStepName, at: number, more: Partial<FlowStep> = {}): FlowStep => ({
  flowId,
  client: { id: "budget", name: "Budget app" },
  at,
  name,
  ...more,
});

/** A step that does not say who asks. */
const continued = (flowId: string | undefined, name: FlowStepName, at: number, more: Partial<FlowStep> = {}): FlowStep =>
  step(flowId, name, at, { client: undefined, ...more });

const stepsOf = async ({ flows }: Store, id: string): Promise<readonly string[] | undefined> =>
  (await flows.find(id))?.steps.map(({ name }) => name);

/** What a store must do with attempts to connect. */
export function flowContract(requires: Requires): void {
  requires("keeps an attempt as one record, with what each step made known, and its steps in order", async (store) => {
    const refusal = { endpoint: "token", error: "invalid_grant", reason: "code_verifier does not match", requestId: "r2" };
    await store.flows.note([
      step("f1", "requested", now, { requestId: "r1", address: "203.0.113.7", family: "Firefox" }),
      step("f1", "allowed", now + 2, { subject: "ada", grantId: "g1" }),
    ]);
    await store.flows.note([continued("f1", "refused", now + 3, refusal)]);
    const { steps, ...flow } = (await store.flows.find("f1")) ?? {};
    deepEqual(flow, {
      id: "f1",
      clientId: "budget",
      clientName: "Budget app",
      subject: "ada",
      grantId: "g1",
      beganAt: now,
      lastAt: now + 3,
      outcome: "refused",
    });
    deepEqual(steps, [
      { at: now, name: "requested", requestId: "r1", address: "203.0.113.7", family: "Firefox" },
      { at: now + 2, name: "allowed", subject: "ada", grantId: "g1" },
      { at: now + 3, name: "refused", ...refusal },
    ]);
    equal(await store.flows.find("f2"), undefined);
  });

  requires("says how far an attempt came, and that whoever was let in stays so", async (store) => {
    const outcomes: (string | undefined)[] = [];
    const names = ["requested", "refused", "consent_shown", "denied", "allowed", "redeemed", "refused", "first_used", "redeemed"] as const;
    for (const [after, name] of names.entries()) {
      await store.flows.note([step("f1", name, now + after)]);
      outcomes.push((await store.flows.find("f1"))?.outcome);
    }
    deepEqual(outcomes, ["under_way", "refused", "under_way", "denied", "allowed", "connected", "connected", "used", "used"]);
  });

  requires("continues an attempt by its grant, and begins none by a step that does not say who asks", async (store) => {
    await store.flows.note([step("f1", "allowed", now, { grantId: "g1" }), step("f2", "allowed", now, { grantId: "g2" })]);
    await store.flows.note([
      continued(undefined, "first_used", now + 1, { grantId: "g2" }),
      continued(undefined, "first_used", now + 1, { grantId: "unknown" }),
      continued("f3", "refused", now + 1),
    ]);
    deepEqual(await stepsOf(store, "f1"), ["allowed"]);
    deepEqual(await stepsOf(store, "f2"), ["allowed", "first_used"]);
    equal((await store.flows.find("f2"))?.outcome, "used");
    equal((await store.flows.list({ most: 10 })).length, 2);
  });

  requires("takes the first use of a connection once", async (store) => {
    await store.flows.note([step("f1", "redeemed", now, { grantId: "g1" })]);
    for (const at of [now + 1, now + 2]) await store.flows.note([continued(undefined, "first_used", at, { grantId: "g1" })]);
    deepEqual(await stepsOf(store, "f1"), ["redeemed", "first_used"]);
    equal((await store.flows.find("f1"))?.lastAt, now + 1);
  });

  requires("puts steps that are told late where they belong, and takes back nothing", async (store) => {
    await store.flows.note([step("f1", "redeemed", now + 5, { subject: "ada" }), step("f2", "refused", now + 5)]);
    await store.flows.note([step("f1", "requested", now), step("f1", "allowed", now + 1), step("f2", "requested", now)]);
    deepEqual(await stepsOf(store, "f1"), ["requested", "allowed", "redeemed"]);
    const { beganAt, lastAt, outcome } = (await store.flows.find("f1")) ?? {};
    deepEqual([beganAt, lastAt, outcome], [now, now + 5, "connected"]);
    equal((await store.flows.find("f2"))?.outcome, "refused");
  });

  requires("lists attempts, the newest first, by client, outcome and time", async (store) => {
    const printer = { client: { id: "printer", name: "Photo printer" } };
    await store.flows.note([step("f1", "denied", now), step("f2", "requested", now + 1, printer), step("f3", "requested", now + 2)]);
    const list = async (filter: Partial<Parameters<Store["flows"]["list"]>[0]>) =>
      (await store.flows.list({ most: 10, ...filter })).map(({ id }) => id);
    deepEqual(await list({}), ["f3", "f2", "f1"]);
    deepEqual(await list({ most: 1 }), ["f3"]);
    deepEqual(await list({ clientId: "budget" }), ["f3", "f1"]);
    deepEqual(await list({ outcome: "under_way" }), ["f3", "f2"]);
    deepEqual(await list({ from: now + 1, until: now + 2 }), ["f2"]);
  });

  requires("keeps no more than so many steps of an attempt, and its outcome all the same", async (store) => {
    const refused = Array.from({ length: mostSteps + 10 }, (_, after) => step("f1", "refused", now + after));
    await store.flows.note([step("f1", "requested", now), ...refused, step("f1", "allowed", now + day)]);
    equal((await stepsOf(store, "f1"))?.length, mostSteps);
    equal((await store.flows.find("f1"))?.outcome, "allowed");
  });

  requires("forgets attempts that began before a time, some at once, with their steps", async (store) => {
    await store.flows.note([step("f1", "requested", now), step("f2", "requested", now + 1), step("f3", "requested", now + 2)]);
    await store.flows.note([step("f1", "denied", now + day)]);
    equal(await store.flows.sweep(now + 2, 1), 1);
    deepEqual([await stepsOf(store, "f1"), await stepsOf(store, "f2")], [undefined, ["requested"]]);
    equal(await store.flows.sweep(now + 2, 10), 1);
    equal(await store.flows.sweep(now + 2, 10), 0);
    await store.flows.note([step("f1", "requested", now + 3)]);
    deepEqual(await stepsOf(store, "f1"), ["requested"]);
  });
}
