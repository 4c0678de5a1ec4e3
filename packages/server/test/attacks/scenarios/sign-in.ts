/** LG: sessions are made by the right password alone, and end when they should. */
import { setTimeout as wait } from "node:timers/promises";
import { type Answer, allHeaders, header } from "../answer.ts";
import { authorizationLink } from "../authorization.ts";
import { Browser } from "../browser.ts";
import type { Member } from "../cast.ts";
import { exchangedAt, parameterOf } from "../played.ts";
import type { Scenario } from "../scenarios.ts";

const ownPage = "/my/connected_apps";
const sessionPage = (browser: Browser): Promise<Answer> => browser.send("GET", ownPage);

/** The cookie that was set by signing in, not the one every browser has. */
const sessionCookieOf = ({ browser }: Member): string => browser.cookies.split("; ").find((pair) => /session/i.test(pair)) ?? "";

export const signIn: Readonly<Record<string, Scenario>> = {
  "LG-017": async (scene) => {
    const alice = await scene.member("alice");
    const name = sessionCookieOf(alice).split("=")[0] ?? "";
    const step = (scene.attackCase.steps[1] ?? "").replace("Cookie: {sessname}", "Cookie: {presess}; {sessname}");
    const answered = await scene.send(step);
    const planted = await scene.stage.get(ownPage, [`Cookie: ${name}=attacker-chosen`]);
    scene.check(name !== "", "no session cookie was found");
    scene.mustNot(
      "attacker-chosen value authenticated",
      planted.status === 200 || allHeaders(answered.answer, "set-cookie").some((line) => line.includes("attacker-chosen")),
    );
    return [answered];
  },

  "LG-018": async (scene) => {
    const mallory = new Browser(scene.stage.origin);
    const started = await mallory.send("GET", authorizationLink(scene.stage, { client: await scene.client("pub") }));
    const continuation = new URL(header(started, "location") ?? "/sign_in", scene.stage.origin);
    const alice = await scene.spend("alice");
    const opened = await alice.browser.open(continuation.pathname + continuation.search);
    scene.mustNot(
      "mallory's pending request completed as victim without a fresh consent",
      parameterOf(opened.leadsTo, "code") !== undefined,
    );
    return [exchangedAt("GET", opened.target, opened.answer)];
  },

  "LG-022": async (scene) => {
    const asked = await scene.send(scene.attackCase.steps[0] ?? "");
    const { browser } = await scene.member("alice");
    scene.mustNot("session ended by a cross-site GET", (await sessionPage(browser)).status !== 200);
    return [asked];
  },

  "LG-025": async (scene) => {
    const cookie = sessionCookieOf(await scene.member("alice"));
    scene.check(cookie !== "", "no session cookie was found");
    const flipped = cookie.slice(0, -6) + (cookie.at(-6) === "A" ? "B" : "A") + cookie.slice(-5);
    const exchanges = [];
    for (const tampered of [flipped, cookie.slice(0, -4), `${cookie}x`])
      exchanges.push(await scene.send(`GET ${ownPage} HTTP/1.1\nCookie: ${tampered}`));
    scene.mustNot(
      "authenticated",
      exchanges.some(({ answer }) => answer.status === 200),
    );
    return exchanges;
  },

  "LG-031": async (scene) => {
    const stage = await scene.open({ environment: { OAUTH_SESSION_IDLE: "1s", OAUTH_SESSION_LIFETIME: "2s" } });
    const idle = await stage.cast.join("alice");
    await wait(1_200);
    const afterIdle = exchangedAt("GET", ownPage, await sessionPage(idle.browser));
    const busy = await stage.cast.join("bob");
    for (let turn = 0; turn < 3; turn++) {
      await wait(600);
      await sessionPage(busy.browser);
    }
    await wait(400);
    const afterLifetime = exchangedAt("GET", ownPage, await sessionPage(busy.browser));
    scene.mustNot(
      "session alive",
      [afterIdle, afterLifetime].some(({ answer }) => answer.status === 200),
    );
    return [afterIdle, afterLifetime];
  },

  "LG-032": async (scene) => {
    const alice = await scene.spend("alice");
    const second = await scene.stage.cast.signIn(alice);
    scene.check((await sessionPage(second)).status === 200, "the second session never lived");
    await scene.stage.operator(["users", "password", alice.email, "--password-stdin"], "another long password\n");
    const answer = await sessionPage(second);
    scene.mustNot("second session alive", answer.status === 200);
    return [exchangedAt("GET", ownPage, answer)];
  },

  "LG-042": async (scene) => {
    const alice = await scene.member("alice");
    const query = new URLSearchParams({ email: alice.email, password: alice.password });
    const exchanges = [await scene.send(`HEAD /sign_in?${query} HTTP/1.1`), await scene.send(`GET /sign_in?${query} HTTP/1.1`)];
    const browser = new Browser(scene.stage.origin);
    for (const { answer } of exchanges) for (const line of allHeaders(answer, "set-cookie")) browser.keep(line);
    scene.mustNot("session established", (await sessionPage(browser)).status === 200);
    scene.mustNot(
      "credentials in access log",
      [alice.password, encodeURIComponent(alice.password), new URLSearchParams({ p: alice.password }).toString().slice(2)].some((text) =>
        scene.stage.server.output().includes(text),
      ),
    );
    return exchanges;
  },

  "LG-043": async (scene) => {
    const members = await Promise.all(Array.from({ length: 10 }, (_, index) => scene.stage.cast.join(`user${index}`)));
    const fifty = Array.from({ length: 50 }, (_, turn) => members[turn % members.length]).filter((member) => member !== undefined);
    const shown = await Promise.all(
      fifty.map(async (member) => {
        const browser = await scene.stage.cast.signIn(member);
        return { member, answer: await sessionPage(browser) };
      }),
    );
    scene.mustNot(
      "any cookie resolving to another user",
      shown.some(({ member, answer }) => answer.status !== 200 || !answer.body.includes(member.email)),
    );
    return [];
  },

  "LG-044": async (scene) => {
    const alice = await scene.member("alice");
    const sessions = await Promise.all(
      Array.from(
        { length: 40 },
        async () => sessionCookieOf({ ...alice, browser: await scene.stage.cast.signIn(alice) }).split("=")[1] ?? "",
      ),
    );
    scene.mustNot("duplicates", new Set(sessions).size < sessions.length);
    scene.mustNot(
      "< 128 bit",
      sessions.some((session) => session.length < 22),
      sessions[0],
    );
    return [];
  },
};
