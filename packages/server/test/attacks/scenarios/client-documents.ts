/** CI: what a client's document says, and for how long. */
import { askFor, obtainTokens } from "../authorization.ts";
import { clockOption, setAhead } from "../clock.ts";
import { DocumentHost, goodDocument, jsonType, type Serve } from "../document-host.ts";
import { Network } from "../network.ts";
import { exchangedAt, isConsentPage, parameterOf } from "../played.ts";
import type { RegisteredClient } from "../registered-clients.ts";
import type { Scenario } from "../scenarios.ts";
import type { Scene } from "../scene.ts";
import { rowsAsText } from "../store-rows.ts";

const firstStep = ({ attackCase }: Scene): string => attackCase.steps.find((step) => step.startsWith("GET ")) ?? standardStep;

/** The request of all the cases of this group. */
const standardStep =
  "GET /oauth/authorize?response_type=code&client_id=https%3A%2F%2F{doc}%2Fo.json&scope=read&state=st-1&code_challenge={C}&code_challenge_method=S256&resource={RA}&redirect_uri=https%3A%2F%2Fc.example%2Fcb HTTP/1.1\nCookie: {sess:alice}";

/** What the person reads without opening the technical details. */
const visible = (body: string): string => body.replace(/<details[\s\S]*?<\/details>/g, "").replace(/<style[\s\S]*?<\/style>/g, "");

const serveFor =
  (cacheControl: string): Serve =>
  (response, document) =>
    response.writeHead(200, { ...jsonType, "cache-control": cacheControl }).end(document);

const publicClient = (id: string, ...redirectUris: string[]): RegisteredClient => ({
  id,
  secret: undefined,
  authMethod: "none",
  redirectUris,
});

export const clientDocuments: Readonly<Record<string, Scenario>> = {
  "CI-119": async (scene) => {
    const page = await scene.send(firstStep(scene));
    const shown = visible(page.answer.body);
    scene.check(shown.includes("Household Budget") && shown.includes("c.example"), "the name or the redirect URI's host is not shown");
    scene.mustNot("client_name shown without the client_id host", !shown.includes((await scene.documents()).name));
    if (scene.stage.network === undefined) throw new Error("no network");
    const lookAlike = await DocumentHost.listen(scene.stage.network, "xn--80ak6aa92e");
    const { answer } = await askFor(scene.stage, await scene.member("alice"), {
      client: publicClient(lookAlike.url, "https://c.example/cb"),
    });
    lookAlike.close();
    scene.mustNot("punycode host shown as Unicode look-alike only", !visible(answer.body).includes(lookAlike.name));
    return [page];
  },

  // The request of the case names a redirect URI that its document does not have.
  "CI-120": async (scene) => {
    const page = await scene.send(firstStep(scene).replace("https%3A%2F%2Fc.example%2Fcb", "http%3A%2F%2Flocalhost%2Fcb"));
    scene.mustNot("no warning", !/Any program running here can ask with this name/.test(visible(page.answer.body)));
    return [page];
  },

  "CI-121": async (scene) => {
    const page = await scene.send(firstStep(scene));
    const shown = visible(page.answer.body);
    const { name } = await scene.documents();
    scene.mustNot("no visible difference on the consent page", !(shown.includes(`<b>${name}</b>`) && shown.includes("<b>c.example</b>")));
    return [page];
  },

  "CI-122": async (scene) => {
    const clock = `${Network.environment["NODE_OPTIONS"]} ${clockOption}`;
    const stage = await scene.open({ network: true, environment: { NODE_OPTIONS: clock } });
    const host = await scene.documents(stage);
    const alice = await stage.cast.member("alice");
    const ask = async (path: string) => {
      const before = host.asked.length;
      const { target, answer } = await askFor(stage, alice, {
        client: publicClient(host.url.replace("o.json", path), "https://c.example/cb"),
      });
      return { exchanged: exchangedAt("GET", target, answer), fetches: host.asked.length - before };
    };

    host.serve = serveFor("max-age=60");
    const [first, second] = [await ask("minute.json"), await ask("minute.json")];
    await setAhead(stage, 61);
    const third = await ask("minute.json");
    scene.check(first.fetches === 1, `the first request fetched ${first.fetches} times`);
    scene.mustNot("second fetch within max-age", second.fetches > 0);
    scene.mustNot("no fetch after max-age", third.fetches !== 1);

    host.serve = serveFor("no-store");
    const unstored = [await ask("unstored.json"), await ask("unstored.json")];
    scene.mustNot(
      "no-store ignored",
      unstored.some(({ fetches }) => fetches !== 1),
    );

    // The cap is a day.
    host.serve = serveFor("max-age=31536000");
    await ask("year.json");
    await setAhead(stage, 61 + 86_340);
    await stage.cast.signIn(alice, alice.browser);
    scene.check((await ask("year.json")).fetches === 0, "fetched again within a day");
    await setAhead(stage, 61 + 86_460);
    scene.mustNot(
      "max-age=31536000 kept above the configured cap (e.g. 7 days / recommended 24 h)",
      (await ask("year.json")).fetches !== 1,
    );
    return [first, second, third].map(({ exchanged }) => exchanged);
  },

  "CI-123": async (scene) => {
    const host = await scene.documents();
    host.serve = (response) => response.writeHead(500, { ...jsonType, "cache-control": "max-age=3600" }).end("{}");
    const failed = await scene.send(standardStep);
    host.write = () => ({ client_id: "https://somebody.else.example/o.json" });
    host.serve = serveFor("max-age=3600");
    const invalid = await scene.send(standardStep);
    host.repair();
    const second = await scene.send(standardStep);
    scene.check(
      [failed, invalid].every(({ answer }) => answer.status === 400),
      "an error or an invalid document was accepted",
    );
    scene.mustNot("second attempt failing from cache", !isConsentPage(second.answer));
    return [second];
  },

  // On the redirect URIs of its own site a consent is remembered, so that the change alone is what brings the question back.
  "CI-128": async (scene) => {
    const host = await scene.documents();
    const alice = await scene.spend("alice");
    const [before, after] = [`https://${host.name}/cb`, `https://${host.name}/other`];
    host.serve = serveFor("no-store");
    host.write = (url) => ({ ...goodDocument(url), redirect_uris: [before] });
    const asked = { client: publicClient(host.url, before) };
    await obtainTokens(scene.stage, alice, asked);
    const remembered = await askFor(scene.stage, alice, asked);
    scene.check(parameterOf(remembered.leadsTo, "code") !== undefined, "the consent was not remembered before the change");
    host.write = (url) => ({ ...goodDocument(url), client_name: "Household Budget 2", redirect_uris: [before, after] });
    const changed = await askFor(scene.stage, alice, { client: publicClient(host.url, after) });
    const asBefore = await askFor(scene.stage, alice, asked);
    scene.check(isConsentPage(asBefore.answer), "who it is has changed, and nobody is asked");
    scene.mustNot("silent code to the new URI", changed.leadsTo !== undefined, changed.leadsTo);
    scene.covered.add("consent shown again");
    scene.check(
      isConsentPage(changed.answer) && /has changed/.test(visible(changed.answer.body)),
      "no question, or not that it has changed",
    );
    return [exchangedAt("GET", changed.target, changed.answer)];
  },

  "CI-130": async (scene) => {
    const host = await scene.documents();
    const row = (): Promise<string> => rowsAsText(scene.stage, "SELECT * FROM clients WHERE id = ?", host.url);
    const metadata = ["--name", "Checked by us", "--public", "--redirect-uri", "https://c.example/cb", "--scope", "read write"];
    await scene.stage.operator(["clients", "create", "--id", host.url, ...metadata, "--grant-type", "authorization_code"]);
    const before = await row();
    host.write = (url) => ({ ...goodDocument(url), client_name: "Taken over" });
    const asked = await scene.send(firstStep(scene));
    scene.mustNot("metadata replaced by the fetched document", (await row()) !== before || asked.answer.body.includes("Taken over"));
    scene.mustNot("takeover of an admin-managed client", host.asked.length > 0 || !asked.answer.body.includes("Checked by us"));
    return [asked];
  },
};
