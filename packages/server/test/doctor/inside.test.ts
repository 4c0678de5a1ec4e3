import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { environmentOf, type Finished, freePort, runCommand, startServer } from "../running-server.ts";
import { checksIn, troublesIn } from "./printed-checks.ts";

/** A folder with a database and its secret, as a server leaves them. */
async function leftBehind(): Promise<string> {
  const server = await startServer({ directory: mkdtempSync(join(tmpdir(), "vouchsafe-")) });
  await fetch(`${server.origin}/oauth/jwks`);
  await server.stop();
  return server.directory;
}

describe("vouchsafe doctor, looking at its own computer", () => {
  let folder: string;
  let port: number;
  beforeAll(async () => {
    [folder, port] = [await leftBehind(), await freePort()];
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const doctor = (more: Record<string, string> = {}, cwd = folder): Promise<Finished> =>
    runCommand(["doctor", "--json"], { cwd, env: environmentOf(cwd, port, more) });
  const notRunning = ["reachable", "warning", "vouchsafe serve"] as const;

  it("looks at settings, database, secret, keys and clock, and at the issuer where it answers", async () => {
    const server = await startServer();
    const finished = await server.command(["doctor", "--json"]);
    await server.stop();
    const checks = checksIn(finished);
    expect(checks.filter(({ status }) => status === "finding")).toEqual([]);
    const names = checks.map(({ check }) => check);
    expect(names.slice(0, 5)).toEqual(["configuration", "database", "database schema", "database, writing", "secret"]);
    expect(names).toEqual(expect.arrayContaining(["clock, steady", "issuer", "token endpoint", "clock"]));
    expect(finished.code).toBe(0);
  });

  it("finds nothing in what a server has left, and only says that it is not running", async () => {
    const before = statSync(join(folder, "vouchsafe.db")).size;
    const finished = await doctor();
    expect(troublesIn(finished)).toEqual([notRunning]);
    expect(checksIn(finished).find(({ check }) => check === "keys")?.seen).toMatch(/^2 published; an ES256 key has signed for 0 days\.$/);
    expect(finished.code).toBe(0);
    expect(statSync(join(folder, "vouchsafe.db")).size).toBe(before);
  });

  it("names every problem of the settings with the line to change, looks at the rest all the same, and ends with 5", async () => {
    const finished = await doctor({ OAUTH_ISUER: "https://auth.example", OAUTH_CODE_LIFETIME: "soon", OAUTH_REGISTRATION: "maybe" });
    const findings = troublesIn(finished).filter(([, status]) => status === "finding");
    expect(findings.map(([check, , change]) => `${check} ${change}`).toSorted()).toEqual([
      "configuration OAUTH_CODE_LIFETIME=…",
      "configuration OAUTH_ISSUER=…",
      "configuration OAUTH_REGISTRATION=…",
    ]);
    expect(checksIn(finished).map(({ check }) => check)).toEqual(expect.arrayContaining(["database", "database schema", "clock, steady"]));
    expect(finished.code).toBe(5);
    const unsafe = await doctor({ OAUTH_ISSUER: "http://auth.example", OAUTH_SECRET: "short" });
    expect(unsafe.code).toBe(5);
    expect(unsafe.stdout).not.toContain('short"');
    expect(troublesIn(unsafe).map(([, , change]) => change)).toEqual(expect.arrayContaining(["OAUTH_ISSUER=…", "OAUTH_SECRET=…"]));
  });

  it("finds a secret that is not the database's, and one that is gone, and changes neither", async () => {
    const other = await doctor({ OAUTH_SECRET: "another-secret-of-at-least-32-bytes" });
    expect(other.code).toBe(5);
    expect(troublesIn(other)).toContainEqual(["secret", "finding", expect.stringMatching(/^OAUTH_SECRET=/)]);
    const bare = mkdtempSync(join(tmpdir(), "vouchsafe-"));
    const copy = new DatabaseSync(join(folder, "vouchsafe.db"));
    copy.prepare("VACUUM INTO ?").run(join(bare, "vouchsafe.db"));
    copy.close();
    const gone = await doctor({}, bare);
    expect(gone.code).toBe(5);
    expect(troublesIn(gone)).toContainEqual(["secret", "finding", expect.stringMatching(/^OAUTH_SECRET_FILE=/)]);
    expect(readdirSync(bare)).not.toContain("vouchsafe.secret");
    rmSync(bare, { recursive: true });
    expect(troublesIn(await doctor())).toEqual([notRunning]);
  });

  it("finds a secret that others can read, and warns of a key that has signed for years", async () => {
    const secret = join(folder, "vouchsafe.secret");
    chmodSync(secret, 0o644);
    const database = new DatabaseSync(join(folder, "vouchsafe.db"));
    const turnBack = database.prepare("UPDATE signing_keys SET signs_from = signs_from + ? WHERE signs_from IS NOT NULL");
    turnBack.run(-400 * 86_400_000);
    const finished = await doctor({ OAUTH_ACCESS_TOKEN_FORMAT: "jwt" });
    turnBack.run(400 * 86_400_000);
    database.close();
    chmodSync(secret, 0o600);
    expect(finished.code).toBe(1);
    expect(troublesIn(finished)).toEqual([
      ["secret, file", "finding", `chmod 600 ${secret}`],
      ["keys", "warning", "vouchsafe keys rotate"],
      notRunning,
    ]);
  });

  it("makes no database where there is none", async () => {
    const empty = mkdtempSync(join(tmpdir(), "vouchsafe-"));
    const finished = await doctor({}, empty);
    expect(troublesIn(finished)).toEqual([notRunning]);
    expect(readdirSync(empty)).toEqual([]);
    rmSync(empty, { recursive: true });
  });

  it("finds a database that is damaged, that is none, or that is newer with 6, and warns of an older one", async () => {
    const bad = mkdtempSync(join(tmpdir(), "vouchsafe-"));
    writeFileSync(join(bad, "vouchsafe.db"), "this is no database, but it is long enough to look like one".repeat(100));
    const none = await doctor({}, bad);
    expect([none.code, troublesIn(none)[0]?.slice(0, 2)]).toEqual([6, ["database", "finding"]]);
    const versioned = async (version: number): Promise<Finished> => {
      const place = join(bad, `v${version}`);
      mkdirSync(place);
      const database = new DatabaseSync(join(place, "vouchsafe.db"));
      database.exec(`CREATE TABLE anything (id INTEGER); PRAGMA user_version = ${version}`);
      database.close();
      return doctor({}, place);
    };
    const newer = await versioned(999);
    expect([newer.code, troublesIn(newer)[0]]).toEqual([6, ["database schema", "finding", "npm install vouchsafe-server@latest"]]);
    const older = await versioned(1);
    expect([older.code, troublesIn(older)[0]]).toEqual([0, ["database schema", "warning", "vouchsafe migrate"]]);
    rmSync(bad, { recursive: true });
  });
});
