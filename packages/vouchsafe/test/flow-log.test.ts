import { describe, expect, it } from "vitest";
import { FlowLog } from "../src/flow-log.ts";
import { day, grantOf, now } from "../src/store/contract/cast.ts";
import type { FlowStep, Flows } from "../src/store/flows.ts";
import { memory } from "../src/store/memory/memory.ts";
import { minutes } from "./a-server.ts";

const requested = (flowId: string, more: Partial<FlowStep> = {}): FlowStep => ({
  flowId,
  client: { id: "budget", name: "Budget app" },
  at: 1,
  name: "requested",
  address: "203.0.113.7",
  ...more,
});

const aLog = () => {
  const store = memory();
  const errors: unknown[] = [];
  const log = new FlowLog(store, (error) => errors.push(error));
  const kept = async () => (await store.flows.list({ most: 10_000 })).length;
  return { store, log, errors, kept };
};

/** An address of a network of its own. */
const networkOf = (number: number): string => `10.${number >> 8}.${number & 255}.1`;

describe("steps of attempts to connect", () => {
  it("wait until they are written together, in the order in which they were noted", async () => {
    const { store, log, kept } = aLog();
    log.note(requested("f1"), "budget-cli/1");
    log.note(requested("f1", { name: "denied", subject: "ada" }));
    expect(await kept()).toBe(0);
    const first = log.flush();
    log.note(requested("f1", { name: "allowed", subject: "ada" }));
    await log.flush();
    await first;
    const steps = (await store.flows.find("f1"))?.steps.map(({ name, family }) => [name, family]);
    expect(steps).toEqual([
      ["requested", "budget-cli"],
      ["denied", undefined],
      ["allowed", undefined],
    ]);
  });

  it("are noted once, whatever network, request or time they come from", async () => {
    const { store, log } = aLog();
    for (let time = 0; time < 5; time++) log.note(requested("f1", { at: time, requestId: `r${time}`, address: networkOf(time) }));
    log.note(requested("f1", { name: "refused", reason: "one" }));
    log.note(requested("f1", { name: "refused", reason: "another" }));
    await log.flush();
    expect((await store.flows.find("f1"))?.steps.map(({ reason }) => reason)).toEqual([undefined, "one", "another"]);
  });

  it("of strangers from everywhere take half of the room at most, and so leave some to people and apps that are known", async () => {
    const { log, kept } = aLog();
    for (let number = 0; number < 3000; number++) log.note(requested(`stranger ${number}`, { address: networkOf(number % 900) }));
    await log.flush();
    expect(await kept()).toBe(1000);
    for (let number = 3000; number < 6000; number++) log.note(requested(`stranger ${number}`, { address: networkOf(number % 900) }));
    for (let number = 0; number < 3000; number++) log.note(requested(`known ${number}`, { subject: "ada" }));
    await log.flush();
    expect(await kept()).toBe(3000);
  });

  it("of a network too many are not remembered: a minute holds so many networks, and the next begins anew", async () => {
    const { log, kept } = aLog();
    const ask = async (from: number, until: number, at: number) => {
      for (let number = from; number < until; number++) {
        log.note(requested(`${number}`, { at, address: networkOf(number) }));
        if (number % 500 === 499) await log.flush();
      }
      await log.flush();
      return kept();
    };
    expect(await ask(0, 1500, 1)).toBe(1000);
    expect(await ask(1500, 1600, minutes)).toBe(1100);
  });

  it("that cannot be written are reported, and those after them are written", async () => {
    const store = memory();
    const failure = new Error("the disk is full");
    let isFull = true;
    const note: Flows["note"] = (steps) => (isFull ? Promise.reject(failure) : store.flows.note(steps));
    const errors: unknown[] = [];
    const log = new FlowLog({ ...store, flows: { ...store.flows, note } }, (error) => errors.push(error));
    log.note(requested("f1"));
    await log.flush();
    isFull = false;
    log.note(requested("f2"));
    await log.flush();
    expect(errors).toEqual([failure]);
    expect((await store.flows.list({ most: 10 })).map(({ id }) => id)).toEqual(["f2"]);
  });
});

describe("the first use of a connection", () => {
  it("is the first within a day, once for each", () => {
    const { log } = aLog();
    const [budget, printer] = [grantOf("ada", "budget"), grantOf("ada", "printer")];
    const uses = [budget, budget, printer].map((grant) => log.isFirstUse(grant, now + day - 1));
    expect(uses).toEqual([true, false, true]);
    expect(log.isFirstUse(grantOf("ada", "budget"), now + day)).toBe(false);
  });

  it("is none of a personal token, which no attempt led to", () => {
    const { log } = aLog();
    expect(log.isFirstUse({ ...grantOf("ada", ""), clientId: undefined }, now)).toBe(false);
    expect(log.isFirstUse(undefined, now)).toBe(false);
  });
});
