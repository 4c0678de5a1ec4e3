/** CA: who a client is must be proven, the same way for all. */
import { setTimeout as wait } from "node:timers/promises";
import { memberOf } from "../answer.ts";
import type { Scenario } from "../scenarios.ts";

/** A secret that was valid, and is not any more. */
function rotatedOut(options: readonly string[], milliseconds: number): Scenario {
  return async (scene) => {
    const client = await scene.stage.clients.make("m2m");
    await scene.stage.operator(["clients", "secret", client.id, ...options, "--json"]);
    await wait(milliseconds);
    for (const name of ["m2m", "expired"]) scene.define(name, client.id);
    for (const name of ["old_secret", "expired_secret"]) scene.define(name, client.secret ?? "");
    const asked = await scene.send(scene.attackCase.steps.at(-1) ?? "");
    scene.check(memberOf(asked.answer, "access_token") === undefined, "the old secret still works");
    return [asked];
  };
}

export const clientAuthentication: Readonly<Record<string, Scenario>> = {
  "CA-003": async (scene) => {
    const unknown = await scene.send(scene.attackCase.steps[0] ?? "");
    const wrong = await scene.send((scene.attackCase.steps[0] ?? "").replace("{b64:nope:x}", "{b64:m2m:x}"));
    const shown = ({ answer }: typeof unknown): string =>
      JSON.stringify([answer.status, answer.body, answer.headers.filter(([name]) => !/^date$/i.test(name))]);
    scene.mustNot(
      "body or header differing from wrong-secret answer",
      shown(unknown) !== shown(wrong),
      `${shown(unknown)} ${shown(wrong)}`,
    );
    return [unknown];
  },

  "CA-038": rotatedOut(["--keep-old", "1s"], 1_200),
  "CA-039": rotatedOut([], 0),
};
