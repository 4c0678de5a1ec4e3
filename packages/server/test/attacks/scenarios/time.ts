/** CK: times end what they end, whatever they look like. */
import { setTimeout as wait } from "node:timers/promises";
import { callApi, isAccepted, obtainTokens } from "../authorization.ts";
import { exchangedAt } from "../played.ts";
import type { Scenario } from "../scenarios.ts";
import type { Exchanged } from "../scene.ts";
import { changeDatabase } from "../store-rows.ts";

export const time: Readonly<Record<string, Scenario>> = {
  "CK-001": async (scene) => {
    const { accessToken } = await scene.tokens("standard", { client: await scene.client("pub") });
    const before = await callApi(scene.stage, accessToken);
    await wait(1_050);
    const after = await callApi(scene.stage, accessToken);
    scene.check(before.status === 200, `before its end the token answered ${before.status}`);
    scene.mustNot("accepted at or after exp (plus documented leeway)", after.status === 200);
    return [exchangedAt("GET", "/api/notes", before), exchangedAt("GET", "/api/notes", after)];
  },

  // The column takes integers alone; those that are no time a token could end at are written into it.
  "CK-002": async (scene) => {
    const exchanges = [];
    for (const end of [0, -1, 1, 2 ** 31]) {
      const { accessToken } = await scene.tokens(`ends at ${end}`, { client: await scene.client("pub") });
      await changeDatabase(
        scene.stage,
        "UPDATE tokens SET expires_at = ? WHERE kind = 'access' AND issued_at = (SELECT max(issued_at) FROM tokens)",
        end,
      );
      exchanges.push(exchangedAt("GET", "/api/notes", await callApi(scene.stage, accessToken)));
    }
    scene.mustNot(
      "treated as never expires",
      exchanges.some(({ answer }) => answer.status === 200),
    );
    return exchanges;
  },

  "CK-006": async (scene) => {
    const inZone = async (zone: string): Promise<Exchanged> => {
      const stage = await scene.open({ environment: { TZ: zone, OAUTH_TOKEN_LIFETIME: "2" } });
      const { accessToken } = await obtainTokens(stage, await stage.cast.member("alice"), { client: await stage.clients.get("pub") });
      const answer = await callApi(stage, accessToken);
      await wait(2_050);
      scene.mustNot("expiry shifted by an hour", await isAccepted(stage, accessToken), zone);
      return exchangedAt("GET", "/api/notes", answer);
    };
    return Promise.all(["Pacific/Apia", "America/Los_Angeles"].map(inZone));
  },
};
