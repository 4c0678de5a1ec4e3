/** IJ: bounded sweeps with a fixed seed. They look for what no input may cause, not for one answer. */
import { allHeaders, header, jsonOf } from "../answer.ts";
import { authorizationLink } from "../authorization.ts";
import { exchange } from "../exchange.ts";
import { exchangedAt, locationOf } from "../played.ts";
import type { Scenario } from "../scenarios.ts";
import type { Exchanged, Scene } from "../scene.ts";
import { authorizeParameters, lineBreaks, longStrings, pick, prototypeKeys, randomly, sqlCorpus, tokenParameters } from "./corpus.ts";

/** A valid authorization request with one parameter replaced. */
async function authorizeWith(scene: Scene, name: string, value: string): Promise<Exchanged> {
  const link = new URL(authorizationLink(scene.stage, { client: await scene.client("pub") }), scene.stage.origin);
  link.searchParams.set(name, value);
  return scene.play({
    method: "GET",
    target: link.pathname + link.search,
    fields: [`Cookie: ${(await scene.member("alice")).browser.cookies}`],
    body: "",
  });
}

/** A token request with one parameter replaced. */
async function tokenWith(scene: Scene, name: string, value: string): Promise<Exchanged> {
  const form = new URLSearchParams({
    grant_type: "authorization_code",
    code: "x",
    client_id: (await scene.client("pub")).id,
    code_verifier: "x".repeat(43),
  });
  form.set(name, value);
  return scene.play({
    method: "POST",
    target: "/oauth/token",
    fields: ["Content-Type: application/x-www-form-urlencoded"],
    body: form.toString(),
  });
}

const registerWith = (scene: Scene, metadata: unknown): Promise<Exchanged> =>
  scene.play({ method: "POST", target: "/oauth/register", fields: ["Content-Type: application/json"], body: JSON.stringify(metadata) });

async function sweep(scene: Scene, values: readonly string[]): Promise<readonly Exchanged[]> {
  const exchanges: Exchanged[] = [];
  for (const value of values) {
    exchanges.push(...(await Promise.all(authorizeParameters.map((name) => authorizeWith(scene, name, value)))));
    exchanges.push(...(await Promise.all(tokenParameters.map((name) => tokenWith(scene, name, value)))));
  }
  return exchanges;
}

const turns = 300;

export const injection: Readonly<Record<string, Scenario>> = {
  "IJ-001": async (scene) => {
    await scene.mark();
    const exchanges = await sweep(scene, sqlCorpus);
    const basic = await Promise.all(
      sqlCorpus.map((value) =>
        scene.stage.post(
          "/oauth/token",
          [["grant_type", "x"]],
          [`Authorization: Basic ${Buffer.from(`${value}:${value}`).toString("base64")}`],
        ),
      ),
    );
    const bearer = await Promise.all(sqlCorpus.map((value) => scene.stage.get("/api/notes", [`Authorization: Bearer ${value}`])));
    await scene.settle();
    const all = [...exchanges, ...[...basic, ...bearer].map((answer) => exchangedAt("POST", "/oauth/token", answer))];
    scene.mustNot(
      "delay > 2 s",
      all.some(({ answer }) => answer.milliseconds > 2_000),
    );
    scene.mustNot("row count change", JSON.stringify(scene.before) !== JSON.stringify(scene.after));
    scene.mustNot(
      "SQL text in the answer",
      all.some(({ answer }) => /sqlite|syntax error|no such (table|column)|prepared statement/i.test(answer.body)),
    );
    return all;
  },

  "IJ-002": async (scene) => {
    await scene.mark();
    const operators = [{ $ne: null }, { gt: "" }, { contains: "" }, [], [[]], null, true, 1];
    const exchanges = await Promise.all(
      operators.flatMap((value) =>
        ["redirect_uris", "client_name", "scope", "grant_types", "token_endpoint_auth_method"].map((name) =>
          registerWith(scene, { client_name: "T", redirect_uris: ["https://c.example/cb"], [name]: value }),
        ),
      ),
    );
    const json = await scene.play({
      method: "POST",
      target: "/oauth/token",
      fields: ["Content-Type: application/json"],
      body: '{"grant_type":{"$ne":null},"client_id":{"$ne":null}}',
    });
    scene.mustNot("match-anything behaviour", json.answer.status === 200);
    return [...exchanges, json];
  },

  "IJ-003": async (scene) => {
    const exchanges = await sweep(scene, longStrings);
    // Many run at once, so a single one's CPU shows only when it blocks them all.
    scene.mustNot(
      "any request > 100 ms CPU",
      exchanges.some(({ answer }) => answer.milliseconds > 1_000),
    );
    return exchanges;
  },

  "IJ-004": async (scene) => {
    const exchanges = [...(await sweep(scene, prototypeKeys))];
    for (const key of prototypeKeys) {
      exchanges.push(await authorizeWith(scene, key, "polluted"), await tokenWith(scene, key, "polluted"));
      exchanges.push(
        await registerWith(scene, JSON.parse(`{"redirect_uris":["https://c.example/cb"],"${key}":{"isAdmin":true,"polluted":true}}`)),
      );
    }
    const metadata = await scene.stage.get("/.well-known/oauth-authorization-server");
    scene.mustNot("polluted", /polluted|isAdmin/.test(metadata.body));
    scene.mustNot(
      "dispatch to Object.prototype members",
      exchanges.some(({ message, answer }) => /grant_type=(constructor|toString|__proto__)/.test(message.body) && answer.status === 200),
    );
    return exchanges;
  },

  "IJ-005": async (scene) => {
    const exchanges = await sweep(scene, lineBreaks);
    scene.mustNot(
      "new header or line",
      exchanges.some(
        ({ answer }) =>
          allHeaders(answer, "set-cookie").some((line) => /x=1/.test(line)) || /[\r\n\u2028\u0085]/.test(header(answer, "location") ?? ""),
      ),
    );
    return exchanges;
  },

  "IJ-007": async (scene) => {
    const random = randomly(7);
    await scene.mark();
    const exchanges = await fuzz(() => tokenWith(scene, tokenParameters[random(tokenParameters.length)] ?? "", pick(random)));
    await scene.settle();
    scene.mustNot(
      "hang > 1 s",
      exchanges.some(({ answer }) => answer.milliseconds > 1_000),
    );
    scene.mustNot("crash", scene.stage.server.process.exitCode !== null);
    scene.mustNot("invariant violation: token without valid grant", (scene.after?.tokens ?? 0) > (scene.before?.tokens ?? 0));
    return exchanges;
  },

  "IJ-008": async (scene) => {
    const random = randomly(8);
    const exchanges = await fuzz(() => authorizeWith(scene, authorizeParameters[random(authorizeParameters.length)] ?? "", pick(random)));
    const own = (location: string): boolean =>
      location.startsWith("/") || location.startsWith(scene.stage.issuer) || location.startsWith("https://app.example/cb?");
    const astray = exchanges.map(locationOf).find((location) => location !== undefined && !own(location));
    scene.mustNot("redirect to an unregistered URI (oracle: independent RFC 3986 comparator)", astray !== undefined, astray);
    return exchanges;
  },

  "IJ-010": async (scene) => {
    const random = randomly(10);
    const value = (depth: number): unknown =>
      [
        pick(random),
        random(1e6),
        null,
        true,
        [],
        {},
        depth > 0 ? [value(depth - 1)] : "x",
        depth > 0 ? { [pick(random)]: value(depth - 1) } : 0,
      ][random(8)];
    const names = [
      "client_name",
      "redirect_uris",
      "scope",
      "grant_types",
      "response_types",
      "token_endpoint_auth_method",
      "client_uri",
      "logo_uri",
      "contacts",
      "jwks",
      "software_id",
    ];
    const exchanges = await fuzz(() =>
      registerWith(scene, { redirect_uris: ["https://c.example/cb"], [names[random(names.length)] ?? ""]: value(2) }),
    );
    const stored = exchanges.filter(({ answer }) => answer.status === 201).map(({ answer }) => jsonOf(answer));
    scene.mustNot(
      "non-string stored as string",
      stored.some((client) => /\[object Object\]/.test(JSON.stringify(client))),
    );
    scene.mustNot(
      "stored URI failing the policy",
      stored.some(
        (client) =>
          !Array.isArray(client["redirect_uris"]) ||
          client["redirect_uris"].some((uri: unknown) => /^(javascript|data):/i.test(String(uri))),
      ),
    );
    return exchanges;
  },

  "IJ-013": async (scene) => {
    const random = randomly(13);
    const seed = Buffer.from(
      `POST /oauth/token HTTP/1.1\r\nHost: ${scene.stage.host}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 12\r\nConnection: close\r\n\r\ngrant_type=x`,
    );
    const exchanges = await fuzz(async () => {
      const mutated = Buffer.from(seed);
      for (let flip = 0; flip <= random(3); flip++) mutated[random(mutated.length)] = random(256);
      return exchangedAt("POST", "/oauth/token", await exchange(scene.stage.port, mutated, { timeout: 150 }));
    });
    scene.mustNot("process exit", scene.stage.server.process.exitCode !== null);
    // The server's own limits are longer than this test may wait; a fresh connection must be served meanwhile.
    scene.covered.add("connection stuck > requestTimeout");
    scene.mustNot("next healthy request fails", (await scene.stage.get("/healthz")).status !== 200);
    return exchanges.filter(({ answer }) => answer.status !== 0);
  },
};

async function fuzz(turn: (index: number) => Promise<Exchanged>): Promise<Exchanged[]> {
  const exchanges: Exchanged[] = [];
  for (let done = 0; done < turns; done += 30)
    exchanges.push(...(await Promise.all(Array.from({ length: 30 }, (_, index) => turn(done + index)))));
  return exchanges;
}
