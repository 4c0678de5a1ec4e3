import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { connect as connectTo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { newDatabase } from "../../vouchsafe/test/a-postgres/new-database.ts";
import { App, formHeaders } from "./app.ts";
import { Person } from "./person.ts";
import { environmentOf, type Finished, freePort, type RunningServer, runCommand, startServer } from "./running-server.ts";
import { asOperator, operatorEnvironment, readMetrics, sumOf } from "./server-here.ts";

/** However busy the machine is. */
const patiently = { timeout: 20_000 };

const folder = mkdtempSync(join(tmpdir(), "vouchsafe-workers-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const start = (environment: Record<string, string> = {}): Promise<RunningServer> =>
  startServer({ args: ["serve"], environment: { OAUTH_WORKERS: "3", ...environment } });

/** The status, on a connection of its own: the next one is another worker's. */
const ask = (server: RunningServer, path = "/healthz", form?: URLSearchParams, onConnect = (): void => {}): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const options = { agent: false, method: form === undefined ? "GET" : "POST", headers: form === undefined ? {} : formHeaders };
    const sent = request(`${server.origin}${path}`, options, (response) => {
      response
        .resume()
        .once("end", () => resolve(response.statusCode))
        .once("error", reject);
    });
    sent.once("error", reject);
    sent.once("socket", (socket) => socket.once("connect", onConnect));
    sent.end(form?.toString());
  });

/** The process ids of the workers. */
const workersOf = async ({ process: { pid } }: RunningServer): Promise<readonly number[]> => {
  const { stdout } = await promisify(execFile)("pgrep", ["-P", String(pid)]).catch(() => ({ stdout: "" }));
  return stdout.split("\n").filter(Boolean).map(Number);
};

const isThere = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const linesOf = (server: RunningServer): readonly Record<string, unknown>[] =>
  server
    .output()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe("vouchsafe serve with several workers", () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await start({ ...operatorEnvironment, LOG_LEVEL: "debug" });
  });
  afterAll(async () => void (await server.stop()));

  it.each([
    ["a SQLite file", async () => ({})],
    ["PostgreSQL", async () => ({ DATABASE_URL: await newDatabase(), OAUTH_SECRET: "a-secret-of-these-tests-of-more-than-32-bytes" })],
  ])("has the demo's notes together, over %s", async (_, database) => {
    const environment = { OAUTH_WORKERS: "2", ...(await database()) };
    const server = await startServer({ args: ["serve", "--demo"], environment });
    onTestFinished(async () => void (await server.stop()));
    await server.command(["users", "add", "ada@example.com", "--password-stdin"], "a-long-password");
    const ada = new Person(server.origin);
    await ada.signIn("ada@example.com", "a-long-password");
    const app = await App.register(server);
    const { access_token: token } = await app.connect(ada, { scope: "read write" });
    const headers = { authorization: `Bearer ${token}`, connection: "close" };
    const add = await fetch(`${server.origin}/api/notes`, { method: "POST", headers, body: JSON.stringify({ text: "Call grace" }) });
    expect(add.status).toBe(201);
    for (let time = 0; time < 4; time++) {
      const listed = (await (await fetch(`${server.origin}/api/notes`, { headers })).json()) as { notes: readonly { text: string }[] };
      expect(listed.notes.map(({ text }) => text)).toEqual(["Buy milk", "Water the plants", "Call grace"]);
    }
  });

  it("says once that it listens, and with how many; the lines of a worker say which one it is", async () => {
    for (let time = 0; time < 6; time++) expect(await ask(server)).toBe(200);
    const answering = () => linesOf(server).flatMap(({ endpoint, worker }) => (endpoint === "healthz" ? [worker] : []));
    await expect.poll(() => answering().length, patiently).toBe(6);
    expect(answering().toSorted((a, b) => Number(a) - Number(b))).toEqual([1, 1, 2, 2, 3, 3]);
    const listening = linesOf(server).filter(({ msg }) => msg === "listening");
    expect(listening).toEqual([expect.objectContaining({ workers: 3, issuer: server.origin })]);
    expect(listening[0]).not.toHaveProperty("worker");
  });

  it("warns that workers on a SQLite file wait for each other, and warns once", () => {
    expect(linesOf(server).filter(({ msg }) => String(msg).includes("OAUTH_WORKERS is more than 1 on a SQLite file"))).toHaveLength(1);
  });

  it("has nothing of its settings in the arguments of its processes", async () => {
    const pids = [server.process.pid, ...(await workersOf(server))].join(",");
    const { stdout } = await promisify(execFile)("ps", ["-o", "args=", "-p", pids]);
    expect(stdout.trim().split("\n")).toHaveLength(4);
    expect(stdout).not.toContain("OAUTH_");
    expect(stdout).not.toContain(asOperator.authorization.slice(7));
  });

  it("tells at /metrics, whichever worker is asked, what all of them did, and once what is in the database", async () => {
    await App.register(server);
    for (let time = 0; time < 9; time++) await ask(server, "/sign_in");
    for (let time = 1; time <= 3; time++) {
      const samples = await readMetrics(server.origin);
      expect(sumOf(samples, "oauth_http_requests_total", { endpoint: "sign_in" })).toBe(9);
      expect(sumOf(samples, "oauth_http_request_duration_seconds_count", { endpoint: "sign_in" })).toBe(9);
      expect(sumOf(samples, "oauth_http_requests_total", { endpoint: "metrics" })).toBe(time - 1);
      expect(sumOf(samples, "oauth_client_registrations_total")).toBe(1);
      expect(sumOf(samples, "oauth_clients")).toBe(1);
      expect(sumOf(samples, "oauth_ready")).toBe(1);
      expect(samples.filter(({ name }) => name === "oauth_build_info" || name === "process_start_time_seconds")).toHaveLength(2);
      expect(sumOf(samples, "process_start_time_seconds")).toBeLessThan(Date.now() / 1000 + 1);
    }
  });

  it("answers a connection by another worker where the one that it was meant for dies before it takes it", async () => {
    const [still = 0] = await workersOf(server);
    process.kill(still, "SIGSTOP");
    let answered = 0;
    const asked = Array.from({ length: 9 }, () =>
      ask(server).then((status) => {
        answered++;
        return status;
      }),
    );
    // A third of a burst is its at most, and one at least.
    await expect.poll(() => answered, patiently).toBeGreaterThanOrEqual(6);
    expect(answered).toBeLessThan(9);
    process.kill(still, "SIGKILL");
    expect(await Promise.all(asked)).toEqual(Array.from({ length: 9 }, () => 200));
    await expect.poll(() => workersOf(server).then((pids) => pids.filter((pid) => pid !== still)), patiently).toHaveLength(3);
  });

  it("starts a worker that died again, while the others answer, and no sum at /metrics falls", async () => {
    const before = await readMetrics(server.origin);
    const [first = 0, ...others] = await workersOf(server);
    process.kill(first, "SIGKILL");
    for (let time = 0; time < 6; time++) expect(await ask(server, "/readyz")).toBe(200);
    await expect.poll(() => workersOf(server).then((pids) => pids.filter((pid) => pid !== first)), patiently).toHaveLength(3);
    expect(await workersOf(server)).toEqual(expect.arrayContaining(others));
    await expect.poll(() => server.output(), patiently).toContain("a worker ended, and is started again");
    const after = await readMetrics(server.origin);
    const series = before.filter(({ name }) => /_total$|_count$|_bucket$/.test(name));
    expect(series.length).toBeGreaterThan(20);
    for (const { name, labels, value } of series) expect(sumOf(after, name, labels), name).toBeGreaterThanOrEqual(value);
  });
});

describe("several workers over PostgreSQL", () => {
  it("count limits together, and are warned of nothing", async () => {
    const server = await start({
      DATABASE_URL: await newDatabase(),
      OAUTH_SECRET: "the-secret-that-all-of-the-workers-have",
      OAUTH_RATE_LIMIT_CLIENT: "4/1m",
    });
    onTestFinished(async () => void (await server.stop()));
    const guess = (): Promise<number | undefined> =>
      ask(server, "/oauth/token", new URLSearchParams({ grant_type: "authorization_code", client_id: "nobody", code: "guessed" }));
    const statuses: (number | undefined)[] = [];
    for (let time = 0; time < 9; time++) statuses.push(await guess());
    expect(statuses).toEqual([401, 401, 401, 401, 429, 429, 429, 429, 429]);
    expect(linesOf(server).filter(({ level }) => level === "warn" || level === "error")).toEqual([]);
  });
});

describe("stopping several workers", () => {
  it.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("answers every connection that was accepted, and exits with 0: %s", async (signal) => {
    const server = await start();
    onTestFinished(async () => void (await server.stop("SIGKILL")));
    const workers = await workersOf(server);
    expect(workers).toHaveLength(3);
    let [answered, isTold] = [0, false];
    const broken: string[] = [];
    const askAlways = async (): Promise<void> => {
      for (;;) {
        let comesLate = true;
        const connected = (): void => {
          comesLate = isTold;
        };
        const failure = await ask(server, "/.well-known/oauth-authorization-server", undefined, connected).then(
          () => undefined,
          (error: NodeJS.ErrnoException) => error,
        );
        if (failure !== undefined) {
          // Who comes once it has been told to stop may come too late to be accepted: the system answers for a server that listens no more.
          if (!comesLate) broken.push(failure.message);
          return;
        }
        answered++;
      }
    };
    const load = Array.from({ length: 12 }, askAlways);
    await expect.poll(() => answered, patiently).toBeGreaterThan(50);
    const exit = once(server.process, "exit");
    isTold = true;
    server.process.kill(signal);
    expect(await exit).toEqual([0, null]);
    await Promise.all(load);
    expect(broken).toEqual([]);
    expect(workers.filter(isThere)).toEqual([]);
    expect(linesOf(server).filter(({ msg }) => msg === "stopped")).toEqual([expect.objectContaining({ inTime: true })]);
  });

  it("ends at once with a second signal, whatever is still to be answered", async () => {
    const server = await start({ OAUTH_SHUTDOWN_GRACE: "60s" });
    onTestFinished(async () => void (await server.stop("SIGKILL")));
    const workers = await workersOf(server);
    const slow = connectTo(Number(new URL(server.origin).port), "127.0.0.1").on("error", () => {});
    await once(slow, "connect");
    slow.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n");
    await ask(server);
    const exit = once(server.process, "exit");
    server.process.kill("SIGTERM");
    await expect.poll(() => server.output(), patiently).toContain('"stopping"');
    server.process.kill("SIGTERM");
    expect(await exit).toEqual([1, null]);
    await expect.poll(() => workers.filter(isThere), patiently).toEqual([]);
    slow.destroy();
  });

  it("leaves no worker behind where the primary is killed", async () => {
    const server = await start();
    const workers = await workersOf(server);
    expect(workers).toHaveLength(3);
    await server.stop("SIGKILL");
    await expect.poll(() => workers.filter(isThere), patiently).toEqual([]);
  });
});

describe("several workers that cannot start", () => {
  const fail = async (environment: Record<string, string>, args = ["serve"]): Promise<Finished> =>
    runCommand(args, { cwd: folder, env: environmentOf(folder, await freePort(), { OAUTH_WORKERS: "3", ...environment }) });

  it("end with the exit code of the mistake, which is told once", async () => {
    const secret = { OAUTH_SECRET: "o".repeat(40) };
    expect((await fail({ ...secret }, ["users", "add", "ada@example.com"])).code).toBe(0);
    const { code, stderr } = await fail({ OAUTH_SECRET: "f".repeat(40) });
    expect(code).toBe(5);
    expect(stderr.match(/another secret/g)).toHaveLength(1);
  });

  it("end with exit code 6 where the storage cannot be used, which is told once", async () => {
    writeFileSync(join(folder, "text.db"), "this is a text and no database at all, whatever its name says".repeat(20));
    const { code, stderr } = await fail({ DATABASE_URL: `file:${join(folder, "text.db")}` });
    expect(code).toBe(6);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  it("say that the port is taken", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void taken.close());
    await once(taken, "listening");
    const { port } = taken.address() as { port: number };
    const { code, stderr } = await fail({ PORT: String(port), DATABASE_URL: `file:${join(folder, "port.db")}` });
    expect(code).toBe(1);
    expect(stderr).toBe("The port is taken: choose another with PORT or --port.\n");
  });

  it("give up with exit code 1 where they die at once, again and again", async () => {
    const fatal = join(folder, "fatal.cjs");
    writeFileSync(fatal, `if (/worker\\.js$/.test(process.argv[1])) process.kill(process.pid, "SIGKILL");`);
    const { code, stdout, stderr } = await fail({ NODE_OPTIONS: `--require ${fatal}`, DATABASE_URL: `file:${join(folder, "fatal.db")}` });
    expect(code).toBe(1);
    expect(stderr).toContain("Workers end as soon as they have begun");
    const pauses = stdout
      .split("\n")
      .flatMap((line) => (line.includes("started again") ? [(JSON.parse(line) as { pause: number }).pause] : []));
    expect(pauses).toEqual([100, 200, 400, 800]);
  });

  it.each([
    ["a database in memory", { DATABASE_URL: ":memory:" }, ["serve"], "a database in memory is one process's own"],
    ["a number that is none", { OAUTH_WORKERS: "many" }, ["serve"], "is no number from 1 to 256"],
    ["none at all", {}, ["serve", "--workers", "0"], "is no number from 1 to 256"],
  ])("are refused for %s", async (_, environment, args, words) => {
    const { code, stderr } = await fail(environment, args);
    expect(stderr).toContain(words);
    expect(code).toBe(5);
  });

  it("are as many as there are cores where that is asked for", async () => {
    const { stdout } = await fail({ OAUTH_WORKERS: "auto" }, ["config", "print", "--json"]);
    const { value } =
      (JSON.parse(stdout) as { variable: string; value: string }[]).find(({ variable }) => variable === "OAUTH_WORKERS") ?? {};
    expect(Number(value)).toBeGreaterThanOrEqual(1);
  });
});
