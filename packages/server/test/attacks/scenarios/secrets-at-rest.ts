/** ST: no credential is kept or printed in clear. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { callApi, obtainTokens, refresh } from "../authorization.ts";
import { longestText, parseMembers } from "../json.ts";
import { makeToken } from "../personal-tokens.ts";
import { hasControlCharacters } from "../played.ts";
import type { Scenario } from "../scenarios.ts";
import type { Scene } from "../scene.ts";
import type { Stage } from "../stage.ts";
import { allValues, changeDatabase, readRows, rowsAsText } from "../store-rows.ts";

/** Everything the server keeps, and everything it has printed. */
async function kept(stage: Stage): Promise<string> {
  const files = readdirSync(stage.server.directory).filter((name) => name.startsWith("vouchsafe.db"));
  // A file of SQLite also has what was removed.
  return [...files.map((name) => readFileSync(join(stage.server.directory, name), "latin1")), await allValues(stage)].join("\n");
}

/** One flow of each kind on this server, besides what the cases before have left there. */
async function everythingOnce(scene: Scene): Promise<void> {
  const { stage } = scene;
  const alice = await scene.spend("alice");
  const client = await scene.client("conf");
  const { refreshToken } = await obtainTokens(stage, alice, { client });
  await refresh(stage, client, refreshToken);
  await scene.client("dcr");
  await makeToken(stage, alice);
  stage.issued.push({
    kind: "session",
    value:
      alice.browser.cookies
        .split("; ")
        .find((pair) => /session/i.test(pair))
        ?.split("=")[1] ?? "",
  });
}

const notKept =
  (kind: string): Scenario =>
  async (scene) => {
    await everythingOnce(scene);
    const values = scene.stage.issued.filter((each) => each.kind === kind && each.value !== "").map(({ value }) => value);
    const database = await kept(scene.stage);
    const hits = values.filter((value) => database.includes(value));
    scene.check(values.length > 0, `nothing of the kind ${kind} was issued`);
    scene.mustNot("one hit", hits.length > 0, `${hits.length} of ${values.length}`);
    return [];
  };

/** The JavaScript that runs, of both packages. */
function builtFiles(): string[] {
  const packages = join(import.meta.dirname, "../../../..");
  return ["vouchsafe", "server"].flatMap((name) =>
    readdirSync(join(packages, name, "dist"), { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".js"))
      .map((path) => join(packages, name, "dist", path)),
  );
}

const linesOf = (stage: Stage): readonly string[] =>
  stage.server
    .output()
    .split("\n")
    .filter((line) => line.trim() !== "");

const isJson = (line: string): boolean => {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
};

export const secretsAtRest: Readonly<Record<string, Scenario>> = {
  "ST-001": notKept("access_token"),
  "ST-002": notKept("refresh_token"),
  "ST-003": notKept("code"),
  "ST-005": notKept("personal token"),
  "ST-006": notKept("registration_access_token"),
  "ST-008": notKept("session"),

  "ST-007": async (scene) => {
    const stage = await scene.open({ environment: { OAUTH_REGISTRATION: "token" } });
    const token = longestText(parseMembers(await stage.operator(["registration-tokens", "create", "--json"])));
    scene.check(token.length > 20, "no token was printed");
    scene.mustNot("one hit", (await kept(stage)).includes(token));
    return [];
  },

  // A row that holds the token itself instead of its hash finds nobody.
  "ST-010": async (scene) => {
    const { accessToken } = await scene.tokens("standard", { client: await scene.client("pub") });
    const forged = `${accessToken.slice(0, -6)}abcdef`;
    await changeDatabase(
      scene.stage,
      "INSERT INTO tokens (hash, kind, grant_id, client_id, scope, audience, issued_at, expires_at) SELECT ?, kind, grant_id, client_id, scope, audience, issued_at, expires_at FROM tokens WHERE kind = 'access' ORDER BY issued_at DESC LIMIT 1",
      Buffer.from(forged),
    );
    scene.mustNot("accepted silently for ever", (await callApi(scene.stage, forged)).status === 200);
    return [];
  },

  "ST-011": async (scene) => {
    await scene.tokens("standard", { client: await scene.client("pub") });
    const [row] = await readRows(scene.stage, "SELECT hash FROM tokens ORDER BY issued_at DESC LIMIT 1");
    const stored = row?.["hash"];
    const hash = Buffer.from(stored instanceof Uint8Array ? stored : []);
    scene.check(hash.length > 0, "no hash was found");
    const spellings = ["hex", "base64url", "latin1"].map((encoding) =>
      hash.toString(encoding === "hex" ? "hex" : encoding === "latin1" ? "latin1" : "base64url"),
    );
    const statuses = [];
    for (const spelling of [...spellings, `vs_at_${spellings[1]}`])
      statuses.push((await callApi(scene.stage, spelling.replace(/[^\x21-\x7e]/g, "x"))).status);
    scene.mustNot("accepted", statuses.includes(200));
    return [];
  },

  "ST-012": async (scene) => {
    await everythingOnce(scene);
    const text = linesOf(scene.stage).join("\n") + (await rowsAsText(scene.stage, "SELECT * FROM audit_events"));
    const hits = scene.stage.issued.filter(({ value }) => value !== "" && text.includes(value)).map(({ kind }) => kind);
    scene.check(scene.stage.issued.length > 5, "too little was issued to be found");
    scene.mustNot(
      "one hit for tokens, codes, secrets, passwords, cookies, Authorization, code_verifier",
      hits.length > 0,
      [...new Set(hits)].join(),
    );
    return [];
  },

  "ST-013": async (scene) => {
    const { id } = await scene.client("conf");
    const secret = "canary-of-a-wrong-secret";
    const basic = Buffer.from(`${id}:${secret}`).toString("base64");
    await scene.stage.post("/oauth/token", [["grant_type", "authorization_code"]], [`Authorization: Basic ${basic}`]);
    await scene.stage.post("/oauth/token", [
      ["grant_type", "authorization_code"],
      ["client_id", (await scene.client("confp")).id],
      ["client_secret", secret],
    ]);
    const text = scene.stage.server.output() + (await kept(scene.stage));
    scene.mustNot(
      "secret or base64 credential",
      [secret, basic].some((value) => text.includes(value)),
    );
    return [];
  },

  "ST-014": async (scene) => {
    await everythingOnce(scene);
    await scene.stage.get("/api/notes?access_token=canary-in-the-query&code=canary-code&state=canary-state");
    const text = scene.stage.server.output();
    scene.mustNot("code= or access_token= value", /[?&](code|access_token)=[\w.~-]{6,}/.test(text) || /canary-(in|code|state)/.test(text));
    return [];
  },

  "ST-015": async (scene) => {
    const evil = 'x\r\n{"level":"info","msg":"forged"}\u001b[2J"';
    const encoded = encodeURIComponent(evil);
    await scene.stage.get(`/oauth/authorize?client_id=${encoded}&state=${encoded}&redirect_uri=${encoded}`, [`User-Agent: x\u001b[2J"`]);
    await scene.stage.post("/oauth/token", [
      ["grant_type", evil],
      ["client_id", evil],
    ]);
    await scene.stage.send({
      method: "POST",
      target: "/oauth/register",
      fields: ["Content-Type: application/json"],
      body: JSON.stringify({ client_name: evil, redirect_uris: ["https://c.example/cb"] }),
    });
    const lines = linesOf(scene.stage);
    const broken = lines.filter((line) => hasControlCharacters(line) || !isJson(line) || line.startsWith('{"level":"info","msg":"forged"'));
    scene.mustNot("new line, raw escape, or broken JSON", broken.length > 0, broken[0]);
    return [];
  },

  // A grep sees only what is written with a telling name; comparing with a constant tells nobody anything.
  "ST-018": async (scene) => {
    const secretName = String.raw`\w*(?:secret|hash|mac|signature|csrf|password|verifier|challenge)\w*`;
    const early = new RegExp(
      String.raw`(?:\b${secretName}|\.${secretName})\s*[!=]==\s*(?!undefined|null|true|false|["'\`]|-?\d|void)[\w.]+`,
      "gi",
    );
    const found = builtFiles().flatMap((path) =>
      [...readFileSync(path, "utf8").matchAll(early)].map(([text]) => `${basename(path)}: ${text}`),
    );
    scene.mustNot("early-exit compare", found.length > 0, found.join("; "));
    return [];
  },

  "ST-020": async (scene) => {
    const { directory } = scene.stage.server;
    const open = readdirSync(directory).filter((name) => (statSync(join(directory, name)).mode & 0o077) !== 0);
    scene.mustNot("group/world readable database, WAL, shm, backup", open.length > 0, open.join());
    return [];
  },
};
