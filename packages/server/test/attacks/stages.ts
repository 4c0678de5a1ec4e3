/** The servers that are running, by configuration. */

import type { AttackCase } from "./attack-case.ts";
import { configurationFor, settingsOf } from "./configuration.ts";
import { type NewDatabase, Stage } from "./stage.ts";

export class Stages {
  readonly #open = new Map<string, Promise<Stage>>();
  readonly #newDatabase: NewDatabase | undefined;

  constructor(newDatabase?: NewDatabase) {
    this.#newDatabase = newDatabase;
  }

  /** The server that the case needs, started the first time. */
  for(attackCase: AttackCase): Promise<Stage> {
    const name = configurationFor(attackCase);
    let stage = this.#open.get(name);
    if (stage === undefined) {
      stage = Stage.open({ ...settingsOf(name), newDatabase: this.#newDatabase });
      this.#open.set(name, stage);
    }
    return stage;
  }

  async close(): Promise<void> {
    const stages = await Promise.allSettled(this.#open.values());
    await Promise.all(stages.flatMap((stage) => (stage.status === "fulfilled" ? [stage.value.close()] : [])));
  }
}
