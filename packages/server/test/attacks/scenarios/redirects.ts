/** RU: where a decision takes the person. */
import { askFor } from "../authorization.ts";
import { parameterOf, sentParameter } from "../played.ts";
import type { Scenario } from "../scenarios.ts";
import { changeDatabase } from "../store-rows.ts";

/** The page opens, and approval leads to exactly the presented value. */
const leadsToThePresentedValue: Scenario = async (scene) => {
  const opened = await scene.send(scene.attackCase.steps[0] ?? "");
  const redirectUri = sentParameter(opened, "redirect_uri") ?? "";
  const alice = await scene.spend("alice");
  const page = await askFor(scene.stage, alice, { client: await scene.client("native"), redirectUri });
  const { landing } = await scene.decide(alice, page, "allow");
  scene.mustNot("rewritten port or host in Location", landing?.startsWith(`${redirectUri}?`) !== true, landing);
  return [opened];
};

export const redirects: Readonly<Record<string, Scenario>> = {
  "RU-090": leadsToThePresentedValue,
  "RU-095": leadsToThePresentedValue,

  // No command changes a client's redirect URIs, so the row is changed behind the server's back.
  "RU-104": async (scene) => {
    const client = await scene.stage.clients.make("pub");
    const alice = await scene.spend("alice");
    const page = await askFor(scene.stage, alice, { client });
    await changeDatabase(scene.stage, "UPDATE clients SET redirect_uris = ? WHERE id = ?", '["https://new.example/cb"]', client.id);
    const decided = await scene.decide(alice, page, "allow");
    scene.mustNot("code delivered to the removed URI", parameterOf(decided.landing, "code") !== undefined);
    return [decided];
  },

  "RU-105": async (scene) => {
    const client = await scene.stage.clients.get("pub", ["https://app.example/cb?tenant=1&state=fixed"]);
    const alice = await scene.spend("alice");
    const decided = await scene.decide(alice, await askFor(scene.stage, alice, { client }), "allow");
    const query = new URLSearchParams(decided.landing?.split("?")[1]);
    scene.covered.add(scene.attackCase.expected.headers.get("Location") ?? "");
    scene.mustNot("?state=fixed&...&state=user (duplicate)", query.getAll("state").join() !== "st-1", query.toString());
    scene.mustNot("tenant lost", query.get("tenant") !== "1");
    scene.mustNot(
      "URL re-serialised (path/encoding changed)",
      decided.landing?.startsWith("https://app.example/cb?tenant=1&") !== true,
      decided.landing,
    );
    scene.check(
      ["code", "iss"].every((name) => query.getAll(name).length === 1),
      "expected exactly one code and one iss",
    );
    return [decided];
  },
};
