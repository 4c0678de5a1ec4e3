/** AZ: what an authorization request may and may not bring about. */

import { memberOf } from "../answer.ts";
import { askFor, authorizationLink, obtainCode, obtainTokens } from "../authorization.ts";
import { isConsentPage, parameterOf } from "../played.ts";
import type { Scenario } from "../scenarios.ts";
import type { Exchanged } from "../scene.ts";
import { allRows } from "../store-rows.ts";

const hostileState = `a b+c%&=?#"<>'é漢\u2028`;

export const authorizationRequests: Readonly<Record<string, Scenario>> = {
  "AZ-032": async (scene) => {
    await obtainTokens(scene.stage, await scene.spend("alice"), { client: await scene.client("pub") });
    return [await scene.send(scene.attackCase.steps[0] ?? "")];
  },

  "AZ-034": async (scene) => {
    const alice = await scene.spend("alice");
    const page = await askFor(scene.stage, alice, { client: await scene.client("pub"), state: hostileState });
    const decided = await scene.decide(alice, page, "allow");
    const returned = new URL(decided.landing ?? "about:blank").searchParams.get("state") ?? "";
    scene.covered.add("state decodes to exactly the input");
    scene.mustNot("truncation", returned.length < hostileState.length, returned);
    scene.mustNot("double encoding", returned !== hostileState, returned);
    scene.mustNot("HTML/JS execution on any page showing it", page.answer.body.includes(`"<>'`));
    return [decided];
  },

  "AZ-037": async (scene) => {
    const opened = await scene.send(scene.attackCase.steps[0] ?? "");
    if (isConsentPage(opened.answer)) {
      const alice = await scene.spend("alice");
      const state = "A".repeat(16_384);
      const { landing } = await scene.decide(
        alice,
        await askFor(scene.stage, alice, { client: await scene.client("pub"), state }),
        "allow",
      );
      scene.mustNot(
        "state silently truncated",
        parameterOf(landing, "state") !== state,
        `${parameterOf(landing, "state")?.length} characters`,
      );
    } else {
      scene.covered.add("state silently truncated");
    }
    return [opened];
  },

  "AZ-038": async (scene) => {
    const alice = await scene.spend("alice");
    const decided = await scene.decide(alice, await askFor(scene.stage, alice, { client: await scene.client("pub") }), "allow");
    const metadata = await scene.stage.get("/.well-known/oauth-authorization-server", ["Host: evil.example"]);
    const issuers = new URLSearchParams(decided.landing?.split("?")[1]).getAll("iss");
    scene.covered.add("exactly one iss, byte-equal to metadata.issuer");
    scene.check(issuers.length === 1 && issuers[0] === memberOf(metadata, "issuer"), `iss ${issuers.join()} is not the metadata's issuer`);
    scene.mustNot(
      "iss from Host header",
      issuers.some((issuer) => issuer.includes("evil.example")),
    );
    return [decided];
  },

  // Every other case is held to this too (invariants.ts); here are the errors with the worst input.
  "AZ-040": async (scene) => {
    scene.covered.add(scene.attackCase.expected.body ?? "");
    scene.covered.add("quotes, backslash, CR/LF, non-ASCII, reflected user input");
    const value = encodeURIComponent(`"\\\r\né<script>`);
    const client = await scene.client("pub");
    const link = authorizationLink(scene.stage, { client });
    const form = (body: string): Promise<Exchanged> =>
      scene.send(`POST /oauth/token HTTP/1.1\nContent-Type: application/x-www-form-urlencoded\n\n${body}`);
    const exchanges = [
      await scene.send(`GET ${link}&scope=${value} HTTP/1.1\nCookie: {sess:alice}`),
      await scene.send(`GET ${link.replace("scope=read", `scope=${value}`)} HTTP/1.1\nCookie: {sess:alice}`),
      await scene.send(`GET ${link.replace("response_type=code", `response_type=${value}`)} HTTP/1.1\nCookie: {sess:alice}`),
      await form(`grant_type=${value}&client_id=${client.id}`),
      await form(`grant_type=authorization_code&code=${value}&client_id=${client.id}&code_verifier=${value}`),
      await form(`grant_type=authorization_code&code=x&client_id=${value}`),
      await form(`grant_type=refresh_token&refresh_token=${value}&client_id=${client.id}&scope=${value}&resource=${value}`),
      await scene.send(`POST /oauth/register HTTP/1.1\nContent-Type: application/json\n\n{"redirect_uris":["\\"\\\\\\r\\né"]}`),
      await scene.send(`GET /api/notes HTTP/1.1\nAuthorization: Bearer "\\x`),
    ];
    const bodies = exchanges.map(({ answer }) => memberOf(answer, "error_description") ?? "");
    scene.check(!bodies.some((body) => body.includes("script")), "an error_description reflects what was sent");
    return exchanges;
  },

  "AZ-049": async (scene) => {
    const alice = await scene.spend("alice");
    const first = await askFor(scene.stage, alice, { client: await scene.client("pub"), state: "first" });
    await askFor(scene.stage, alice, { client: await scene.client("pub2"), state: "second" });
    const decided = await scene.decide(alice, first, "allow");
    scene.covered.add("pub's URI and state");
    scene.mustNot("pub2's parameters used", decided.landing?.startsWith("https://app.example/cb?") !== true, decided.landing);
    scene.mustNot("H1 lost", parameterOf(decided.landing, "state") !== "first");
    return [decided];
  },

  "AZ-050": async (scene) => {
    const client = await scene.client("pub");
    const before = await allRows(scene.stage);
    const exchanges = await manyTimes(300, (turn) =>
      scene.send(`GET ${authorizationLink(scene.stage, { client, state: `s${turn}` })} HTTP/1.1`),
    );
    const after = await allRows(scene.stage);
    scene.mustNot("unbounded pending rows (assert <= configured cap or TTL purge)", after > before + 10, `${after - before} rows`);
    return exchanges;
  },

  "AZ-051": async (scene) => {
    const alice = await scene.spend("alice");
    const client = await scene.client("pub");
    const codes: string[] = [];
    for (let turn = 0; turn < 150; turn++) codes.push((await obtainCode(scene.stage, alice, { client })).value);
    const first = codes[0] ?? "";
    const common = Array.from({ length: first.length }, (_, index) => index).findIndex((index) =>
      codes.some((code) => code.charAt(index) !== first.charAt(index)),
    );
    scene.covered.add(scene.attackCase.expected.body ?? "");
    scene.check(new Set(codes).size === codes.length, "duplicate codes");
    scene.check(
      codes.every((code) => /^[\w.~-]{27,}$/.test(code)),
      `codes are short or not of unreserved characters: ${codes[0]}`,
    );
    scene.mustNot("sequential/time-derived part", common > 6, `the first ${common} characters never change`);
    return [];
  },
};

async function manyTimes(count: number, send: (turn: number) => Promise<Exchanged>): Promise<Exchanged[]> {
  const exchanges: Exchanged[] = [];
  for (let turn = 0; turn < count; turn += 50)
    exchanges.push(...(await Promise.all(Array.from({ length: 50 }, (_, index) => send(turn + index)))));
  return exchanges;
}
