/** CN: a decision is the person's own, in their own browser, on the page they saw. */
import { allHeaders, header } from "../answer.ts";
import { askFor, authorizationLink, obtainCode, obtainTokens, redeem } from "../authorization.ts";
import { parameterOf } from "../played.ts";
import type { Scenario } from "../scenarios.ts";
import { changeDatabase } from "../store-rows.ts";

export const consent: Readonly<Record<string, Scenario>> = {
  // A row that cannot be read is a fault that no request could cause.
  "CN-008": async (scene) => {
    const stage = await scene.open({});
    const alice = await stage.cast.member("alice");
    const client = await stage.clients.get("pub");
    await changeDatabase(stage, "UPDATE clients SET redirect_uris = 'no JSON'");
    const link = authorizationLink(stage, { client });
    const message = { method: "GET", target: link, fields: [`Cookie: ${alice.browser.cookies}`], body: "" };
    const answer = await stage.send(message);
    scene.check(answer.status === 500, `expected the page of a fault, got ${answer.status}`);
    return [{ message, answer, landing: undefined }];
  },

  // The done page is bound to the browser that decided.
  "CN-025": async (scene) => {
    const mallory = await scene.spend("mallory");
    const page = await askFor(scene.stage, mallory, { client: await scene.client("pub") });
    const decided = await scene.decide(mallory, page, "allow");
    const continuation = header(decided.answer, "location") ?? "/";
    const opened = await scene.send(`GET ${continuation.replace(scene.stage.origin, "")} HTTP/1.1\nCookie: {sess:alice}`);
    scene.mustNot("victim's identity bound to mallory's client", /url=https:\/\/app\.example/.test(opened.answer.body));
    return [opened];
  },

  "CN-032": async (scene) => {
    await scene.mark();
    const denied = await scene.send(scene.attackCase.steps[0] ?? "");
    await scene.settle();
    const again = await scene.play({ ...denied.message, body: denied.message.body.replace("decision=deny", "decision=allow") });
    scene.mustNot("handle usable afterwards", parameterOf(again.landing, "code") !== undefined, again.landing);
    scene.mustNot("grant created", parameterOf(denied.landing, "code") !== undefined);
    return [denied];
  },

  "CN-034": async (scene) => {
    const alice = await scene.spend("alice");
    const page = await askFor(scene.stage, alice, { client: await scene.client("pub") });
    await alice.browser.submit(await alice.browser.open("/sign_out"), []);
    await scene.mark();
    return [await scene.decide(alice, page, "allow")];
  },

  "CN-035": async (scene) => {
    const alice = await scene.spend("alice");
    const bob = await scene.spend("bob");
    const page = await askFor(scene.stage, alice, { client: await scene.client("pub") });
    await alice.browser.submit(await alice.browser.open("/sign_out"), []);
    await scene.stage.cast.signIn(bob, alice.browser);
    await scene.mark();
    const decided = await scene.decide(alice, page, "allow");
    scene.mustNot("grant for bob or alice", parameterOf(decided.landing, "code") !== undefined);
    return [decided];
  },

  "CN-037": async (scene) => {
    const client = await scene.stage.clients.get("conf", ["https://app.example/cb", "https://app.example/other"]);
    const alice = await scene.spend("alice");
    await obtainTokens(scene.stage, alice, { client });
    const others = [{ scope: "read write" }, { resource: `${scene.stage.issuer}/mcp` }, { redirectUri: "https://app.example/other" }];
    const exchanges = [];
    for (const change of others)
      exchanges.push(await scene.send(`GET ${authorizationLink(scene.stage, { client, ...change })} HTTP/1.1\nCookie: {sess:alice}`));
    return exchanges;
  },

  "CN-038": async (scene) => {
    await obtainTokens(scene.stage, await scene.spend("alice"), { client: await scene.client("pub") });
    return [await scene.send(scene.attackCase.steps[0] ?? "")];
  },

  "CN-043": async (scene) => {
    const alice = await scene.spend("alice");
    const page = await askFor(scene.stage, alice, { client: await scene.client("pub") });
    scene.mustNot("needs inline script", /<script/.test(page.answer.body));
    const decided = await scene.decide(alice, page, "allow");
    const code = await obtainCode(scene.stage, alice, { client: await scene.client("pub") });
    scene.check((await redeem(scene.stage, code)).status === 200, "the code of a page without script does not work");
    scene.check(allHeaders(decided.answer, "location").length === 1, "the decision leads nowhere");
    return [decided];
  },
};
