/** SC and RI: what is granted is what was asked for and ticked, for the resource that was named. */
import { setTimeout as wait } from "node:timers/promises";
import { noAnswer } from "../answer.ts";
import { type Asked, allow, askFor, callApi, codeFrom, obtainTokens, redeem, resourceB, type Tokens, tokensOf } from "../authorization.ts";
import { verifierNamed } from "../placeholder.ts";
import { exchangedAt, sentParameter } from "../played.ts";
import type { Scenario } from "../scenarios.ts";
import type { Exchanged, Scene } from "../scene.ts";

/** The page of the raw step, then the tokens that its approval leads to. */
async function approved(scene: Scene, changes: Partial<Asked>): Promise<{ readonly opened: Exchanged; readonly tokens: Tokens }> {
  const opened = await scene.send(scene.attackCase.steps[0] ?? "");
  const asked = { client: await scene.client("pub"), ...changes };
  const alice = await scene.spend("alice");
  const landed = await allow(alice, await askFor(scene.stage, alice, asked), ["read"]);
  return { opened, tokens: tokensOf(await redeem(scene.stage, codeFrom(scene.stage, landed, asked))) };
}

const isLetInto = async (scene: Scene, tokens: Tokens, path: string): Promise<boolean> =>
  ![401, 403].includes((await callApi(scene.stage, tokens.accessToken, path)).status);

/** Another spelling of {RB}: one audience, which the resource server accepts. */
const spelledOtherwise =
  (phrase: string): Scenario =>
  async (scene) => {
    const message = await scene.prepare(scene.attackCase.steps[0] ?? "");
    const resource = sentParameter(exchangedAt("GET", message.target, noAnswer(0)), "resource") ?? resourceB(scene.stage);
    const { opened, tokens } = await approved(scene, { resource });
    scene.mustNot(phrase, !(await isLetInto(scene, tokens, "/mcp")) || (await isLetInto(scene, tokens, "/api/notes")));
    return [opened];
  };

export const scopesAndResources: Readonly<Record<string, Scenario>> = {
  // A grant for which no resource was named covers all resources of the issuer's origin.
  "RI-012": async (scene) => {
    const { opened, tokens } = await approved(scene, { resource: "" });
    scene.covered.add("token accepted by every resource without that being the documented default");
    scene.check(
      (await isLetInto(scene, tokens, "/mcp")) && (await isLetInto(scene, tokens, "/api/notes")),
      "the documented default does not hold",
    );
    return [opened];
  },

  "RI-014": spelledOtherwise("two different audiences for one resource"),
  "RI-015": spelledOtherwise("token whose aud the resource server does not accept"),

  "RI-018": async (scene) => {
    const stage = await scene.open({ resources: ["/api/notes", "/mcp", "/mc"] });
    const tokens = await obtainTokens(stage, await stage.cast.member("alice"), {
      client: await stage.clients.get("pub"),
      resource: `${stage.issuer}/mc`,
    });
    const answer = await callApi(stage, tokens.accessToken, "/mcp");
    return [exchangedAt("GET", "/mcp", answer)];
  },

  "SC-016": async (scene) => {
    const { opened, tokens } = await approved(scene, { scope: "read read read" });
    scene.mustNot("duplicates in the granted scope", tokens.scope !== "read", tokens.scope);
    return [opened];
  },

  "SC-021": async (scene) => {
    const decided = await scene.send(scene.attackCase.steps[1] ?? "");
    const value = new URLSearchParams(decided.landing?.split("?")[1]).get("code");
    if (value !== null) {
      const client = await scene.client("pub");
      const code = {
        value,
        client,
        redirectUri: client.redirectUris[0] ?? "",
        verifier: verifierNamed("V"),
        landing: new URL(decided.landing ?? ""),
      };
      const answer = await redeem(scene.stage, code);
      scene.mustNot("admin granted", /admin/.test(answer.body), answer.body);
    }
    return [decided];
  },

  "SC-023": async (scene) => {
    const alice = await scene.spend("alice");
    const client = await scene.client("pub");
    await obtainTokens(scene.stage, alice, { client, scope: "read write" });
    await wait(5);
    const tokens = await obtainTokens(scene.stage, alice, { client, scope: "read" });
    scene.mustNot("write in the second token", tokens.scope !== "read", tokens.scope);
    const answer = await callApi(scene.stage, tokens.accessToken);
    return [exchangedAt("GET", "/api/notes", answer)];
  },
};
