/** DR: what a client may say about itself. */
import { jsonOf, memberOf } from "../answer.ts";
import { askFor } from "../authorization.ts";
import { longestText, parseMembers } from "../json.ts";
import { isConsentPage, parameterOf } from "../played.ts";
import type { RegisteredClient } from "../registered-clients.ts";
import type { Scenario } from "../scenarios.ts";
import type { Scene } from "../scene.ts";
import { changeDatabase } from "../store-rows.ts";

const metadata = { client_name: "T", redirect_uris: ["https://c.example/cb"], token_endpoint_auth_method: "none" };

const sendRegistration =
  (contentType: string, body: string): Scenario =>
  async (scene) => {
    await scene.mark();
    return [await scene.send(`POST /oauth/register HTTP/1.1\nContent-Type: ${contentType}\n\n${body}`)];
  };

/** A client of the case's own, since its registration is changed. */
async function selfRegistered(scene: Scene): Promise<RegisteredClient> {
  const client = await scene.stage.clients.make("dcr1");
  scene.define("dcr1", client.id);
  scene.define("rat:dcr1", client.registrationToken ?? "");
  return client;
}

/** The update of the case. An update repeats who it is from (RFC 7592 §2.2), which the cases leave out. */
const update = ({ attackCase }: Scene, { id }: RegisteredClient): string =>
  (attackCase.steps.at(-1) ?? "").replace('{"client_name"', `{"client_id":"${id}","client_name"`);

export const registration: Readonly<Record<string, Scenario>> = {
  "DR-112": sendRegistration("text/plain", JSON.stringify(metadata)),
  "DR-113": sendRegistration(
    "application/x-www-form-urlencoded",
    new URLSearchParams({ client_name: "T", redirect_uris: "https://c.example/cb" }).toString(),
  ),
  "DR-127": sendRegistration(
    "application/json",
    '{"client_name":"<ff fe>","redirect_uris":["https://c.example/cb"],"token_endpoint_auth_method":"none"}',
  ),

  "DR-142": async (scene) => {
    const { token_endpoint_auth_method: _, ...unsaid } = metadata;
    const registered = await scene.send(`POST /oauth/register HTTP/1.1\nContent-Type: application/json\n\n${JSON.stringify(unsaid)}`);
    const clientId = memberOf(registered.answer, "client_id") ?? "";
    scene.check(memberOf(registered.answer, "client_secret") !== undefined, "no secret was issued");
    const asked = await scene.send(
      `POST /oauth/token HTTP/1.1\nContent-Type: application/x-www-form-urlencoded\n\ngrant_type=authorization_code&code=x&code_verifier={V}&client_id=${clientId}`,
    );
    scene.mustNot("token issued without the secret", asked.answer.status === 200);
    return [asked];
  },

  "DR-143": async (scene) => {
    const register = `POST /oauth/register HTTP/1.1\nContent-Type: application/json\n\n${JSON.stringify(metadata)}`;
    const exchanges = [await scene.send(register), await scene.send(register)];
    const [first = "", second = ""] = exchanges.map(({ answer }) => memberOf(answer, "client_id"));
    scene.mustNot("equal ids", first === second);
    scene.mustNot("sequential ids", first.slice(0, -3) === second.slice(0, -3), `${first} ${second}`);
    scene.mustNot("id starting with https://", first.startsWith("https://"));
    return exchanges;
  },

  // Ninety-one days pass by moving the registration into the past.
  "DR-146": async (scene) => {
    const { answer } = await scene.send(`POST /oauth/register HTTP/1.1\nContent-Type: application/json\n\n${JSON.stringify(metadata)}`);
    const clientId = memberOf(answer, "client_id") ?? "";
    await changeDatabase(scene.stage, "UPDATE clients SET created_at = created_at - ? WHERE id = ?", 91 * 86_400_000, clientId);
    await scene.stage.operator(["cleanup"]);
    const asked = await scene.send(
      `GET /oauth/authorize?response_type=code&client_id=${clientId}&redirect_uri=https%3A%2F%2Fc.example%2Fcb&code_challenge={C}&code_challenge_method=S256 HTTP/1.1\nCookie: {sess:alice}`,
    );
    scene.mustNot("client row still present and usable", asked.answer.status !== 400, `authorize answered ${asked.answer.status}`);
    return [];
  },

  // As it is, then complete, then with nothing in it that alone would be refused.
  "DR-155": async (scene) => {
    const client = await selfRegistered(scene);
    const harmless = update(scene, client).replace('"client_credentials"', '"authorization_code"');
    const exchanges = [];
    for (const step of [scene.attackCase.steps[0] ?? "", update(scene, client), harmless]) exchanges.push(await scene.send(step));
    scene.check(exchanges.at(-1)?.answer.status === 200, "the update without other grant types was refused");
    const service = await scene.stage.post("/oauth/token", [
      ["grant_type", "client_credentials"],
      ["client_id", client.id],
    ]);
    const asked = { client: { ...client, redirectUris: ["https://c.example/cb"] } };
    const alice = await scene.member("alice");
    const page = await askFor(scene.stage, alice, asked);
    const asAdmin = await askFor(scene.stage, alice, { ...asked, scope: "read admin" });
    const isOffered = asAdmin.answer.body.includes('value="admin"') || parameterOf(asAdmin.leadsTo, "code") !== undefined;
    const effective = [service.status === 200, !isConsentPage(page.answer), isOffered];
    scene.mustNot("new privileges effective", effective.includes(true), `client_credentials, no consent, admin: ${effective.join()}`);
    return exchanges;
  },

  "DR-156": async (scene) => {
    const client = await selfRegistered(scene);
    await scene.stage.operator(["clients", "disable", client.id]);
    const updated = await scene.send(update(scene, client));
    const page = await askFor(scene.stage, await scene.member("alice"), { client });
    scene.mustNot("client enabled", page.answer.status !== 400, `authorize answered ${page.answer.status}`);
    scene.mustNot("new secret issued", "client_secret" in jsonOf(updated.answer));
    return [updated];
  },

  "DR-152": async (scene) => {
    const token = longestText(parseMembers(await scene.stage.operator(["registration-tokens", "create", "--uses", "1", "--json"])));
    scene.stage.issued.push({ kind: "initial access token", value: token });
    scene.define("iat:used", token);
    const first = await scene.send(scene.attackCase.steps[0] ?? "");
    scene.check(first.answer.status === 201, `the first use answered ${first.answer.status}: ${first.answer.body}`);
    await scene.mark();
    return [await scene.send(scene.attackCase.steps[0] ?? "")];
  },
};
