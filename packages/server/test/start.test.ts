import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, it } from "vitest";
import { Person } from "./person.ts";
import { environmentOf, freePort, runCommand, startServer } from "./running-server.ts";
import { startHere } from "./server-here.ts";

const folder = mkdtempSync(join(tmpdir(), "vouchsafe-start-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs `vouchsafe serve` with settings it cannot start with. */
const failToStart = async (environment: Record<string, string>, args = ["serve"]) =>
  runCommand(args, { cwd: folder, env: environmentOf(folder, await freePort(), environment) });

describe("vouchsafe dev", () => {
  it("prints the line to paste, the account and the pages, and the account can sign in", async () => {
    const server = await startServer({ args: ["dev"] });
    try {
      await expect.poll(() => server.output()).toContain(`claude mcp add --transport http notes ${server.origin}/mcp`);
      expect(server.output()).toContain("ada@example.com");
      expect(server.output()).toContain(`${server.origin}/my/connected_apps`);
      const ada = new Person(server.origin);
      const home = await ada.signIn("ada@example.com", "vouchsafe-demo");
      expect(home.html).toContain("You are signed in as ada@example.com");
    } finally {
      expect(await server.stop()).toBe(0);
    }
  });

  it("starts again on the same database, with the same account", async () => {
    const directory = mkdtempSync(join(folder, "again-"));
    for (let start = 0; start < 2; start++) {
      const server = await startServer({ args: ["dev"], directory });
      await expect.poll(() => server.output()).toContain("Vouchsafe is ready");
      expect(await server.stop()).toBe(0);
    }
  });

  it("refuses to listen beyond loopback, since everybody knows its password", async () => {
    const { code, stderr } = await failToStart({ HOST: "0.0.0.0" }, ["dev"]);
    expect(code).toBe(5);
    expect(stderr).toContain("loopback only");
  });
});

describe("configuration of the standalone server", () => {
  it("reports every problem at once, with the name that was probably meant, and no secret", async () => {
    const { code, stderr } = await failToStart({
      OAUTH_TOKEN_LIFETYME: "1h",
      OAUTH_CODE_LIFETIME: "soon",
      PORT: "99999",
      OAUTH_REGISTRATION: "maybe",
      OAUTH_SECRET: "short-secret",
    });
    expect(code).toBe(5);
    expect(stderr).toContain("did you mean OAUTH_TOKEN_LIFETIME");
    for (const variable of ["OAUTH_CODE_LIFETIME", "PORT", "OAUTH_REGISTRATION"]) expect(stderr).toContain(variable);
    expect(stderr).not.toContain("short-secret");
  });

  it.each([
    ["an http issuer off loopback", { OAUTH_ISSUER: "http://auth.example.com" }, "must be https"],
    ["a secret under 32 bytes", { OAUTH_SECRET: "too-short" }, "shorter than 32 bytes"],
    ["codes that live longer than ten minutes", { OAUTH_CODE_LIFETIME: "11m" }, "codeLifetime"],
    ["a grant type that is not offered", { OAUTH_REGISTRATION_GRANTS: "password" }, "not offered"],
    ["PostgreSQL without a secret that its nodes share", { DATABASE_URL: "postgres://localhost/x" }, "OAUTH_SECRET: nodes that share"],
  ])("refuses %s with exit code 5", async (_, environment, words) => {
    const { code, stderr } = await failToStart(environment);
    expect(stderr).toContain(words);
    expect(code).toBe(5);
  });

  it.each([
    "postgres://ada:let@me-in#now@db.example.com/notes",
    "postgres://ada:12/me-in@db.example.com/notes",
    "postgres://ada:12?me-in@db.example.com/notes",
    "postgres://ada:let/me-in@db.example.com/notes",
    "postgres//ada:me-in@db.example.com/notes",
    "postgres:ada:me-in@db.example.com/notes",
    "postgressql://ada:me-in@db.example.com/notes",
    "ada:me-in@db.example.com/notes",
    "mysql:me-in",
  ])("refuses a DATABASE_URL that is none, and says nothing of the password in it: %s", async (url) => {
    const directory = mkdtempSync(join(folder, "url-"));
    const env = environmentOf(directory, 3000, { DATABASE_URL: url, OAUTH_SECRET: "s".repeat(40) });
    for (const command of ["migrate", "config print", "doctor"]) {
      const { code, stdout, stderr } = await runCommand(command.split(" "), { cwd: directory, env });
      expect([command, code]).toEqual([command, 5]);
      expect(stdout + stderr).toContain("DATABASE_URL");
      expect(stdout + stderr).not.toContain("me-in");
    }
    expect(readdirSync(directory)).toEqual([]);
  });

  it("says which file of a secret cannot be read, and shows nothing of one that is wrong", async () => {
    const missing = await failToStart({ DATABASE_URL_FILE: join(folder, "nowhere"), DATABASE_URL: "" });
    expect([missing.code, missing.stderr]).toEqual([
      5,
      expect.stringContaining("DATABASE_URL: the value of its file cannot be read: ENOENT"),
    ]);
    writeFileSync(join(folder, "workers"), "many");
    const wrong = await failToStart({ OAUTH_WORKERS_FILE: join(folder, "workers") });
    expect([wrong.code, wrong.stderr]).toEqual([5, expect.stringContaining("OAUTH_WORKERS: the value is no number from 1 to 256")]);
  });

  it("warns where nothing slows down guessing, and where a variable does nothing", async () => {
    const environment = { OAUTH_ISSUER: "https://auth.example.com", OAUTH_RATE_LIMITS: "off", OAUTH_ALERT_EMAIL: "ada@example.com" };
    const { code, stderr } = await runCommand(["config", "print"], { cwd: folder, env: environmentOf(folder, 3000, environment) });
    expect(code).toBe(0);
    expect(stderr).toContain("OAUTH_RATE_LIMITS is off");
    expect(stderr).toContain("OAUTH_ALERT_EMAIL does nothing without SMTP_URL");
  });

  it("reads a secret from a file, and the configuration file below the environment", async () => {
    const directory = mkdtempSync(join(folder, "file-"));
    writeFileSync(join(directory, "secret"), `${"s".repeat(40)}\n`);
    writeFileSync(
      join(directory, "vouchsafe.config.json"),
      JSON.stringify({ name: "Notes", codeLifetime: "30s", scopes: { read: "Look at notes" } }),
    );
    const { code, stdout } = await runCommand(["config", "print", "--json"], {
      cwd: directory,
      env: environmentOf(directory, 3000, {
        OAUTH_SECRET_FILE: join(directory, "secret"),
        OAUTH_CODE_LIFETIME: "45",
        SMTP_URL: "smtps://notes:mail-password@mail.example.com",
      }),
    });
    expect(code).toBe(0);
    const printed = JSON.parse(stdout) as { variable: string; value: string; source: string }[];
    const setting = (variable: string) => printed.find((row) => row.variable === variable);
    expect(setting("OAUTH_SECRET")).toEqual({ variable: "OAUTH_SECRET", value: "********", source: "environment" });
    expect(setting("SMTP_URL")).toEqual({ variable: "SMTP_URL", value: "********", source: "environment" });
    expect(setting("OAUTH_NAME")).toEqual({ variable: "OAUTH_NAME", value: "Notes", source: "file" });
    expect(setting("OAUTH_CODE_LIFETIME")).toEqual({ variable: "OAUTH_CODE_LIFETIME", value: "45", source: "environment" });
    expect(setting("OAUTH_ISSUER")).toEqual({ variable: "OAUTH_ISSUER", value: "http://localhost:3000", source: "default" });
  });
});

describe("the database of the standalone server", () => {
  it("stops the start with one sentence and exit code 6 where it cannot be opened", async () => {
    writeFileSync(join(folder, "no-folder"), "");
    const { code, stderr } = await failToStart({ DATABASE_URL: `file:${join(folder, "no-folder", "x.db")}` });
    expect(code).toBe(6);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  it("stops the start with one sentence and exit code 6 where the file is no database", async () => {
    writeFileSync(join(folder, "text.db"), "this is a text and no database at all, whatever its name says".repeat(20));
    const { code, stderr } = await failToStart({ DATABASE_URL: `file:${join(folder, "text.db")}` });
    expect(code).toBe(6);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  it("stops the start with one sentence and exit code 6 where a newer version has migrated it", async () => {
    const path = join(folder, "newer.db");
    expect((await failToStart({ DATABASE_URL: `file:${path}` }, ["migrate"])).code).toBe(0);
    const database = new DatabaseSync(path);
    database.exec("PRAGMA user_version = 99");
    database.close();
    const { code, stderr } = await failToStart({ DATABASE_URL: `file:${path}` });
    expect(code).toBe(6);
    expect(stderr).toContain("newer Vouchsafe");
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  it("is told what survives what: a log that is written ahead and synchronised with every commit, and no long wait for others", async () => {
    const told = async (synchronous: "full" | "normal"): Promise<readonly unknown[]> => {
      const { standalone, stop } = await startHere({ sqliteSynchronous: synchronous });
      const pragmas = ["journal_mode", "synchronous", "busy_timeout", "foreign_keys"];
      const read = await Promise.all(pragmas.map(async (name) => (await standalone.store.database.get(`PRAGMA ${name}`))?.[0]));
      await stop();
      return read;
    };
    expect(await told("full")).toEqual(["wal", 2, 250, 1]);
    expect(await told("normal")).toEqual(["wal", 1, 250, 1]);
  });

  it("keeps its secret beside itself, for its owner alone", async () => {
    const directory = mkdtempSync(join(folder, "secret-"));
    const server = await startServer({ directory });
    await server.stop();
    for (const name of ["vouchsafe.db", "vouchsafe.secret"]) expect(statSync(join(directory, name)).mode & 0o077).toBe(0);
    expect(readFileSync(join(directory, "vouchsafe.secret"), "utf8").trim().length).toBeGreaterThanOrEqual(43);
  });

  it("stops a node that has another secret with exit code 5, and takes one that has both", async () => {
    const directory = mkdtempSync(join(folder, "rotation-"));
    const [old, fresh] = ["o".repeat(40), "f".repeat(40)];
    const serve = (secret: string) => startServer({ directory, environment: { OAUTH_SECRET: secret } });
    await (await serve(old)).stop();
    const { code, stderr } = await runCommand(["serve"], {
      cwd: directory,
      env: environmentOf(directory, await freePort(), { OAUTH_SECRET: fresh }),
    });
    expect(code).toBe(5);
    expect(stderr).toContain("another secret");
    await (await serve(`${fresh},${old}`)).stop();
    await (await serve(fresh)).stop();
  });
});
