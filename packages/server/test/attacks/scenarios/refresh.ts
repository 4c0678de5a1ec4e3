/** RT: refresh tokens rotate, and reuse ends the grant. */
import { setTimeout as wait } from "node:timers/promises";
import { memberOf } from "../answer.ts";
import { disconnect, isAccepted, obtainTokens, refresh, revoke, type Tokens, tokensOf } from "../authorization.ts";
import { exchangedAt } from "../played.ts";
import type { RegisteredClient } from "../registered-clients.ts";
import type { Scenario } from "../scenarios.ts";
import type { Exchanged, Scene } from "../scene.ts";
import type { Stage } from "../stage.ts";
import { newestGrant } from "../store-rows.ts";

const rawSteps = (scene: Scene): readonly string[] => scene.attackCase.steps.filter((step) => !step.startsWith("@"));
const send = (scene: Scene, index: number): Promise<Exchanged> => scene.send(rawSteps(scene).at(index) ?? "");

/** The grant of the case's {rt}. */
async function grantOf(scene: Scene): Promise<{ readonly client: RegisteredClient; readonly tokens: Tokens }> {
  await scene.value("rt");
  const grant = scene.refreshTokens.get("standard");
  if (grant === undefined) throw new Error("the case has no {rt}");
  return grant;
}

const isUsable = async (stage: Stage, client: RegisteredClient, refreshToken: string): Promise<boolean> =>
  (await refresh(stage, client, refreshToken)).status === 200;

const isAlive = async (stage: Stage, client: RegisteredClient, tokens: Tokens): Promise<boolean> =>
  (await isAccepted(stage, tokens.accessToken)) || (await isUsable(stage, client, tokens.refreshToken));

const distinct = (exchanges: readonly Exchanged[]): number =>
  new Set(exchanges.filter(({ answer }) => answer.status === 200).map(({ answer }) => memberOf(answer, "refresh_token"))).size;

export const refreshing: Readonly<Record<string, Scenario>> = {
  "RT-001": async (scene) => {
    const { client, tokens } = await grantOf(scene);
    const rotated = await send(scene, 0);
    scene.mustNot("same refresh token returned (public client)", tokensOf(rotated.answer).refreshToken === tokens.refreshToken);
    await wait(1_100);
    scene.mustNot("old refresh token still usable after W", await isUsable(scene.stage, client, tokens.refreshToken));
    return [rotated];
  },

  "RT-002": async (scene) => {
    const { client } = await grantOf(scene);
    const newest = tokensOf((await send(scene, 0)).answer);
    await wait(1_100);
    const reused = await send(scene, -1);
    scene.mustNot("newest access token active", await isAccepted(scene.stage, newest.accessToken));
    scene.mustNot("newest refresh token usable", await isUsable(scene.stage, client, newest.refreshToken));
    return [reused];
  },

  "RT-003": async (scene) => {
    const { client } = await grantOf(scene);
    const first = await send(scene, 0);
    const second = await send(scene, -1);
    scene.mustNot("a second independent branch (at most one live leaf per family)", distinct([first, second]) > 1);
    scene.mustNot("family revoked", !(await isUsable(scene.stage, client, tokensOf(first.answer).refreshToken)));
    return [second];
  },

  "RT-004": async (scene) => {
    const { client, tokens } = await grantOf(scene);
    const second = tokensOf(await refresh(scene.stage, client, tokens.refreshToken));
    const third = tokensOf(await refresh(scene.stage, client, second.refreshToken));
    const reused = await scene.send(
      "POST /oauth/token HTTP/1.1\nContent-Type: application/x-www-form-urlencoded\n\ngrant_type=refresh_token&refresh_token={rt}&client_id={pub}",
    );
    scene.mustNot("family left alive", await isAlive(scene.stage, client, third));
    scene.mustNot("tokens issued", reused.answer.status === 200);
    return [reused];
  },

  "RT-005": async (scene) => {
    const revoked = await send(scene, 0);
    scene.check(revoked.answer.status === 200, `revocation answered ${revoked.answer.status}`);
    return [await send(scene, -1)];
  },

  "RT-008": async (scene) => {
    const message = await scene.prepare(
      `POST /oauth/token HTTP/1.1${/HTTP\/1\.1([\s\S]*)$/.exec(scene.attackCase.steps[0] ?? "")?.[1] ?? ""}`,
    );
    const second = await scene.open({ beside: scene.stage });
    const sides = [scene.stage, second].flatMap((stage) => Array.from({ length: 25 }, () => stage.send(message)));
    const exchanges = (await Promise.all(sides)).map((answer) => ({ message, answer, landing: undefined }));
    scene.mustNot("more than one live leaf", distinct(exchanges) > 1, `${distinct(exchanges)}`);
    scene.check(distinct(exchanges) === 1, "nobody got tokens");
    return exchanges;
  },

  "RT-009": async (scene) => {
    const { client } = await grantOf(scene);
    const message = await scene.prepare((scene.attackCase.steps[0] ?? "").replace(/^@race 5 /, ""));
    const first = await Promise.all(Array.from({ length: 5 }, () => scene.play(message)));
    const received = first.filter(({ answer }) => answer.status === 200).map(({ answer }) => tokensOf(answer));
    const works = await Promise.all(
      received.map(
        async (tokens) => (await isAccepted(scene.stage, tokens.accessToken)) && (await isUsable(scene.stage, client, tokens.refreshToken)),
      ),
    );
    scene.mustNot("any process needing interactive re-authorization", works.length < 5 || works.includes(false));
    return first;
  },

  "RT-015": async (scene) => {
    const { client } = await grantOf(scene);
    const narrowed = await send(scene, 0);
    scene.mustNot("first access token wider than read", tokensOf(narrowed.answer).scope !== "read");
    const next = tokensOf(await refresh(scene.stage, client, tokensOf(narrowed.answer).refreshToken));
    scene.mustNot("new refresh token narrower than the old one", next.scope !== "read write", next.scope);
    return [narrowed];
  },

  // The demo's own resources cannot be taken away, so the grant is for a third one.
  "RT-018": async (scene) => {
    const first = await scene.open({ resources: ["/api/notes", "/mcp", "/reports"] });
    const client = await first.clients.get("pub");
    const resource = `${first.issuer}/reports`;
    const tokens = await obtainTokens(first, await first.cast.member("alice"), { client, resource });
    await first.server.stop();
    const second = await scene.open({ inPlaceOf: first });
    const answer = await refresh(second, client, tokens.refreshToken, [["resource", resource]]);
    return [exchangedAt("POST", "/oauth/token", answer)];
  },

  "RT-022": async (scene) => {
    await grantOf(scene);
    await disconnect(await scene.spend("alice"), await newestGrant(scene.stage));
    return [await send(scene, -1)];
  },

  "RT-025": async (scene) => {
    await grantOf(scene);
    const alice = await scene.spend("alice");
    const page = await alice.browser.open(`/my/connected_apps/${await newestGrant(scene.stage)}/edit`);
    const narrowed = await scene.submit(alice, page, [["scope", "read"]]);
    scene.check(narrowed.answer.status === 303, `the form to narrow a connection answered ${narrowed.answer.status}`);
    return [await send(scene, -1)];
  },

  "RT-026": async (scene) => {
    const stage = await scene.open({ environment: { OAUTH_GRANT_CHOICES: "3s" } });
    const client = await stage.clients.get("pub");
    let tokens = await obtainTokens(stage, await stage.cast.member("alice"), { client });
    for (let turn = 0; turn < 2; turn++) {
      await wait(600);
      tokens = tokensOf(await refresh(stage, client, tokens.refreshToken));
    }
    await wait(1_900);
    const answer = await refresh(stage, client, tokens.refreshToken);
    return [exchangedAt("POST", "/oauth/token", answer)];
  },

  "RT-027": async (scene) => {
    const stage = await scene.open({ environment: { OAUTH_REFRESH_TOKEN_LIFETIME: "1" } });
    const client = await stage.clients.get("pub");
    const tokens = await obtainTokens(stage, await stage.cast.member("alice"), { client });
    await wait(1_100);
    const answer = await refresh(stage, client, tokens.refreshToken);
    return [exchangedAt("POST", "/oauth/token", answer)];
  },

  "RT-030": async (scene) => {
    const { client, tokens } = await grantOf(scene);
    const family = [tokens, tokensOf(await refresh(scene.stage, client, tokens.refreshToken))];
    await wait(1_100);
    await refresh(scene.stage, client, tokens.refreshToken);
    const accepted = await Promise.all(family.map(({ accessToken }) => isAccepted(scene.stage, accessToken)));
    scene.mustNot("active:true", accepted.includes(true));
    return [];
  },

  "RT-031": async (scene) => {
    const { client, tokens } = await grantOf(scene);
    const [revoked, refreshed] = await Promise.all([
      revoke(scene.stage, client, tokens.refreshToken),
      refresh(scene.stage, client, tokens.refreshToken),
    ]);
    const family = [tokens, ...(refreshed.status === 200 ? [tokensOf(refreshed)] : [])];
    const alive = await Promise.all(family.map((each) => isAlive(scene.stage, client, each)));
    scene.mustNot("live token of the family after revoke returned 200", revoked.status === 200 && alive.includes(true));
    return [exchangedAt("POST", "/oauth/revoke", revoked), exchangedAt("POST", "/oauth/token", refreshed)];
  },

  // The answer that the client never saw stands for the crash before it.
  "RT-032": async (scene) => {
    const first = await scene.open({});
    const client = await first.clients.get("pub");
    const tokens = await obtainTokens(first, await first.cast.member("alice"), { client });
    const lost = tokensOf(await refresh(first, client, tokens.refreshToken));
    await first.server.stop("SIGKILL");
    const second = await scene.open({ inPlaceOf: first });
    const answer = await refresh(second, client, tokens.refreshToken);
    scene.mustNot("two live leaves", answer.status === 200 && tokensOf(answer).refreshToken !== lost.refreshToken);
    scene.mustNot("family revoked", !(await isUsable(second, client, lost.refreshToken)));
    return [exchangedAt("POST", "/oauth/token", answer)];
  },
};
