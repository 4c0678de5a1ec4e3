/** Declares one test for each case, in the groups of the file. */
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { attack, reasonNotToPlay } from "./attack.ts";
import { type AttackCase, readCases } from "./attack-case.ts";
import { wantsQuiet } from "./configuration.ts";
import type { NewDatabase } from "./stage.ts";
import { Stages } from "./stages.ts";

export interface Chosen {
  readonly cases: (attackCase: AttackCase) => boolean;
  /** Cases with servers of their own disturb nobody. */
  readonly atOnce: boolean;
}

/** Where the servers keep their data. */
export interface Store {
  readonly name: string;
  /** Without it, each server has a file. */
  readonly newDatabase?: NewDatabase;
}

const inFiles: Store = { name: "SQLite" };

export function declareTests(chosen: Chosen, store: Store = inFiles): void {
  const cases = readCases(join(import.meta.dirname, "cases.jsonl")).filter(chosen.cases);
  const stages = new Stages(store.newDatabase);
  afterAll(() => stages.close(), 30_000);
  const declare = (some: readonly AttackCase[], concurrent: boolean): void => declareGroups(some, { stages, store, concurrent });
  declare(
    cases.filter((attackCase) => !wantsQuiet(attackCase)),
    chosen.atOnce,
  );
  declare(cases.filter(wantsQuiet), false);
}

interface Where {
  readonly stages: Stages;
  readonly store: Store;
  readonly concurrent: boolean;
}

function declareGroups(cases: readonly AttackCase[], { stages, store, concurrent }: Where): void {
  for (const group of new Set(cases.map(({ groupTitle }) => groupTitle))) {
    describe(`attacks on ${store.name}: ${group}`, { concurrent }, () => {
      for (const attackCase of cases.filter(({ groupTitle }) => groupTitle === group)) declareTest(attackCase, stages);
    });
  }
}

function declareTest(attackCase: AttackCase, stages: Stages): void {
  const name = `${attackCase.id} ${attackCase.title}`;
  const reason = reasonNotToPlay(attackCase);
  if (reason !== undefined) {
    it.skip(`${name} (${reason})`);
    return;
  }
  it(name, { timeout: 30_000 }, async (test) => {
    const { result, failures, reason: missing } = await attack(attackCase, stages);
    if (result === "skipped") test.skip(missing);
    expect(failures).toEqual([]);
  });
}
