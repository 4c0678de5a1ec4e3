/** AD, and what else could open the admin API: a scope is no role, and an operator's deed ends what it says it ends. */
import { adminApi, adminStage, askEverything, asOperator } from "../admin-routes.ts";
import { jsonOf } from "../answer.ts";
import { askFor, callApi, isAccepted, obtainCode, obtainTokens, redeem, refresh, type Tokens } from "../authorization.ts";
import type { Member } from "../cast.ts";
import { makeToken } from "../personal-tokens.ts";
import { exchangedAt, wholeText } from "../played.ts";
import type { RegisteredClient } from "../registered-clients.ts";
import type { Scenario } from "../scenarios.ts";
import type { Exchanged, Scene } from "../scene.ts";
import { countRows, readRows, rowsAsText } from "../store-rows.ts";

const succeeded = (exchanges: readonly Exchanged[]): Exchanged | undefined =>
  exchanges.find(({ answer }) => answer.status >= 200 && answer.status < 300);

/** What an answer that was not refused would have. */
const hasData = ({ answer }: Exchanged): boolean => /"(?:items|client_id|email|openapi|kid|events)"/.test(answer.body);

function judgeRefusals(scene: Scene, exchanges: readonly Exchanged[]): readonly Exchanged[] {
  const done = succeeded(exchanges);
  scene.check(exchanges.length > 15, "hardly any route was asked");
  scene.mustNot("2xx", done !== undefined, `${done?.message.method} ${done?.message.target}`);
  scene.mustNot("data in body", exchanges.some(hasData));
  return exchanges;
}

/** What operators change, but the audit. */
const stateOf = async ({ stage }: Scene): Promise<string> =>
  JSON.stringify([
    await countRows(stage),
    await readRows(stage, "SELECT id, disabled_at FROM clients ORDER BY id"),
    await readRows(stage, "SELECT id, is_admin, disabled_at FROM accounts ORDER BY id"),
    await readRows(stage, "SELECT count(*) FROM registration_tokens"),
  ]);

/** Every mutating route, as another site would have an administrator's browser send it. */
async function crossSite(scene: Scene): Promise<readonly Exchanged[]> {
  const admin = await scene.member("admin");
  const cookie = `Cookie: ${admin.browser.cookies}`;
  const methods = ["POST", "DELETE"];
  const form = { methods, type: "application/x-www-form-urlencoded" };
  return [
    ...(await askEverything(scene, [cookie, "Origin: https://evil.example"], { methods })),
    ...(await askEverything(scene, [cookie, "Sec-Fetch-Site: cross-site", "Origin: https://evil.example"], { methods })),
    ...(await askEverything(scene, [cookie, "Sec-Fetch-Site: same-origin"], form)),
    ...(await askEverything(scene, [cookie], { ...form, type: "text/plain" })),
  ];
}

interface Held {
  readonly client: RegisteredClient;
  readonly tokens: Tokens;
  readonly person: Member;
}

async function held(scene: Scene): Promise<Held> {
  const client = await scene.stage.clients.make("pub");
  const person = await scene.spend("alice");
  return { client, person, tokens: await obtainTokens(scene.stage, person, { client }) };
}

/** A token, its refresh token and a code on its way, used after something was ended. */
async function useAll(scene: Scene, { client, tokens, person }: Held, end: () => Promise<unknown>): Promise<readonly Exchanged[]> {
  const code = await obtainCode(scene.stage, person, { client });
  scene.check(await isAccepted(scene.stage, tokens.accessToken), "the token did not work before");
  await end();
  return [
    exchangedAt("GET", "/api/notes", await callApi(scene.stage, tokens.accessToken)),
    exchangedAt("POST", "/oauth/token", await refresh(scene.stage, client, tokens.refreshToken)),
    exchangedAt("POST", "/oauth/token", await redeem(scene.stage, code)),
  ];
}

export const admin: Readonly<Record<string, Scenario>> = {
  "AD-001": async (scene) => judgeRefusals(scene, await askEverything(scene, [])),

  "AD-002": async (scene) => {
    const { browser } = await scene.member("alice");
    return judgeRefusals(scene, await askEverything(scene, [`Cookie: ${browser.cookies}`, "Sec-Fetch-Site: same-origin"]));
  },

  // An administrator's own grant: the scope is theirs to give, and still no client is an administrator.
  "AD-003": async (scene) => {
    const exchanges: Exchanged[] = [];
    for (const name of ["alice", "admin"]) {
      const asked = { client: await scene.client("dcr1"), scope: "read admin", resource: scene.stage.issuer };
      const { accessToken, scope } = await scene.tokens(name, asked, name);
      scene.check(scope.includes("admin"), "the scope was not granted");
      exchanges.push(...(await askEverything(scene, [`Authorization: Bearer ${accessToken}`])));
    }
    return judgeRefusals(scene, exchanges);
  },

  "AD-005": async (scene) => {
    await Promise.all([scene.client("dcr1"), scene.member("bob"), scene.member("admin")]);
    const before = await stateOf(scene);
    const exchanges = await crossSite(scene);
    scene.mustNot("state change", (await stateOf(scene)) !== before);
    return exchanges;
  },

  "AD-008": async (scene) => {
    const order = JSON.stringify({ client_name: "Night backup", grant_types: ["client_credentials"] });
    const made = jsonOf(await asOperator(scene.stage, "POST", "/clients", order));
    const [id, secret] = [String(made["client_id"]), String(made["client_secret"])];
    scene.check(secret.startsWith("vs_cs_"), "no secret was made");
    const paths = ["/clients?limit=200", `/clients/${id}`, "/events?limit=200", "/events?format=csv", "/events?format=jsonl"];
    const shown = [];
    for (const path of paths) shown.push(exchangedAt("GET", adminApi + path, await asOperator(scene.stage, "GET", path)));
    const hashes = await rowsAsText(scene.stage, "SELECT * FROM clients");
    scene.check(!hashes.includes(secret), "the secret is kept in clear");
    scene.mustNot(
      "secret or hash",
      shown.some((each) => wholeText(each).includes(secret) || /"[a-z_]*(?:secret|hash)"/.test(each.answer.body)),
    );
    return shown;
  },

  "AD-012": async (scene) => {
    const { browser } = await scene.member("admin");
    const search = (text: string) =>
      scene.play({
        method: "GET",
        target: `${adminApi}/clients?search=${encodeURIComponent(text)}`,
        fields: [`Cookie: ${browser.cookies}`],
        body: "",
      });
    await scene.client("dcr1");
    const wild = await search("%%%%_%_%_{(a+)+$}");
    const every = await search("%");
    scene.check(!hasClients(wild) && !hasClients(every), "a wildcard of the search is a wildcard of the database");
    return [await scene.send(scene.attackCase.steps[0] ?? ""), wild, every, await search("a".repeat(1_900))];
  },

  "AD-014": async (scene) => {
    const { browser } = await scene.member("admin");
    const events = async (): Promise<readonly string[]> =>
      (await readRows(scene.stage, "SELECT * FROM audit_events ORDER BY id")).map((row) => JSON.stringify(row));
    const before = await events();
    const exchanges = [];
    for (const path of ["/events", "/events/1", "/events/stream", "/events/verification"])
      for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
        const fields = [`Cookie: ${browser.cookies}`, "Sec-Fetch-Site: same-origin", "Content-Type: application/json"];
        exchanges.push(await scene.play({ method, target: adminApi + path, fields, body: '{"type":"sign_out"}' }));
      }
    const after = await events();
    scene.mustNot(
      "entry changed",
      before.some((row, at) => after[at] !== row),
    );
    return exchanges;
  },

  "AD-017": async (scene) => {
    const stage = await scene.open(adminStage);
    const { email } = await stage.cast.member("admin");
    const user = encodeURIComponent(email);
    const refused = [
      exchangedAt("POST", `${adminApi}/users/admin`, await asOperator(stage, "POST", `/users/${user}/admin`, '{"admin":false}')),
      exchangedAt("POST", `${adminApi}/users/disable`, await asOperator(stage, "POST", `/users/${user}/disable`)),
    ];
    const { admin, disabled } = jsonOf(await asOperator(stage, "GET", `/users/${user}`));
    scene.mustNot("no admin left", admin !== true || disabled !== false);
    return refused;
  },

  "AD-020": async (scene) => {
    const granted = await held(scene);
    const used = await useAll(scene, granted, () => asOperator(scene.stage, "POST", `/clients/${granted.client.id}/disable`));
    scene.mustNot("any success", succeeded(used) !== undefined);
    return used;
  },

  "AD-021": async (scene) => {
    const granted = await held(scene);
    let deleted: Exchanged | undefined;
    const used = await useAll(scene, granted, async () => {
      deleted = exchangedAt("DELETE", `${adminApi}/clients`, await asOperator(scene.stage, "DELETE", `/clients/${granted.client.id}`));
    });
    const [live] = await readRows(
      scene.stage,
      "SELECT count(*) AS n FROM grants WHERE client_id = ? AND revoked_at IS NULL",
      granted.client.id,
    );
    scene.mustNot("orphan grants or tokens usable", succeeded(used) !== undefined || Number(live?.["n"]) !== 0);
    return deleted === undefined ? [] : [deleted];
  },

  // Accounts are not deleted but disabled, and lose what they granted.
  "AD-022": async (scene) => {
    const granted = await held(scene);
    const { value } = await makeToken(scene.stage, granted.person);
    const user = encodeURIComponent(granted.person.email);
    const used = await useAll(scene, granted, async () => {
      await asOperator(scene.stage, "POST", `/users/${user}/disable`);
      await asOperator(scene.stage, "POST", `/users/${user}/revoke`);
    });
    const all = [...used, exchangedAt("GET", "/api/notes", await callApi(scene.stage, value))];
    scene.mustNot("any success", succeeded(all) !== undefined);
    const { answer } = await granted.person.browser.open("/my/connected_apps");
    scene.mustNot("sessions alive", !/type="password"/.test(answer.body));
    return all;
  },

  "PT-005": async (scene) => {
    const carol = await scene.spend("carol");
    const path = `/users/${encodeURIComponent(carol.email)}/admin`;
    await asOperator(scene.stage, "POST", path, '{"admin":true}');
    const { value } = await makeToken(scene.stage, carol, { scopes: ["admin"] });
    const ask = () => scene.play({ method: "GET", target: `${adminApi}/clients`, fields: [`Authorization: Bearer ${value}`], body: "" });
    scene.check((await ask()).answer.status === 200, "an administrator's own token does not open the admin API");
    // Somebody must be left who administers.
    await asOperator(scene.stage, "POST", "/users", JSON.stringify({ email: `left-behind-by-${carol.email}`, admin: true }));
    await asOperator(scene.stage, "POST", path, '{"admin":false}');
    return [await ask()];
  },

  "SC-022": async (scene) => {
    const alice = await scene.spend("alice");
    const asked = { client: await scene.client("dcr1"), scope: "read admin", resource: scene.stage.issuer };
    const decided = await scene.decide(alice, await askFor(scene.stage, alice, asked), "allow", ["read", "admin"]);
    const { accessToken } = await obtainTokens(scene.stage, alice, asked);
    const { status } = await scene.stage.get(`${adminApi}/clients`, [`Authorization: Bearer ${accessToken}`]);
    scene.mustNot("admin effective for alice at the admin API", status !== 403, String(status));
    return [decided];
  },
};

const hasClients = ({ answer }: Exchanged): boolean => answer.status !== 200 || answer.body.includes('"client_id"');
