/** A running server whose database does not do what it should: every fault is a real one, of a real file. */
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it, onTestFinished } from "vitest";
import { aConnection, aServer, expectRecovery, expectRefusals, failures, readiness, ready } from "./a-faulty-database.ts";
import { App } from "./app.ts";
import { environmentOf, freePort, type RunningServer, runCommand, startServer } from "./running-server.ts";

describe("a database that another process keeps locked", () => {
  it("is unavailable to whoever would write, and is well again when the lock is gone", async () => {
    const server = await aServer();
    const connection = await aConnection(server);
    using other = new DatabaseSync(join(server.directory, "vouchsafe.db"));
    other.exec("BEGIN IMMEDIATE");
    await expectRefusals(server, connection);
    expect(failures(server)).toEqual([expect.objectContaining({ msg: "storage failed", error: "database is locked" })]);
    other.exec("ROLLBACK");
    await expectRecovery(server, connection);
  });
});

describe("a database file that is not there any more", () => {
  const parts = ["", "-wal", "-shm"];

  it("is unavailable to whoever would write, since nothing of it would remain, and is well again when it is put back", async () => {
    const server = await aServer();
    const connection = await aConnection(server);
    const path = join(server.directory, "vouchsafe.db");
    for (const part of parts) renameSync(path + part, `${path}.away${part}`);
    await expectRefusals(server, connection);
    expect(failures(server)).toEqual([
      expect.objectContaining({ msg: "storage failed", error: `the database ${path} is gone: put it back` }),
    ]);
    for (const part of parts) renameSync(`${path}.away${part}`, path + part);
    await expectRecovery(server, connection);
  });

  it("is unavailable where another one has taken its place, until the server is started again", async () => {
    const directory = mkdtempSync(join(tmpdir(), "vouchsafe-replaced-"));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const path = join(directory, "vouchsafe.db");
    const first = await startServer({ directory, environment: { OAUTH_RATE_LIMITS: "off" } });
    const connection = await aConnection(first);
    using backup = new DatabaseSync(path);
    backup.exec(`VACUUM INTO '${path}.backup'`);
    backup.close();
    for (const part of parts) rmSync(path + part);
    renameSync(`${path}.backup`, path);
    await expectRefusals(first, connection);
    expect(failures(first)[0]?.["error"]).toContain("start again");
    await first.stop();
    const second = await aServer({ directory, port: Number(new URL(first.origin).port) });
    await expectRecovery(second, connection);
  });
});

const canLimit = process.platform === "linux" && spawnSync("prlimit", ["--version"]).status === 0;

describe.skipIf(!canLimit)("files that can grow no more (prlimit of util-linux, on Linux)", () => {
  const limit = (server: RunningServer, bytes: string): void =>
    void execFileSync("prlimit", ["--pid", String(server.process.pid), `--fsize=${bytes}:unlimited`]);

  it("make the database unavailable to whoever would write, and are well again when there is room", async () => {
    const server = await aServer();
    const connection = await aConnection(server);
    limit(server, "4096");
    await expectRefusals(server, connection);
    limit(server, "unlimited");
    await expectRecovery(server, connection);
  });

  it("have one line in the log, however many requests fail", async () => {
    const server = await aServer();
    const { app } = await aConnection(server);
    limit(server, "4096");
    const asked = Array.from({ length: 300 }, () =>
      app.token({ grant_type: "authorization_code", code: "no-code", code_verifier: "v".repeat(43) }),
    );
    for (const answer of await Promise.all(asked)) expect(answer.status).toBe(400);
    const refused = await Promise.all(Array.from({ length: 300 }, () => App.register(server).catch((error: Error) => error.message)));
    for (const answer of refused) expect(answer).toContain("temporarily_unavailable");
    expect(failures(server)).toHaveLength(1);
    limit(server, "unlimited");
  });

  it("do not keep the server from stopping, with 0", async () => {
    const server = await aServer();
    await aConnection(server);
    limit(server, "4096");
    await App.register(server).catch(() => {});
    expect(await server.stop()).toBe(0);
  });
});

/** A process of another user cannot be made by everybody, nor read a checkout that is in somebody's own folder. */
const nobody = 65_534;
const canBeNobody =
  process.platform === "linux" &&
  process.getuid?.() === 0 &&
  spawnSync(process.execPath, ["--check", join(import.meta.dirname, "../bin/vouchsafe.js")], { uid: nobody, gid: nobody }).status === 0;

describe.skipIf(!canBeNobody)(
  "a database file that the server may read but not write (as root, in a checkout that others may read)",
  () => {
    it("stops the start with one sentence and exit code 6, and nothing stands in its way once it may be written", async () => {
      const directory = mkdtempSync(join(tmpdir(), "vouchsafe-read-only-"));
      onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
      const path = join(directory, "vouchsafe.db");
      await (await startServer({ directory })).stop();
      const allow = (mode: number): void => {
        for (const name of readdirSync(directory)) chmodSync(join(directory, name), mode);
      };
      chmodSync(directory, 0o777);
      allow(0o644);
      const refused = await runCommand(["serve"], { cwd: directory, env: environmentOf(directory, await freePort()), uid: nobody });
      expect(refused).toEqual({
        code: 6,
        stdout: "",
        stderr: `Vouchsafe cannot use its storage: the database ${path} cannot be opened: EACCES: permission denied, open '${path}'.\n`,
      });
      allow(0o666);
      const server = await aServer({ directory, uid: nobody });
      await App.register(server);
      expect(await readiness(server)).toEqual(ready);
    });
  },
);
