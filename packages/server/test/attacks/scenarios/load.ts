/** Cases about many: rows, requests, workers at once. Bounded, since a test shares its machine. */
import type { Answer } from "../answer.ts";
import { memberOf } from "../answer.ts";
import { authorizationLink, callApi, obtainCode, redeem, refresh, revoke, tokensOf } from "../authorization.ts";
import { exchangedAt } from "../played.ts";
import { authenticationOf } from "../registered-clients.ts";
import type { Scenario } from "../scenarios.ts";
import type { Exchanged, Scene } from "../scene.ts";
import type { Stage } from "../stage.ts";
import { changeDatabase, countRows, newestGrant } from "../store-rows.ts";

const serviceToken = async (stage: Stage, name: string): Promise<Answer> => {
  const { lines, fields } = authenticationOf(await stage.clients.get(name));
  return stage.post("/oauth/token", [["grant_type", "client_credentials"], ["scope", "api:read"], ...fields], lines);
};

/** The fastest of three: the slower ones waited for other tests on this machine. */
async function fastest(scene: Scene, path: string): Promise<Exchanged> {
  const open = (): Promise<Exchanged> => scene.send(`GET ${path} HTTP/1.1\nCookie: {sess:alice}`);
  let best = await open();
  for (const turn of [await open(), await open()]) if (turn.answer.milliseconds < best.answer.milliseconds) best = turn;
  return best;
}

export const load: Readonly<Record<string, Scenario>> = {
  "CC-014": async (scene) => {
    const { stage } = scene;
    const other = memberOf(await serviceToken(stage, "m2mp"), "access_token") ?? "";
    const answers = [];
    for (let turn = 0; turn < 200; turn += 20)
      answers.push(...(await Promise.all(Array.from({ length: 20 }, () => serviceToken(stage, "m2m")))));
    const { lines, fields } = authenticationOf(await stage.clients.get("m2mp"));
    const introspected = await stage.post("/oauth/introspect", [["token", other], ...fields], lines);
    scene.mustNot("other client's token becomes inactive", !/"active":true/.test(introspected.body), introspected.body);
    return answers.map((answer) => exchangedAt("POST", "/oauth/token", answer));
  },

  // That no request reads more of them than its own, the store's tests show by the query plans; a stopwatch would show the machine.
  "DR-147": async (scene) => {
    const stage = await scene.open({});
    const client = await stage.clients.get("pub");
    const ask = (): Promise<Answer> => stage.get(authorizationLink(stage, { client }));
    const before = await ask();
    const columns = "name, origin, first_party, auth_method, redirect_uris, grant_types, scope, resource_server_of, metadata, created_at";
    await changeDatabase(
      stage,
      `WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 100000) INSERT INTO clients (id, ${columns}) SELECT 'many-' || i, ${columns} FROM n, (SELECT * FROM clients LIMIT 1)`,
    );
    const after = await ask();
    scene.mustNot("/authorize answers otherwise than before", after.status !== before.status, `${before.status}, then ${after.status}`);
    const code = await obtainCode(stage, await stage.cast.member("alice"), { client });
    return [exchangedAt("POST", "/oauth/token", await redeem(stage, code))];
  },

  // What a random token leaves behind, and what it must look up, is nothing: others have nothing to wait for.
  "RV-015": async (scene) => {
    const client = await scene.client("pub");
    const before = await countRows(scene.stage);
    const answers = [];
    for (let turn = 0; turn < 300; turn += 20)
      answers.push(
        ...(await Promise.all(Array.from({ length: 20 }, (_, index) => revoke(scene.stage, client, `vs_at_random${turn + index}`)))),
      );
    const after = await countRows(scene.stage);
    scene.mustNot("rows change by a flood of random tokens", JSON.stringify(after) !== JSON.stringify(before), JSON.stringify(after));
    const served = await serviceToken(scene.stage, "m2m");
    scene.mustNot("/token is not served after it", served.status !== 200, String(served.status));
    return answers.map((answer) => exchangedAt("POST", "/oauth/revoke", answer));
  },

  // The newest half belongs to one app, and the others to an app each: either alone would fill the page.
  "AP-013": async (scene) => {
    await scene.tokens("standard", { client: await scene.client("pub") });
    const id = await newestGrant(scene.stage);
    const ofClient = "origin, first_party, auth_method, redirect_uris, grant_types, scope, resource_server_of, metadata, created_at";
    const ofGrant = "subject, scope, resources, created_at, redeemed_at";
    const many = "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 5000)";
    for (const sql of [
      `${many} INSERT INTO clients (id, name, ${ofClient}) SELECT 'many-' || i, 'Tool ' || i, ${ofClient} FROM n, (SELECT * FROM clients WHERE id = (SELECT client_id FROM grants WHERE id = ?))`,
      `${many} INSERT INTO grants (id, client_id, ${ofGrant}) SELECT 'many-' || i, 'many-' || i, ${ofGrant} FROM n, (SELECT * FROM grants WHERE id = ?)`,
      `${many} INSERT INTO grants (id, client_id, ${ofGrant}) SELECT 'same-' || i, client_id, subject, scope, resources, created_at + 1, redeemed_at FROM n, (SELECT * FROM grants WHERE id = ?)`,
    ])
      await changeDatabase(scene.stage, sql, id);
    const first = await fastest(scene, "/my/connected_apps");
    const pages = /Page 1 of (\d+)/.exec(first.answer.body)?.[1];
    scene.check(pages !== undefined, "the page does not say that there are others");
    const last = await fastest(scene, `/my/connected_apps?page=${pages}`);
    for (const { body, milliseconds } of [first.answer, last.answer]) {
      const measured = `${Buffer.byteLength(body)} bytes in ${Math.round(milliseconds)} ms`;
      scene.mustNot("response > 1 MiB or > 500 ms", body.length > 1_048_576 || milliseconds > 500, measured);
      scene.check(Buffer.byteLength(body) <= 10_240, `a page has 10 KB at most: ${measured}`);
    }
    await changeDatabase(scene.stage, "DELETE FROM grants WHERE id LIKE 'many-%' OR id LIKE 'same-%'");
    await changeDatabase(scene.stage, "DELETE FROM clients WHERE id LIKE 'many-%'");
    return [first, last];
  },

  // Eight workers on one code, then on one refresh token beside its revocation: whoever starts after an end sees it.
  "IJ-015": async (scene) => {
    const client = await scene.client("pub");
    const alice = await scene.spend("alice");
    for (let round = 0; round < 10; round++) {
      const code = await obtainCode(scene.stage, alice, { client });
      const redeemed = await Promise.all(Array.from({ length: 8 }, () => redeem(scene.stage, code)));
      const winners = redeemed.filter(({ status }) => status === 200);
      scene.mustNot("history not linearizable", winners.length !== 1, `${winners.length} redemptions of one code`);

      const tokens = tokensOf(await redeem(scene.stage, await obtainCode(scene.stage, alice, { client })));
      let revokedAt = Number.POSITIVE_INFINITY;
      const revoking = revoke(scene.stage, client, tokens.refreshToken).then(() => {
        revokedAt = performance.now();
      });
      const workers = Array.from({ length: 7 }, async () => {
        let refreshToken = tokens.refreshToken;
        for (let turn = 0; turn < 4; turn++) {
          const started = performance.now();
          const answer = await refresh(scene.stage, client, refreshToken);
          if (answer.status !== 200) return;
          scene.mustNot("history not linearizable", started > revokedAt, "a refresh that began after the revocation had been answered");
          refreshToken = tokensOf(answer).refreshToken;
        }
      });
      await Promise.all([revoking, ...workers]);
      scene.mustNot(
        "history not linearizable",
        (await callApi(scene.stage, tokens.accessToken)).status === 200,
        "an access token outlived the revocation",
      );
    }
    return [];
  },
};
