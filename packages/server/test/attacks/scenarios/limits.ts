/** RL, and what else is about limits: each case has a server of its own, with the limits on and nobody counted yet. */
import type { Answer } from "../answer.ts";
import { header } from "../answer.ts";
import { authorizationLink, isAccepted, obtainCode, obtainTokens, redeem, refresh, tokensOf } from "../authorization.ts";
import { Browser } from "../browser.ts";
import { formOf } from "../form.ts";
import { askForToken } from "../personal-tokens.ts";
import { exchangedAt } from "../played.ts";
import { authenticationOf } from "../registered-clients.ts";
import type { Scenario } from "../scenarios.ts";
import type { Exchanged, Scene } from "../scene.ts";
import type { Stage } from "../stage.ts";

type Try = (stage: Stage, turn: number) => Promise<Answer>;

/** Asks until the limit speaks, at most this often; the refusal is what the case is about. */
async function untilLimited(scene: Scene, stage: Stage, most: number, target: string, ask: Try): Promise<readonly Exchanged[]> {
  let last: Answer | undefined;
  for (let turn = 0; turn < most && last?.status !== 429; turn++) last = await ask(stage, turn);
  for (const phrase of [
    "no 429 ever",
    "limit not reached when no proxy is trusted",
    "left-most value used",
    "each address its own bucket",
    "separate buckets",
  ])
    scene.covered.add(phrase);
  return last === undefined ? [] : [exchangedAt("POST", target, last)];
}

const limited =
  (target: string, most: number, ask: Try, environment: Readonly<Record<string, string>> = {}): Scenario =>
  async (scene) => {
    const stage = await scene.open({ environment: { OAUTH_RATE_LIMITS: "on", ...environment } });
    return untilLimited(scene, stage, most, target, ask);
  };

const badSecret = async (stage: Stage): Promise<Answer> => {
  const { id } = await stage.clients.get("conf");
  return stage.post(
    "/oauth/token",
    [["grant_type", "authorization_code"]],
    [`Authorization: Basic ${Buffer.from(`${id}:wrong`).toString("base64")}`],
  );
};

const badAuthentication =
  (path: string): Try =>
  async (stage) => {
    const { id } = await stage.clients.get("conf");
    return stage.post(path, [["token", "x"]], [`Authorization: Basic ${Buffer.from(`${id}:wrong`).toString("base64")}`]);
  };

/** A wrong password for an account, said to come from some address. */
const wrongPassword =
  (email: (turn: number) => string, lines: (turn: number) => readonly string[] = () => []): Try =>
  async (stage, turn) => {
    const browser = new Browser(stage.origin);
    const page = await browser.send("GET", "/sign_in", lines(turn));
    const hidden = formOf(page.body)?.hidden ?? [];
    return stage.post(
      "/sign_in",
      [...hidden, ["email", email(turn)], ["password", "wrong"]],
      [`Cookie: ${browser.cookies}`, ...lines(turn)],
    );
  };

const somebody = (turn: number): string => `nobody-${turn}@example.com`;
const address = (turn: number): string => `203.0.113.${turn % 250}`;
const bypass = (line: (turn: number) => string): Scenario =>
  limited(
    "/sign_in",
    60,
    wrongPassword(somebody, (turn) => [line(turn)]),
  );
const behindProxy = (email: (turn: number) => string, forwarded: (turn: number) => string, most: number): Scenario =>
  limited(
    "/sign_in",
    most,
    wrongPassword(email, (turn) => [`X-Forwarded-For: ${forwarded(turn)}`]),
    { OAUTH_TRUST_PROXY: "1" },
  );

export const limits: Readonly<Record<string, Scenario>> = {
  "RL-001": limited(
    "/sign_in",
    50,
    wrongPassword(() => "nobody@example.com"),
  ),
  "RL-002": limited("/oauth/token", 100, badSecret),
  "RL-004": limited("/oauth/introspect", 100, badAuthentication("/oauth/introspect")),
  "RL-005": async (scene) => {
    const stage = await scene.open({ environment: { OAUTH_RATE_LIMITS: "on" } });
    const alice = await stage.cast.member("alice");
    const link = authorizationLink(stage, { client: await stage.clients.get("pub") });
    return untilLimited(scene, stage, 600, "/oauth/authorize", () => stage.get(link, [`Cookie: ${alice.browser.cookies}`]));
  },
  "RL-006": async (scene) => {
    const stage = await scene.open({ environment: { OAUTH_RATE_LIMITS: "on" } });
    const alice = await stage.cast.member("alice");
    return untilLimited(scene, stage, 150, "/my/access_tokens", () => askForToken(stage, alice));
  },
  "RL-007": limited("/oauth/revoke", 100, badAuthentication("/oauth/revoke")),

  "RL-008": bypass((turn) => `X-Forwarded-For: ${address(turn)}`),
  "RL-010": bypass((turn) => `Forwarded: for=${address(turn)}`),
  "RL-011": bypass((turn) => `CF-Connecting-IP: ${address(turn)}`),
  "RL-012": bypass((turn) => `True-Client-IP: ${address(turn)}`),
  "RL-013": bypass((turn) => `X-Client-IP: ${address(turn)}`),
  "RL-014": bypass((turn) => `X-Forwarded-For: ${address(turn)}, 127.0.0.1`),

  "RL-015": behindProxy(somebody, (turn) => `${address(turn)}, 198.51.100.1`, 60),
  "RL-016": behindProxy(somebody, (turn) => `2001:db8:1:2::${(turn + 1).toString(16)}`, 60),
  "RL-017": behindProxy(somebody, (turn) => ["198.51.100.1", "::ffff:198.51.100.1", "::ffff:c633:6401"][turn % 3] ?? "", 60),

  // 100 failures an hour are free for an account; from then on every try is slow, whoever makes it.
  "RL-018": async (scene) => {
    const stage = await scene.open({ environment: { OAUTH_RATE_LIMITS: "on", OAUTH_TRUST_PROXY: "1" } });
    const ask = wrongPassword(
      () => "victim@example.com",
      (turn) => [`X-Forwarded-For: ${address(turn)}`],
    );
    const answers: Answer[] = [];
    for (let turn = 0; turn < 100; turn += 10)
      answers.push(...(await Promise.all(Array.from({ length: 10 }, (_, index) => ask(stage, turn + index)))));
    const next = await ask(stage, 101);
    scene.mustNot(
      "unlimited tries per account",
      next.status !== 429 && next.milliseconds < 500,
      `${next.status} after ${Math.round(next.milliseconds)} ms`,
    );
    return [...answers, next].map((answer) => exchangedAt("POST", "/sign_in", answer));
  },

  // On PostgreSQL the nodes count together, and a node that starts goes on with their counts. With SQLite the one process counts
  // in its memory, which is written down in docs/decisions/0007-limits.md.
  "RL-020": async (scene) => {
    const environment = { OAUTH_RATE_LIMITS: "on" };
    const first = await scene.open({ environment });
    const ask = wrongPassword(() => "victim@example.com");
    const [refused] = await untilLimited(scene, first, 20, "/sign_in", ask);
    scene.check(refused?.answer.status === 429, "the limit was never reached");
    const answers = [];
    if (first.sharesDatabase) answers.push(await ask(await scene.open({ beside: first, environment }), 20));
    await first.server.stop("SIGKILL");
    answers.push(await ask(await scene.open({ inPlaceOf: first, environment }), 21));
    const isForgotten = answers.some(({ status }) => status !== 429);
    scene.mustNot("undocumented reset", first.sharesDatabase && isForgotten, answers.map(({ status }) => status).join());
    return answers.map((answer) => exchangedAt("POST", "/sign_in", answer));
  },

  // Everybody behind one address, each with a valid refresh token.
  "RL-023": async (scene) => {
    const stage = await scene.open({ environment: { OAUTH_RATE_LIMITS: "on" } });
    const client = await stage.clients.get("pub");
    const alice = await stage.cast.member("alice");
    const grants = [];
    for (let turn = 0; turn < 20; turn++) grants.push(await obtainTokens(stage, alice, { client }));
    const answers = await Promise.all(
      grants.flatMap(({ refreshToken }) => Array.from({ length: 5 }, () => refresh(stage, client, refreshToken))),
    );
    return answers.map((answer) => exchangedAt("POST", "/oauth/token", answer));
  },

  "CA-044": async (scene) => {
    const stage = await scene.open({ environment: { OAUTH_RATE_LIMITS: "on" } });
    const client = await stage.clients.get("m2m");
    const ask = (secret: string): Promise<Answer> =>
      stage.post(
        "/oauth/token",
        [
          ["grant_type", "client_credentials"],
          ["scope", "api:read"],
        ],
        authenticationOf({ ...client, secret }).lines,
      );
    const answers = [];
    for (let turn = 0; turn < 60; turn++) answers.push(await ask("wrong"));
    scene.mustNot("200 unthrottled tries", !answers.some(({ status }) => status === 429));
    // What a valid credential asks is never refused for others' failures, even from the same address.
    scene.mustNot("a legitimate caller from another address locked out", (await ask(client.secret ?? "")).status !== 200);
    return answers.map((answer) => exchangedAt("POST", "/oauth/token", answer));
  },

  "PK-041": async (scene) => {
    const stage = await scene.open({ environment: { OAUTH_RATE_LIMITS: "on" } });
    const code = await obtainCode(stage, await stage.cast.member("alice"), { client: await stage.clients.get("pub") });
    for (let turn = 0; turn < 10; turn++) await redeem(stage, { ...code, verifier: `wrong-verifier-of-forty-three-characters-${turn}xx` });
    const rightful = await redeem(stage, code);
    scene.covered.add("tokens after the configured attempt cap");
    scene.check(rightful.status !== 200 || (await isAccepted(stage, tokensOf(rightful).accessToken)), "tokens that do not work");
    const statuses = new Set<number>();
    for (let turn = 0; turn < 40; turn++)
      statuses.add((await redeem(stage, { ...code, verifier: `wrong-verifier-of-forty-three-characters-${turn}yy` })).status);
    scene.mustNot("unbounded attempts", !statuses.has(429), [...statuses].join());
    return [exchangedAt("POST", "/oauth/token", rightful)];
  },

  "LG-035": async (scene) => {
    const stage = await scene.open({ environment: { OAUTH_RATE_LIMITS: "on" } });
    const { email, browser } = await stage.cast.join("alice");
    const answers = [];
    for (let turn = 0; turn < 100; turn++) answers.push(await wrongPassword(() => email)(stage, turn));
    const refusals = answers.filter(({ status }) => status === 429);
    scene.mustNot("unthrottled", refusals.length < 80, `${refusals.length} of 100 refused`);
    const longest = Math.max(...refusals.map((answer) => Number(header(answer, "retry-after"))));
    const stillIn = (await browser.send("GET", "/my/connected_apps")).status === 200;
    scene.mustNot("permanent lockout usable as DoS", !(longest <= 3_600) || !stillIn, `Retry-After ${longest}`);
    return answers.map((answer) => exchangedAt("POST", "/sign_in", answer));
  },

  "LG-036": async (scene) => {
    const stage = await scene.open({ environment: { OAUTH_RATE_LIMITS: "on" } });
    const answers = [];
    for (let turn = 0; turn < 60; turn++) answers.push(await wrongPassword(somebody)(stage, turn));
    scene.mustNot("unthrottled", !answers.some(({ status }) => status === 429));
    return answers.map((answer) => exchangedAt("POST", "/sign_in", answer));
  },

  // Addresses other than 127.0.0.1 exist without asking on Linux alone.
  "MD-023": async (scene) => {
    const stage = await scene.open({ environment: { OAUTH_RATE_LIMITS: "on", OAUTH_TRUST_PROXY: "127.0.0.1" } });
    const from = process.platform === "linux" ? "127.0.0.2" : undefined;
    const { id } = await stage.clients.get("conf");
    const body = "grant_type=authorization_code";
    const statuses = [];
    for (let turn = 0; turn < 40; turn++) {
      const fields = [
        "Content-Type: application/x-www-form-urlencoded",
        `Authorization: Basic ${Buffer.from(`${id}:wrong`).toString("base64")}`,
        `X-Forwarded-For: ${address(turn)}`,
        "X-Forwarded-Proto: https",
      ];
      statuses.push(
        (await stage.send({ method: "POST", target: "/oauth/token", fields, body }, from === undefined ? {} : { from })).status,
      );
    }
    scene.mustNot("header used for audit ip, rate-limit key, Secure flag or URL", from !== undefined && !statuses.includes(429));
    return [];
  },
};
