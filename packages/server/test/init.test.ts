import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Choices, settingsOf } from "../src/cli/init-choices.ts";
import { askChoices } from "../src/cli/init-questions.ts";
import { type Finished, freePort, runCommand, startServer } from "./running-server.ts";

const fileName = "vouchsafe.config.json";

interface Folder {
  readonly path: string;
  readonly names: () => readonly string[];
  readonly written: () => Record<string, unknown>;
  readonly run: (args: readonly string[], env?: Record<string, string>) => Promise<Finished>;
}

function emptyFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), "vouchsafe-init-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return {
    path,
    names: () => readdirSync(path),
    written: () => JSON.parse(readFileSync(join(path, fileName), "utf8")) as Record<string, unknown>,
    run: (args, env = {}) => runCommand(args, { cwd: path, env: { PATH: process.env["PATH"] ?? "", ...env } }),
  };
}

describe("vouchsafe init, where nobody sits at a terminal", () => {
  it("writes a file of the defaults, says on stdout where it is and on stderr what to do next", async () => {
    const folder = emptyFolder();
    const { code, stdout, stderr } = await folder.run(["init"]);
    expect([code, stdout]).toEqual([0, `${join(folder.path, fileName)}\n`]);
    expect(stderr).toContain("vouchsafe serve");
    expect(folder.names()).toEqual([fileName]);
    expect(folder.written()).toMatchObject({ port: 3000, host: "127.0.0.1", databaseUrl: "file:data/vouchsafe.db", signUp: "on" });
    const shown = JSON.parse((await folder.run(["config", "print", "--json"])).stdout) as {
      variable: string;
      value: string;
      source: string;
    }[];
    const sourceOf = (wanted: string): string | undefined => shown.find(({ variable }) => variable === wanted)?.source;
    expect(["DATABASE_URL", "OAUTH_SCOPES", "OAUTH_ISSUER", "OAUTH_SECRET"].map(sourceOf)).toEqual(["file", "file", "default", "default"]);
  });

  it("says the same as JSON, with what it wrote", async () => {
    const folder = emptyFolder();
    const { stdout } = await folder.run(["init", "--yes", "--issuer", "https://auth.example.com", "--name", "Budget", "--json"]);
    expect(JSON.parse(stdout)).toEqual({ path: join(folder.path, fileName), settings: folder.written() });
    expect(folder.written()).toMatchObject({ issuer: "https://auth.example.com", name: "Budget" });
  });

  it("replaces no file but with --force", async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder.path, fileName), '{"name":"Ada"}');
    expect(await folder.run(["init", "--yes", "--name", "Grace"])).toEqual({
      code: 1,
      stdout: "",
      stderr: "vouchsafe.config.json is here already: --force replaces it.\n",
    });
    expect(folder.written()).toEqual({ name: "Ada" });
    expect((await folder.run(["init", "--yes", "--name", "Grace", "--force"])).code).toBe(0);
    expect(folder.written()).toMatchObject({ name: "Grace" });
    expect(folder.names()).toEqual([fileName]);
  });

  it.each(["vouchsafe.config.ts", "vouchsafe.config.js"])("writes nothing that would not be read, because %s is", async (name) => {
    const folder = emptyFolder();
    writeFileSync(join(folder.path, name), "export default {};");
    const { code, stderr } = await folder.run(["init", "--yes", "--force"]);
    expect([code, stderr]).toEqual([1, `${name} is here, and read in place of ${fileName}: remove it first, or change it.\n`]);
    expect(folder.names()).toEqual([name]);
  });

  it.each([
    [5, ["--issuer", "http://auth.example.com"]],
    [5, ["--issuer", "auth.example.com"]],
    [5, ["--name", ""]],
    [2, ["--profile", "ceremony"]],
  ])("writes nothing with which the server would not start, and ends with %i: %j", async (expected, flags) => {
    const folder = emptyFolder();
    const { code, stdout, stderr } = await folder.run(["init", "--yes", ...flags]);
    expect([code, stdout]).toEqual([expected, ""]);
    expect(stderr).not.toMatch(/^ +at /m);
    expect(folder.names()).toEqual([]);
  });

  it("writes no secret, whatever this process knows, and says where it comes from", async () => {
    const folder = emptyFolder();
    const secrets = { OAUTH_SECRET: "a-secret-of-at-least-32-bytes-here", OAUTH_ADMIN_TOKEN: "the-token-of-an-operator-who-has-one" };
    const { stdout, stderr } = await folder.run(["init", "--json"], secrets);
    const all = `${readFileSync(join(folder.path, fileName), "utf8")}${stdout}${stderr}`;
    for (const secret of Object.values(secrets)) expect(all).not.toContain(secret);
    expect(stderr).toContain("OAUTH_SECRET_FILE");
  });
});

describe("what vouchsafe init writes", () => {
  it.each([
    ["full", { refresh: true, web: 201 }],
    ["no-ceremony", { refresh: false, web: 400 }],
  ])("starts, with the profile %s", async (profile, expected) => {
    const folder = emptyFolder();
    const port = await freePort();
    const issuer = `http://localhost:${port}`;
    expect((await folder.run(["init", "--yes", "--issuer", issuer, "--profile", profile])).code).toBe(0);
    const server = await startServer({ directory: folder.path, port, args: ["serve"] });
    onTestFinished(async () => void (await server.stop()));
    const metadata = (await (await fetch(`${issuer}/.well-known/oauth-authorization-server`)).json()) as Record<string, string[]>;
    expect(metadata["issuer"]).toBe(issuer);
    expect(metadata["grant_types_supported"]?.includes("refresh_token")).toBe(expected.refresh);
    const registered = await fetch(`${issuer}/oauth/register`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ client_name: "Household Budget", redirect_uris: ["https://budget.example/callback"] }),
    });
    expect(registered.status).toBe(expected.web);
  });

  it("makes write imply read where there is no ceremony, and nothing imply anything else", () => {
    const impliedBy = (choices: Choices): unknown => settingsOf(choices).scopes;
    expect(impliedBy({ profile: "no-ceremony" })).toMatchObject({ write: { implies: ["read"] } });
    expect(JSON.stringify(impliedBy({ profile: "full" }))).not.toContain("implies");
    expect(JSON.stringify(impliedBy({ profile: "no-ceremony", scopes: "notes,write" }))).not.toContain("implies");
  });
});

describe("vouchsafe init, where somebody sits at a terminal", () => {
  const [enter, down, leave] = ["\r", "\u001B[B", "\u0003"];

  /** Types an answer when its question is there. */
  async function answering(said: Partial<Choices>, ...answers: readonly (readonly [question: string, keys: string])[]) {
    const [input, output] = [new PassThrough(), new PassThrough()];
    let [seen, all] = ["", ""];
    const waiting = [...answers];
    output.on("data", (data) => {
      seen += String(data);
      all += String(data);
      const [next] = waiting;
      if (next === undefined || !seen.includes(next[0])) return;
      waiting.shift();
      seen = "";
      setImmediate(() => input.write(next[1]));
    });
    const choices = await askChoices(said, { input, output });
    return { choices, output: all };
  }

  const port = ["Port", enter] as const;
  const host = ["Address", enter] as const;
  const issuer = ["Issuer", enter] as const;
  const name = ["What its pages", enter] as const;
  const database = ["Database", enter] as const;
  const registration = ["Which apps", enter] as const;
  const scopes = ["Scopes", enter] as const;
  const signUp = ["accounts of their own", enter] as const;

  it("shows what holds, and whoever takes all of it has the defaults", async () => {
    const all = [["What is it for", enter], port, host, issuer, name, database, registration, scopes, signUp] as const;
    const { choices, output } = await answering({}, ...all);
    expect(settingsOf(choices)).toEqual(settingsOf({ profile: "full" }));
    for (const shown of ["3000", "127.0.0.1", "http://localhost:3000", "localhost:3000", "file:data/vouchsafe.db", "read,write"])
      expect(output).toContain(shown.slice(1));
  });

  it("writes what is answered, and lets issuer and name follow from the port", async () => {
    const { choices, output } = await answering(
      { profile: "full" },
      ["Port", `4000${enter}`],
      host,
      issuer,
      name,
      database,
      ["Which apps", `${down}${enter}`],
      ["Scopes", `notes,photos${enter}`],
      ["accounts of their own", `n`],
    );
    expect(output).toContain("ttp://localhost:4000");
    const settings = settingsOf(choices);
    expect(settings).toMatchObject({ port: 4000, registration: "loopback", signUp: "off" });
    expect(Object.keys(settings.scopes as object)).toEqual(["notes", "photos"]);
    expect(settings).not.toHaveProperty("issuer");
    expect(settings).not.toHaveProperty("name");
  });

  it("says at once what is wrong with an answer, and takes the next one", async () => {
    const { choices, output } = await answering(
      { profile: "full", name: "Budget" },
      port,
      host,
      ["Issuer", `http://a.example${enter}`],
      ["loopback", `${"\u007F".repeat(16)}https://a.example${enter}`],
      database,
      registration,
      scopes,
      signUp,
    );
    expect(output).toContain("issuer");
    expect(settingsOf(choices)).toMatchObject({ issuer: "https://a.example", name: "Budget" });
  });

  it("asks for nothing that was said, nor for what the profile says", async () => {
    const said = { profile: "no-ceremony", issuer: "https://a.example", name: "Budget" } as const;
    const { output } = await answering(said, port, host, database, scopes, signUp);
    for (const question of ["What is it for", "Issuer", "What its pages", "Which apps"]) expect(output).not.toContain(question);
  });

  it("writes nothing for who leaves", async () => {
    await expect(answering({ profile: "full" }, port, ["Address", leave])).rejects.toMatchObject({
      code: 1,
      message: "Nothing was written.",
    });
  });
});
