/** PT: a person's own token does what it was made for, and makes nothing else possible. */
import { setTimeout as wait } from "node:timers/promises";
import type { Answer } from "../answer.ts";
import { callApi, isAccepted } from "../authorization.ts";
import { allFormsOf, encodeFields, type Field } from "../form.ts";
import { askForToken, deleteToken, makeToken, tokensPage } from "../personal-tokens.ts";
import { exchangedAt } from "../played.ts";
import type { Scenario } from "../scenarios.ts";
import type { Exchanged, Scene } from "../scene.ts";
import { countRows, readRows, rowsAsText } from "../store-rows.ts";

const posted = (answer: Answer): Exchanged => exchangedAt("POST", tokensPage, answer);

/** The list, as a page and for a script. */
async function lists(scene: Scene): Promise<readonly Exchanged[]> {
  const page = `GET ${tokensPage} HTTP/1.1\nCookie: {sess:alice}`;
  return [await scene.send(page), await scene.send(`${page}\nAccept: application/json`)];
}

const auditOf = (scene: Scene): Promise<string> => rowsAsText(scene.stage, "SELECT * FROM audit_events");

/** The hashes of the personal tokens, in every spelling that a log could have. */
async function hashesOf(scene: Scene): Promise<readonly string[]> {
  const rows = await readRows(scene.stage, "SELECT hash FROM tokens WHERE kind = 'personal'");
  const hashes = rows.map(({ hash }) => Buffer.from(hash instanceof Uint8Array ? hash : []));
  return hashes.flatMap((hash) => [hash.toString("hex"), hash.toString("base64"), hash.toString("base64url")]);
}

export const personalTokens: Readonly<Record<string, Scenario>> = {
  // The guarded API says that the scope is missing; everywhere else the token is nobody's session and nobody's proof.
  "PT-001": async (scene) => {
    const alice = await scene.spend("alice");
    const { id, value } = await makeToken(scene.stage, alice, { scopes: ["read"] });
    await scene.tokens("standard", { client: await scene.client("pub") });
    const { id: clientId } = await scene.client("dcr1");
    const account = [tokensPage, `${tokensPage}/${id}`, `${tokensPage}/${id}/delete`, `/my/connected_apps/${clientId}`];
    const elsewhere = [...account, `/my/connected_apps/${clientId}/disconnect`, "/sign_out", "/mcp", `/oauth/register/${clientId}`];
    const send = (method: string, path: string): Promise<Exchanged> =>
      scene.play({
        method,
        target: path,
        fields: [`Authorization: Bearer ${value}`, "Content-Type: application/json"],
        body: '{"name":"x"}',
      });
    const before = await countRows(scene.stage);
    const [api, others]: [Exchanged[], Exchanged[]] = [[], []];
    for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
      api.push(await send(method, "/api/notes"));
      for (const path of elsewhere) others.push(await send(method, path));
    }
    const done = [...api, ...others].find(({ answer }) => answer.status >= 200 && answer.status < 300);
    scene.mustNot("any 2xx", done !== undefined, `${done?.message.method} ${done?.message.target}`);
    scene.mustNot("any state change", JSON.stringify(await countRows(scene.stage)) !== JSON.stringify(before));
    scene.check(await isAccepted(scene.stage, value), "the token does not even read");
    return api;
  },

  "PT-009": async (scene) => {
    const { value } = await makeToken(scene.stage, await scene.spend("alice"));
    const listed = await lists(scene);
    const hidden = value.slice(-12);
    scene.check(
      listed.every(({ answer }) => answer.body.includes("Night backup")),
      "the token is not listed",
    );
    scene.mustNot(
      "token value after creation response",
      listed.some(({ answer }) => answer.body.includes(hidden)),
    );
    return listed;
  },

  "PT-010": async (scene) => {
    const alice = await scene.spend("alice");
    const values = [];
    for (let turn = 0; turn < 20; turn++) values.push((await makeToken(scene.stage, alice)).value);
    const random = values.map((value) => /^vs_pat_([A-Za-z0-9_-]+)$/.exec(value)?.[1] ?? "");
    scene.mustNot("no recognisable prefix (secret scanners)", random.includes(""), values[0]);
    // Six bits a character, and nothing that all of them share.
    const common = Array.from(random[0] ?? "").findIndex((character, at) => random.some((text) => text.charAt(at) !== character));
    scene.mustNot(
      "< 160 bit of entropy",
      random.some((text) => text.length - common < 27) || new Set(random).size < random.length,
      random[0],
    );
    return [];
  },

  // The longest is 366 days; the operator who takes `never` out of OAUTH_GRANT_CHOICES takes it out here too.
  "PT-011": async (scene) => {
    const stage = await scene.open({ environment: { OAUTH_GRANT_CHOICES: "1d,30d*" } });
    const alice = await stage.cast.member("alice");
    const tooLong = [];
    for (const ends of ["367d", "9999-12-31", "never"]) tooLong.push(posted(await askForToken(stage, alice, { ends })));
    scene.mustNot(
      "longer than the maximum",
      tooLong.some(({ answer }) => answer.status !== 400),
    );
    const { value } = await makeToken(stage, alice, { ends: "1s" });
    scene.check(await isAccepted(stage, value), "a token is not accepted before its end");
    await wait(1_050);
    const late = await callApi(stage, value);
    scene.mustNot("accepted after expiry", late.status === 200);
    return [...tooLong, exchangedAt("GET", "/api/notes", late)];
  },

  "PT-012": async (scene) => {
    const alice = await scene.spend("alice");
    const values = [-1, 0, "-1", "0", "NaN", "1e400", "Infinity", "soon", "2020-01-01", "2027-02-30", "", "0s", null, [], "1d,never"];
    const before = await countRows(scene.stage);
    const answers = [];
    for (const ends of values) answers.push(await askForToken(scene.stage, alice, { ends }));
    const raw = `{"name":"x","scopes":["read"],"ends":1e400}`;
    answers.push(await alice.browser.send("POST", tokensPage, ["Content-Type: application/json", `Origin: ${scene.stage.origin}`], raw));
    scene.mustNot("never-expiring token", (await countRows(scene.stage)).tokens > before.tokens);
    return answers.map(posted);
  },

  // The request of the case has no token of the form; one that has it comes from another site as well.
  "PT-014": async (scene) => {
    const alice = await scene.spend("alice");
    const { id } = await makeToken(scene.stage, alice);
    const forms = allFormsOf((await alice.browser.open(tokensPage)).answer.body);
    const hiddenOf = (action: string): readonly Field[] => forms.find((form) => form.action === action)?.hidden ?? [];
    const deletePath = `${tokensPage}/${id}/delete`;
    const wanted: readonly Field[] = [
      ["name", "x"],
      ["scope", "read"],
      ["ends", "30d"],
    ];
    const foreign = (method: string, target: string, body: string, type = "application/x-www-form-urlencoded"): Promise<Exchanged> => {
      const fields = [`Cookie: ${alice.browser.cookies}`, "Origin: https://evil.example", `Content-Type: ${type}`];
      return scene.play({ method, target, fields, body });
    };
    scene.check(hiddenOf(tokensPage).length > 0 && hiddenOf(deletePath).length > 0, "a form is missing from the page");
    await scene.mark();
    const exchanges = [
      await scene.send(scene.attackCase.steps[0] ?? ""),
      await foreign("POST", tokensPage, encodeFields([...hiddenOf(tokensPage), ...wanted])),
      await foreign("POST", tokensPage, '{"name":"x","scopes":["read"]}', "application/json"),
      await foreign("POST", deletePath, ""),
      await foreign("POST", deletePath, encodeFields(hiddenOf(deletePath))),
      await foreign("DELETE", `${tokensPage}/${id}`, ""),
    ];
    await scene.settle();
    scene.check((await lists(scene))[0]?.answer.body.includes(id) === true, "another site deleted a token");
    return exchanges;
  },

  "PT-015": async (scene) => {
    const alice = await scene.spend("alice");
    const token = await makeToken(scene.stage, alice);
    const second = await scene.open({ beside: scene.stage });
    scene.check(await isAccepted(second, token.value), "the second process does not know the token");
    await deleteToken(alice, token);
    const late = await callApi(second, token.value);
    scene.mustNot("accepted after the documented bound", late.status === 200);
    return [exchangedAt("GET", "/api/notes", late)];
  },

  "PT-016": async (scene) => {
    const alice = await scene.spend("alice");
    const markup = `<img src=x onerror=alert(1)>"'`;
    const names = [markup, "x".repeat(10_240), "a\u0000b", "a\r\nSet-Cookie: x=1", "\u202Egnp.exe", "Twice", "Twice"];
    const exchanges = [];
    for (const name of names) {
      const fresh = allFormsOf((await alice.browser.open(tokensPage)).answer.body).find(({ action }) => action === tokensPage);
      const fields = [...(fresh?.hidden ?? []), ["name", name] as const, ["scope", "read"] as const, ["ends", "30d"] as const];
      const { answer } = await alice.browser.post(tokensPage, fields);
      exchanges.push(posted(answer));
    }
    const listed = await lists(scene);
    const everywhere = [...exchanges, ...listed].map(({ answer }) => (answer.body.startsWith("{") ? "" : answer.body)).join("\n");
    scene.mustNot("script execution in list, audit, admin", everywhere.includes("<img src=x"));
    scene.check(everywhere.includes("&lt;img src=x"), "the name with markup was not even taken");
    scene.check(!/gnp\.exe/.test(everywhere), "a name that reads backwards was taken");
    return [...exchanges, ...listed];
  },

  "PT-017": async (scene) => {
    const alice = await scene.spend("alice");
    let last = await askForToken(scene.stage, alice);
    for (let turn = 1; turn < 1_001 && last.status === 201; turn++) last = await askForToken(scene.stage, alice);
    scene.mustNot("unbounded", last.status === 201);
    return [posted(last)];
  },

  "PT-018": async (scene) => {
    const alice = await scene.spend("alice");
    const { id, value } = await makeToken(scene.stage, alice);
    await callApi(scene.stage, value);
    const listed = await lists(scene);
    const shown = listed.map(({ answer }) => answer.body).join("\n");
    scene.check(shown.includes('"last_used_at"'), "the list does not say when it was used");
    const audit = await auditOf(scene);
    const text = audit + scene.stage.server.output() + shown;
    scene.check(audit.includes(id), "the audit does not know the token");
    const hashes = await hashesOf(scene);
    scene.mustNot(
      "token value or full hash shown",
      [value, ...hashes].some((secret) => text.includes(secret)),
    );
    return listed;
  },
};
