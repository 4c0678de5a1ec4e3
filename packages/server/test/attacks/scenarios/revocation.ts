/** RV and AP: what is ended stays ended. */
import { isAccepted, obtainCode, obtainTokens, redeem, refresh, revoke, tokensOf } from "../authorization.ts";
import { exchangedAt } from "../played.ts";
import type { Scenario } from "../scenarios.ts";
import type { Exchanged } from "../scene.ts";
import { newestGrant, whileLocked } from "../store-rows.ts";

export const revocation: Readonly<Record<string, Scenario>> = {
  "RV-002": async (scene) => {
    const revoked = await scene.send(scene.attackCase.steps[0] ?? "");
    scene.mustNot("at accepted", await isAccepted(scene.stage, (await scene.value("at")) ?? ""));
    return [revoked];
  },

  "RV-013": async (scene) => {
    const first = await scene.open({});
    const client = await first.clients.get("pub");
    const tokens = await obtainTokens(first, await first.cast.member("alice"), { client });
    const answer = await revoke(first, client, tokens.refreshToken);
    await first.server.stop("SIGKILL");
    const second = await scene.open({ inPlaceOf: first });
    scene.mustNot("rt usable after restart", (await refresh(second, client, tokens.refreshToken)).status === 200);
    return [exchangedAt("POST", "/oauth/revoke", answer)];
  },

  "RV-016": async (scene) => {
    const message = await scene.prepare(scene.attackCase.steps[1] ?? "");
    return [await whileLocked(scene.stage, () => scene.play(message))];
  },

  "AP-001": async (scene) => {
    const client = await scene.client("pub");
    const tokens = await scene.tokens("standard", { client });
    const id = await newestGrant(scene.stage);
    const alice = await scene.spend("alice");
    const pending = await obtainCode(scene.stage, alice, { client });
    const page = await alice.browser.open(`/my/connected_apps/${client.id}/disconnect`);
    const disconnected = await scene.submit(alice, page, []);
    const alive = [
      await isAccepted(scene.stage, tokens.accessToken),
      (await refresh(scene.stage, client, tokens.refreshToken)).status === 200,
      (await redeem(scene.stage, pending)).status === 200,
    ];
    scene.mustNot("any credential of the grant alive", alive.includes(true), `access token, refresh token, code of ${id}: ${alive.join()}`);
    return [disconnected];
  },

  "AP-007": async (scene) => {
    const { accessToken } = await scene.tokens("standard", { client: await scene.client("pub") });
    const id = await newestGrant(scene.stage);
    await scene.mark();
    const listed = await scene.send(`GET /my/connected_apps HTTP/1.1\nAuthorization: Bearer ${accessToken}`);
    const posted = await scene.send(
      `POST /my/connected_apps/${id}/disconnect HTTP/1.1\nContent-Type: application/x-www-form-urlencoded\nAuthorization: Bearer ${accessToken}`,
    );
    await scene.settle();
    const ended = (scene.before?.liveGrants ?? 0) > (scene.after?.liveGrants ?? 0);
    scene.mustNot("list or revocation", ended || /connected_apps\/[\w-]+\/disconnect/.test(listed.answer.body));
    return [listed, posted];
  },

  "AP-008": async (scene) => {
    await scene.tokens("standard", { client: await scene.client("pub") });
    const other = await scene.client("conf");
    await scene.tokens("bob", { client: other }, "bob");
    const listed = await scene.send(scene.attackCase.steps[0] ?? "");
    scene.mustNot("other users' grants", listed.answer.body.includes(other.id));
    return [listed];
  },

  "AP-011": async (scene) => {
    const client = await scene.client("pub");
    const tokens = await scene.tokens("standard", { client });
    const alice = await scene.spend("alice");
    const id = await newestGrant(scene.stage);
    const page = await alice.browser.open(`/my/connected_apps/${id}/disconnect`);
    const [disconnected, refreshed] = await Promise.all([scene.submit(alice, page, []), refresh(scene.stage, client, tokens.refreshToken)]);
    const family = [tokens, ...(refreshed.status === 200 ? [tokensOf(refreshed)] : [])];
    const alive = await Promise.all(family.map(({ accessToken }) => isAccepted(scene.stage, accessToken)));
    const next = await Promise.all(
      family.map(async ({ refreshToken }) => (await refresh(scene.stage, client, refreshToken)).status === 200),
    );
    scene.mustNot("live token after revoke returned", [...alive, ...next].includes(true));
    return [disconnected, exchangedAt("POST", "/oauth/token", refreshed)];
  },

  "AP-014": async (scene) => {
    const ids = ["' OR 1=1--", "../../etc/passwd", "9".repeat(400), "-1", "__proto__", "constructor", "%00", "a%2Fb", "{}"];
    const exchanges = [];
    for (const id of ids)
      exchanges.push(await scene.send(`GET /my/connected_apps/${encodeURIComponent(id)}/disconnect HTTP/1.1\nCookie: {sess:alice}`));
    return exchanges;
  },

  // Each has a note that the other cannot see.
  "BR-003": async (scene) => {
    const client = await scene.client("pub");
    const alice = await scene.tokens("standard", { client, scope: "read write" });
    const mallory = await scene.tokens("mallory", { client, scope: "read write" }, "mallory");
    const write = (token: string, text: string): Promise<Exchanged> =>
      scene.play({
        method: "POST",
        target: "/api/notes",
        fields: ["Content-Type: application/json", `Authorization: Bearer ${token}`],
        body: JSON.stringify({ text }),
      });
    await write(mallory.accessToken, "note-of-mallory");
    scene.define("at", alice.accessToken);
    scene.define("at:mallory", mallory.accessToken);
    const answered = await scene.send(scene.attackCase.steps[0] ?? "");
    scene.mustNot("served as mallory", answered.answer.body.includes("note-of-mallory"), answered.answer.body);
    return [answered];
  },

  // Nothing of the presented token in what is answered or printed; the API's answer is the case's.
  "BR-027": async (scene) => {
    const { accessToken } = await scene.tokens("standard", { client: await scene.client("pub") });
    const message = { method: "GET", target: "/api/notes", fields: [`Authorization: Bearer ${accessToken}x`], body: "" };
    const answered = await scene.play(message);
    const text = `${JSON.stringify(answered.answer)}${scene.stage.server.output()}`;
    scene.mustNot("token value in body, headers, logs", text.includes(accessToken));
    return [answered];
  },
};
