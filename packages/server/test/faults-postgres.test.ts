/** A running server whose PostgreSQL does not do what it should: every fault is a real one, of a real server. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { connectTo } from "../../vouchsafe/test/a-postgres/connection.ts";
import { type Postgres, startPostgres } from "../../vouchsafe/test/a-postgres/server.ts";
import { aConnection, aServer, expectRecovery, failures, notReady, readiness, ready } from "./a-faulty-database.ts";
import { wayTo } from "./a-way-to-a-database.ts";
import { Person } from "./person.ts";
import { environmentOf, freePort, type RunningServer, runCommand } from "./running-server.ts";
import { asOperator, operatorEnvironment } from "./server-here.ts";

const secret = "a-secret-of-these-tests-of-more-than-32-bytes";

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres({ fsync: true });
});
afterAll(() => postgres.stop());

const aServerOn = (url: string): Promise<RunningServer> => aServer({ environment: { DATABASE_URL: url, OAUTH_SECRET: secret } });

async function superuser<Result>(url: string, work: (client: Client) => Promise<Result>): Promise<Result> {
  const client = await connectTo(url);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

type Connection = Awaited<ReturnType<typeof aConnection>>;

/** Nothing is answered that would have to be read or written, and everybody is told when to come again. */
async function expectNothing(server: RunningServer, { ada, app, tokens }: Connection): Promise<void> {
  for (const refused of [
    await app.refresh(tokens.refresh_token),
    await app.revoke(tokens.access_token),
    await app.notes(tokens.access_token),
  ]) {
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  }
  const page = await ada.open("/my/connected_apps");
  expect([page.status, page.headers.get("content-type")]).toEqual([503, "text/html; charset=utf-8"]);
  await expect.poll(() => readiness(server), { timeout: 20_000 }).toEqual(notReady);
  expect((await fetch(`${server.origin}/healthz`)).status).toBe(200);
}

const withUser = (url: string, user: string, password: string): string => {
  const changed = new URL(url);
  changed.username = user;
  changed.password = password;
  return changed.href;
};

async function failToStart(url: string): Promise<{ code: number; stderr: string }> {
  const folder = mkdtempSync(join(tmpdir(), "vouchsafe-start-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const environment = environmentOf(folder, await freePort(), { DATABASE_URL: url, OAUTH_SECRET: secret });
  return runCommand(["serve"], { cwd: folder, env: environment });
}

describe("a PostgreSQL that is killed while a server uses it", () => {
  it("is unavailable to everybody, and well again when it is back, without a restart of the server", { timeout: 90_000 }, async () => {
    const server = await aServerOn(await postgres.newDatabase());
    const connection = await aConnection(server);
    await postgres.kill("SIGKILL");
    await expectNothing(server, connection);
    await postgres.start();
    await expect.poll(() => readiness(server), { timeout: 20_000 }).toEqual(ready);
    await expectRecovery(server, connection);
    expect(server.process.exitCode).toBeNull();
  });
});

describe("a PostgreSQL that lets nobody in any more", () => {
  it("is unavailable while the password is another one, and well again with the right one", { timeout: 90_000 }, async () => {
    const url = await postgres.newDatabase();
    await superuser(url, async (client) => {
      await client.query("CREATE ROLE vouchsafe_one LOGIN PASSWORD 'the-first-password'");
      await client.query(`GRANT ALL ON DATABASE ${client.escapeIdentifier(client.database ?? "")} TO vouchsafe_one`);
      await client.query("GRANT ALL ON SCHEMA public TO vouchsafe_one");
    });
    const server = await aServerOn(withUser(url, "vouchsafe_one", "the-first-password"));
    const connection = await aConnection(server);
    await superuser(url, async (client) => {
      await client.query("ALTER ROLE vouchsafe_one PASSWORD 'another-password'");
      await client.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'vouchsafe_one'");
    });
    await expectNothing(server, connection);
    expect(failures(server).some((line) => JSON.stringify(line).includes("password authentication failed"))).toBe(true);
    await superuser(url, (client) => client.query("ALTER ROLE vouchsafe_one PASSWORD 'the-first-password'"));
    await expectRecovery(server, connection);
    expect(server.output()).not.toMatch(/the-first-password|another-password/);
  });

  it("is a sentence and exit code 6 at the start, without the password", async () => {
    const url = withUser(await postgres.newDatabase(), "postgres", "a-wrong-password");
    const { code, stderr } = await failToStart(url);
    expect(code).toBe(6);
    expect(stderr).toContain("password authentication failed");
    expect(stderr).not.toContain("a-wrong-password");
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  it("is a sentence and exit code 6 where a certificate that the URL names cannot be read", async () => {
    const { code, stderr } = await failToStart(`${await postgres.newDatabase()}?sslrootcert=/no-such-folder/root.crt`);
    expect([code, stderr]).toEqual([6, expect.stringMatching(/^Vouchsafe cannot use its storage: [^\n]*ENOENT[^\n]*root\.crt[^\n]*\n$/)]);
  });

  it("is a sentence and exit code 6 where nothing listens", async () => {
    const { code, stderr } = await failToStart(`postgres://ada:a-secret-word@127.0.0.1:${await freePort()}/vouchsafe`);
    expect(code).toBe(6);
    expect(stderr).toContain("cannot be opened");
    expect(stderr).not.toContain("a-secret-word");
  });
});

describe("a PostgreSQL that takes too long", () => {
  it("keeps nobody waiting without an end, and is well again when it answers", { timeout: 90_000 }, async () => {
    const url = await postgres.newDatabase();
    const server = await aServerOn(url);
    const connection = await aConnection(server);
    await superuser(url, async (client) => {
      await client.query("BEGIN");
      await client.query("LOCK TABLE tokens, settings, accounts, grants IN ACCESS EXCLUSIVE MODE");
      await expectNothing(server, connection);
      const grace = new Person(server.origin);
      expect((await grace.signIn("ada@example.com", "a-long-password")).status).toBe(503);
      await client.query("ROLLBACK");
    });
    await expectRecovery(server, connection);
  });

  it("is told of by /readyz and /metrics before anybody gives up who asks them", { timeout: 90_000 }, async () => {
    const way = await wayTo(await postgres.newDatabase());
    onTestFinished(way.close);
    const server = await aServer({ environment: { DATABASE_URL: way.url, OAUTH_SECRET: secret, ...operatorEnvironment } });
    const connection = await aConnection(server);
    way.standStill();
    // As long as the health check of docs/deployment/compose.yaml, and as Prometheus where nothing is said.
    const [health, metrics] = await Promise.all([
      fetch(`${server.origin}/readyz`, { signal: AbortSignal.timeout(5000) }),
      fetch(`${server.origin}/metrics`, { headers: asOperator, signal: AbortSignal.timeout(10_000) }),
    ]);
    expect([health.status, await health.json()]).toEqual([503, notReady]);
    expect(await metrics.text()).toContain("\noauth_ready 0\n");
    way.goOn();
    await expect.poll(() => readiness(server), { timeout: 20_000 }).toEqual(ready);
    await expectRecovery(server, connection);
  });
});
