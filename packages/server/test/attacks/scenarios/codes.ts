/** CD and PK: authorization codes redeem once. */
import { setTimeout as wait } from "node:timers/promises";
import { allow, askFor, type Code, codeFrom, isAccepted, obtainCode, redeem, refresh, type Tokens, tokensOf } from "../authorization.ts";
import { together } from "../directive.ts";
import type { Scenario } from "../scenarios.ts";
import type { Exchanged, Scene } from "../scene.ts";
import { countRows, whileLocked, writeInBackground } from "../store-rows.ts";

const pub = (scene: Scene): ReturnType<Scene["client"]> => scene.client("pub");

/** The case's code, redeemed as step one says. */
async function firstRedemption(scene: Scene): Promise<{ readonly exchanged: Exchanged; readonly tokens: Tokens }> {
  const exchanged = await scene.send(scene.attackCase.steps[0] ?? "");
  return { exchanged, tokens: tokensOf(exchanged.answer) };
}

const rawSteps = (scene: Scene): readonly string[] => scene.attackCase.steps.filter((step) => !step.startsWith("@"));

/** However many ask at once, one gets tokens. Whether it keeps them depends on who arrived after it was done. */
async function oneWins(scene: Scene, exchanges: readonly Exchanged[], before: number): Promise<readonly Exchanged[]> {
  const winners = exchanges.filter(({ answer }) => answer.status === 200);
  scene.mustNot("more than one 200", winners.length > 1, `${winners.length}`);
  scene.mustNot("more than one live grant/token family in the store", (await countRows(scene.stage)).liveGrants > before + 1);
  scene.check(winners.length === 1, `expected one winner, got ${winners.length}`);
  return exchanges;
}

const raceStep = (scene: Scene): string =>
  `POST /oauth/token HTTP/1.1${/HTTP\/1\.1([\s\S]*)$/.exec(scene.attackCase.steps[0] ?? "")?.[1] ?? ""}`;

/** The code is issued, then something happens, then the raw step is sent. */
const redeemAfter =
  (happens: (scene: Scene, code: Code) => Promise<void>): Scenario =>
  async (scene) => {
    await scene.value("code");
    const code = scene.codes.get("code");
    if (code !== undefined) await happens(scene, code);
    await scene.mark();
    return [await scene.send(rawSteps(scene).at(-1) ?? "")];
  };

export const codes: Readonly<Record<string, Scenario>> = {
  "CD-002": async (scene) => {
    const { tokens } = await firstRedemption(scene);
    const replay = await scene.send(rawSteps(scene)[1] ?? "");
    scene.mustNot("second token pair", replay.answer.status === 200);
    scene.mustNot("at1 active after the replay", await isAccepted(scene.stage, tokens.accessToken));
    scene.mustNot("rt1 usable after the replay", (await refresh(scene.stage, await pub(scene), tokens.refreshToken)).status === 200);
    return [replay];
  },

  "CD-003": async (scene) => {
    const { tokens } = await firstRedemption(scene);
    const second = tokensOf(await refresh(scene.stage, await pub(scene), tokens.refreshToken));
    const third = tokensOf(await refresh(scene.stage, await pub(scene), second.refreshToken));
    const replay = await scene.send(rawSteps(scene)[1] ?? "");
    const alive =
      (await isAccepted(scene.stage, third.accessToken)) ||
      (await refresh(scene.stage, await pub(scene), third.refreshToken)).status === 200;
    scene.mustNot("any descendant token active", alive);
    return [replay];
  },

  "CD-004": async (scene) => {
    const { tokens } = await firstRedemption(scene);
    const replay = await scene.send(rawSteps(scene)[1] ?? "");
    scene.mustNot("at1 inactive", !(await isAccepted(scene.stage, tokens.accessToken)));
    return [replay];
  },

  "CD-006": async (scene) => {
    await scene.value("code");
    const before = (await countRows(scene.stage)).liveGrants;
    return oneWins(
      scene,
      await together(
        Array.from({ length: 50 }, () => raceStep(scene)),
        scene,
      ),
      before,
    );
  },

  "CD-007": async (scene) => {
    const message = await scene.prepare(raceStep(scene));
    const before = (await countRows(scene.stage)).liveGrants;
    const second = await scene.open({ beside: scene.stage });
    const sides = [scene.stage, second].flatMap((stage) => Array.from({ length: 25 }, () => stage.send(message)));
    const answers = await Promise.all(sides);
    return oneWins(
      scene,
      answers.map((answer) => ({ message, answer, landing: undefined })),
      before,
    );
  },

  "CD-008": async (scene) => {
    await scene.value("code");
    const exchanges = await writeInBackground(scene.stage, () =>
      together(
        Array.from({ length: 20 }, () => raceStep(scene)),
        scene,
      ),
    );
    const winners = exchanges.filter(({ answer }) => answer.status === 200).length;
    scene.mustNot("more than one 200", winners > 1, `${winners}`);
    const burned = winners === 0 && !(await scene.codeStillWorks());
    scene.mustNot("code burned with no token issued to anyone (503 must leave the code usable)", burned);
    return exchanges;
  },

  "CD-009": redeemAfter(() => wait(1_100)),

  "CD-010": async (scene) => {
    const alice = await scene.spend("alice");
    const client = await pub(scene);
    const prompt = await redeem(scene.stage, await obtainCode(scene.stage, alice, { client }));
    scene.mustNot("refusal of a conforming request", prompt.status !== 200);
    const late = await obtainCode(scene.stage, alice, { client });
    await wait(1_100);
    scene.check((await redeem(scene.stage, late)).status === 400, "a code past its lifetime was redeemed");
    const longer = await scene.open({ environment: { OAUTH_CODE_LIFETIME: "601" } }).catch(() => undefined);
    scene.check(longer === undefined, "a code lifetime above 600 s was accepted");
    return [];
  },

  "CD-020": async (scene) => {
    const forged = await scene.send(rawSteps(scene)[0] ?? "");
    const rightful = await scene.send(rawSteps(scene)[1] ?? "");
    scene.check(forged.answer.status === 400, `the forged code: ${forged.answer.status}`);
    scene.mustNot("rightful redemption failing afterwards", rightful.answer.status !== 200);
    return [forged, rightful];
  },

  "CD-026": redeemAfter(async (scene) => void (await scene.stage.operator(["users", "disable", (await scene.spend("alice")).email]))),

  "CD-028": redeemAfter(
    async (scene) =>
      void (await scene.stage.operator(
        ["users", "password", (await scene.spend("alice")).email, "--password-stdin"],
        "another long password\n",
      )),
  ),

  "CD-033": async (scene) => {
    const alice = await scene.spend("alice");
    const asked = { client: await pub(scene), scope: "read write" };
    const landed = await allow(alice, await askFor(scene.stage, alice, asked), ["read"]);
    scene.define("code", codeFrom(scene.stage, landed, asked).value);
    return [await scene.send(rawSteps(scene)[0] ?? "")];
  },

  // The note asks for the verifier in the query, which the step leaves out.
  "PK-032": async (scene) => {
    const message = await scene.prepare(
      (scene.attackCase.steps[0] ?? "").replace("POST /oauth/token", "POST /oauth/token?code_verifier={V}"),
    );
    await scene.mark();
    return [await scene.play(message)];
  },

  "TK-050": async (scene) => {
    const message = await scene.prepare(rawSteps(scene)[0] ?? "");
    await scene.mark();
    const refused = await whileLocked(scene.stage, () => scene.play(message));
    await scene.settle();
    scene.mustNot("code burned", !(await scene.codeStillWorks()));
    return [refused];
  },

  "TK-051": async (scene) => {
    const message = await scene.prepare(rawSteps(scene)[0] ?? "");
    await scene.mark();
    const refused = await whileLocked(scene.stage, () => scene.play(message));
    await scene.settle();
    scene.mustNot(
      "tokens committed after the client was told it failed without being retrievable by retry",
      !(await scene.codeStillWorks()),
    );
    return [refused];
  },
};
