/** What nobody caught, in a process of its own: a module that is loaded before the server brings the fault. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { App } from "./app.ts";
import { Person } from "./person.ts";
import { type RunningServer, startServer } from "./running-server.ts";

/** Runs this in the server's process at the signal. */
const onSignal = (code: string): string =>
  `--import data:text/javascript,${encodeURIComponent(`process.on("SIGUSR2", () => { ${code} });`)}`;

/** When all that it printed has arrived too. */
const exitOf = (server: RunningServer): Promise<number | null> => new Promise((resolve) => server.process.once("close", resolve));

function aFolder(): string {
  const directory = mkdtempSync(join(tmpdir(), "vouchsafe-defects-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

describe("a fault that nobody caught", () => {
  it.each([
    ["an exception", 'throw new Error("a fault of ours")', "uncaughtException"],
    ["a rejection", 'Promise.reject(new Error("a fault of ours"))', "unhandledRejection"],
    ["a rejection with nothing", "Promise.reject()", "unhandledRejection"],
  ])("%s has one line in the log and ends the process with 1, and the next one has all that was answered", async (_, code, origin) => {
    const directory = aFolder();
    const first = await startServer({ directory, environment: { NODE_OPTIONS: onSignal(code) } });
    onTestFinished(async () => void (await first.stop("SIGKILL")));
    const app = await App.register(first);
    const exit = exitOf(first);
    first.process.kill("SIGUSR2");
    expect(await exit).toBe(1);
    const lines = first
      .output()
      .split("\n")
      .filter((line) => line.includes("ended by its own fault"))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toMatchObject([{ level: "error", msg: "ended by its own fault", origin }]);
    const second = await startServer({ directory, port: Number(new URL(first.origin).port) });
    onTestFinished(async () => void (await second.stop()));
    expect((await app.redeem("no-code")).status).toBe(400); // and not 401: it is known
  });
});

describe("what is left of a process that crashed", () => {
  const secrets = {
    OAUTH_SECRET: "the-secret-that-seals-all-of-it-0123456789",
    OAUTH_ADMIN_TOKEN: "the-token-of-an-operator-0123456789-0123456789",
  };

  /** Signs ada in, connects an app, and has the token endpoint break in the middle; resolves to every secret that was in play. */
  async function useAndBreak(server: RunningServer): Promise<readonly string[]> {
    await server.command(["users", "add", "ada@example.com", "--password-stdin"], "a-long-password");
    const ada = new Person(server.origin);
    await ada.signIn("ada@example.com", "a-long-password");
    const app = await App.register(server);
    const tokens = await app.connect(ada);
    const code = await app.code(ada, { prompt: "consent" });
    server.process.kill("SIGUSR2");
    await expect.poll(async () => (await app.refresh(tokens.refresh_token)).status).toBe(500);
    expect(await (await app.redeem(code)).json()).toMatchObject({ error: "server_error" });
    return [
      ...Object.values(secrets),
      "a-long-password",
      tokens.access_token,
      tokens.refresh_token,
      code,
      app.verifier,
      ...ada.cookies.split("; ").map((cookie) => cookie.slice(cookie.indexOf("=") + 1)),
    ];
  }

  /** At the first signal every request breaks that hashes a secret, at the second one the process. */
  const breaks = `
    if (globalThis.isBroken) throw new Error("a fault that nobody caught");
    globalThis.isBroken = true;
    const crypto = process.getBuiltinModule("crypto");
    crypto.hash = () => { throw new Error("a fault of ours"); };
    process.getBuiltinModule("module").syncBuiltinESMExports();`;

  it("has no secret in it: neither the log nor a diagnostic report", async () => {
    const directory = aFolder();
    const reports = mkdtempSync(join(directory, "reports-"));
    const reporting = `--report-uncaught-exception --report-on-fatalerror --report-on-signal --report-signal=SIGWINCH --report-directory=${reports}`;
    const server = await startServer({
      directory,
      environment: { ...secrets, OAUTH_RATE_LIMITS: "off", NODE_OPTIONS: `${reporting} ${onSignal(breaks)}` },
    });
    onTestFinished(async () => void (await server.stop("SIGKILL")));
    const kept = await useAndBreak(server);
    const exit = exitOf(server);
    server.process.kill("SIGWINCH");
    await expect.poll(() => readdirSync(reports), { timeout: 5000 }).not.toEqual([]);
    server.process.kill("SIGUSR2");
    expect(await exit).toBe(1);
    const written = readdirSync(reports).map((name) => readFileSync(join(reports, name), "utf8"));
    expect(written.join("")).toContain("javascriptStack");
    expect(server.output()).toContain("a fault of ours");
    for (const text of [...written, server.output()]) for (const secret of kept) expect(text).not.toContain(secret);
  });
});
