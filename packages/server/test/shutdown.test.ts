import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, it, onTestFinished } from "vitest";
import { acceptWaiting } from "../src/listener.ts";
import { App, type Tokens } from "./app.ts";
import { Person } from "./person.ts";
import { type RunningServer, startServer } from "./running-server.ts";

describe("graceful shutdown", () => {
  it("answers what it has accepted, keeps what it has answered, and exits with 0", async () => {
    const first = await startServer({ environment: { OAUTH_RATE_LIMITS: "off" } });
    await first.command(["users", "add", "ada@example.com", "--password-stdin"], "a-long-password");
    const ada = new Person(first.origin);
    await ada.signIn("ada@example.com", "a-long-password");
    const app = await App.register(first);
    const chains = await Promise.all(Array.from({ length: 8 }, () => app.connect(ada)));

    let stopping = false;
    const broken: string[] = [];
    const refreshAll = chains.map(async (start) => {
      let last: Tokens = start;
      for (let step = 0; step < 400; step++) {
        const response = await app.refresh(last.refresh_token).catch((error: unknown) => {
          // Who comes too late to be accepted has lost nothing; who was accepted must be answered.
          const cause = (error as { cause?: { syscall?: string; message?: string } }).cause;
          if (!stopping || cause?.syscall !== "connect") broken.push(cause?.message ?? "");
          return undefined;
        });
        if (response === undefined) break;
        if (response.status !== 200) {
          broken.push(`${response.status}`);
          break;
        }
        last = (await response.json()) as Tokens;
      }
      return last;
    });
    await new Promise((resolve) => setTimeout(resolve, 150));
    stopping = true;
    const ended = new Promise<number | null>((resolve) => first.process.once("exit", resolve));
    first.process.kill("SIGTERM");
    const last = await Promise.all(refreshAll);
    expect(await ended).toBe(0);
    expect(broken).toEqual([]);
    expect(new Set(last.map(({ refresh_token }) => refresh_token)).size).toBe(8);

    const second = await startServer({ directory: first.directory, port: Number(new URL(first.origin).port) });
    try {
      for (const tokens of last) expect((await app.notes(tokens.access_token)).status).toBe(200);
    } finally {
      await second.stop();
      await first.stop();
    }
  });

  it("says that it is ready, and stops for whoever presses Ctrl-C", async () => {
    const server = await startServer();
    expect(await (await fetch(`${server.origin}/readyz`)).json()).toEqual({ status: "ready" });
    expect((await fetch(`${server.origin}/healthz`)).status).toBe(200);
    expect(await server.stop("SIGINT")).toBe(0);
  });

  it.each(["SIGTERM", "SIGINT"] as const)(
    "stops at once, and not as if all were well, when it is told a second time: %s",
    async (signal) => {
      const { server, exit } = await stopping("SIGTERM");
      server.process.kill(signal);
      expect(await exit).toBe(1);
    },
  );

  it("answers what it has accepted when its terminal closes, however often it is told so", async () => {
    const { server, slow, exit } = await stopping("SIGHUP");
    server.process.kill("SIGHUP");
    slow.write("\r\n");
    expect(await text(slow)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(await exit).toBe(0);
  });
});

describe("connections that are open when the server stops", () => {
  it("are all accepted before no more are, however many wait", async () => {
    let accepted = 0;
    const server = createServer((socket) => {
      accepted++;
      socket.destroy();
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    const clients = Array.from({ length: 20 }, () => connect(port, "127.0.0.1").on("error", () => {}));
    await acceptWaiting(server);
    server.close();
    expect(accepted).toBe(20);
    for (const client of clients) client.destroy();
  });

  /** Connections are accepted in their order: whoever is answered came after these. */
  const untilAccepted = (server: RunningServer): Promise<Response> =>
    fetch(`${server.origin}/healthz`, { headers: { connection: "close" } });

  it("ends where one never asked anything, as browsers open them in advance", async () => {
    const server = await startServer({ environment: { OAUTH_SHUTDOWN_GRACE: "60s" } });
    onTestFinished(async () => void (await server.stop("SIGKILL")));
    const silent = connect(Number(new URL(server.origin).port), "127.0.0.1").on("error", () => {});
    await once(silent, "connect");
    await untilAccepted(server);
    const exit = exitOf(server.process);
    server.process.kill("SIGTERM");
    expect(await exit).toBe(0);
    silent.destroy();
  });

  it("ends where one was answered and asks nothing more, as clients keep them for later", async () => {
    const server = await startServer({ environment: { OAUTH_SHUTDOWN_GRACE: "60s" } });
    onTestFinished(async () => void (await server.stop("SIGKILL")));
    const idle = connect(Number(new URL(server.origin).port), "127.0.0.1");
    idle.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await once(idle, "data");
    const exit = exitOf(server.process);
    server.process.kill("SIGTERM");
    await once(idle, "close");
    expect(await exit).toBe(0);
  });

  it("answers one that had begun its first request, however late the rest of it comes", async () => {
    const server = await startServer();
    onTestFinished(async () => void (await server.stop("SIGKILL")));
    const port = Number(new URL(server.origin).port);
    const silent = connect(port, "127.0.0.1").resume();
    const slow = connect(port, "127.0.0.1");
    await Promise.all([once(silent, "connect"), once(slow, "connect")]);
    slow.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n");
    await untilAccepted(server);
    const exit = exitOf(server.process);
    server.process.kill("SIGTERM");
    await once(silent, "close");
    slow.write("\r\n");
    expect(await text(slow)).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*connection: close/i);
    expect(await exit).toBe(0);
  });
});

/** A server that has been told to stop, and still has a request whose end has not come. */
async function stopping(signal: NodeJS.Signals) {
  const server = await startServer();
  onTestFinished(async () => void (await server.stop("SIGKILL")));
  const port = Number(new URL(server.origin).port);
  const slow = connect(port, "127.0.0.1").on("error", () => {});
  const silent = connect(port, "127.0.0.1").resume();
  await Promise.all([once(slow, "connect"), once(silent, "connect")]);
  slow.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n");
  await fetch(`${server.origin}/healthz`, { headers: { connection: "close" } });
  const exit = exitOf(server.process);
  server.process.kill(signal);
  await once(silent, "close");
  return { server, slow, exit };
}

/** The exit code, or undefined where the process is still there after five seconds. */
const exitOf = (child: ChildProcess): Promise<number | undefined> =>
  once(child, "exit", { signal: AbortSignal.timeout(5000) }).then(
    ([code]) => code as number,
    () => undefined,
  );

describe("a server whose log nobody reads any more", () => {
  it.each(["json", "pretty"])("goes on serving, and stops when it is told to: %s", async (format) => {
    const server = await startServer({ environment: { LOG_FORMAT: format } });
    server.process.stdout?.destroy();
    for (let attempt = 0; attempt < 3; attempt++) {
      const refused = await fetch(`${server.origin}/oauth/token`, { method: "POST", headers: { connection: "close" }, body: "" });
      expect(await refused.json()).toMatchObject({ error: "invalid_request" });
    }
    expect((await fetch(`${server.origin}/readyz`, { headers: { connection: "close" } })).status).toBe(200);
    const exit = exitOf(server.process);
    server.process.kill("SIGTERM");
    expect(await exit).toBe(0);
    await server.stop("SIGKILL");
  });

  it("ends where its last line is still to be written", async () => {
    const operations = join(import.meta.dirname, "../src/operations.ts");
    const program = `
      const { createLogger } = await import(${JSON.stringify(operations)});
      const logger = createLogger({ logLevel: "info", logFormat: "json" });
      process.stdin.once("end", () => {
        for (let line = 0; line < 100; line++) logger.info({ line }, "stopped");
        process.exit(0);
      }).resume();`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: ["pipe", "pipe", "ignore"] });
    child.stdout.destroy();
    const exit = exitOf(child);
    child.stdin.end();
    expect(await exit).toBe(0);
    child.kill("SIGKILL");
  });

  it("has written every line where somebody reads", async () => {
    const operations = join(import.meta.dirname, "../src/operations.ts");
    const program = `
      const { createLogger } = await import(${JSON.stringify(operations)});
      const logger = createLogger({ logLevel: "info", logFormat: "json" });
      for (let line = 0; line < 5000; line++) logger.info({ line }, "a line of a log that is longer than a pipe");
      process.exit(0);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: ["ignore", "pipe", "ignore"] });
    const lines = (await text(child.stdout)).trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { line: number }).line)).toEqual(Array.from({ length: 5000 }, (_, line) => line));
  });
});
