import type { Command } from "commander";
import { parseDuration } from "vouchsafe";
import { type Environment, readEnvironment } from "../environment.ts";
import { CommandError, exitCode } from "../exit.ts";
import { listen, shutDown } from "../listener.ts";
import type { Standalone } from "../main.ts";
import { createLogger } from "../operations.ts";
import { endOnDefects, openServer } from "../serving.ts";
import type { SettingName } from "../settings.ts";
import { stopOnSignals } from "../stop-signals.ts";
import { command } from "./command.ts";
import { say } from "./output.ts";

/** The server itself. */
export function addServeCommands(program: Command): void {
  const listener = (under: Command): Command =>
    under.option("--port <port>", "instead of PORT").option("--host <address>", "instead of HOST");
  listener(command(program, "dev", "Starts the server with the demo, a demo account and a line to paste.", "vouchsafe dev")).action(dev);
  listener(command(program, "serve", "Starts the server.", "OAUTH_ISSUER=https://auth.example.com vouchsafe serve"))
    .option("--demo", "with the demo notes API at /api/notes and its MCP server at /mcp")
    .option("--workers <number>", "processes that share the port, instead of OAUTH_WORKERS; or auto")
    .action(serve);
}

interface ServeFlags {
  readonly demo?: boolean;
  readonly workers?: string;
  readonly port?: string;
  readonly host?: string;
}

/** `vouchsafe serve`: the server, until it is told to stop. */
async function serve(flags: ServeFlags): Promise<void> {
  const settings = settingsOf(flags);
  const environment = await readEnvironment(settings);
  const demo = flags.demo === true;
  if (environment.values.workers === 1) return serveHere(environment, demo, async () => {});
  const { serveWithWorkers } = await import("../workers/primary.ts");
  await serveWithWorkers(environment, settings, demo);
}

const demoAccount = { email: "ada@example.com", password: "vouchsafe-demo" } as const;

/** `vouchsafe dev`: the server with demo and demo account, on this machine alone, and what to do next. */
async function dev(flags: ServeFlags): Promise<void> {
  const environment = await readEnvironment(settingsOf(flags));
  const { host, issuer } = environment.values;
  if (!["127.0.0.1", "localhost", "::1"].includes(host)) {
    throw new CommandError(
      exitCode.configuration,
      `vouchsafe dev has an account whose password everybody knows, and listens on loopback only; HOST is ${host}. Use vouchsafe serve.`,
    );
  }
  await serveHere(environment, true, ({ accounts }) => accounts.add(demoAccount.email, demoAccount.password));
  say(`
Vouchsafe is ready on ${issuer}

  1  Paste this:      claude mcp add --transport http notes ${issuer}/mcp
  2  Sign in as       ${demoAccount.email}   password ${demoAccount.password}
  3  Allow, and ask for your notes
  4  Take it back     ${issuer}/my/connected_apps
`);
}

const settingsOf = ({ port, host, workers }: ServeFlags): Partial<Record<SettingName, string>> => ({
  ...(port === undefined ? {} : { port }),
  ...(host === undefined ? {} : { host }),
  ...(workers === undefined ? {} : { workers }),
});

/** What must be there when the first request comes. */
type Prepare = (standalone: Standalone) => Promise<unknown>;

/** The server in this process. */
async function serveHere(environment: Environment, demo: boolean, prepare: Prepare): Promise<void> {
  const { issuer, host, port, shutdownGrace } = environment.values;
  const logger = createLogger(environment.values);
  endOnDefects(logger);
  for (const warning of environment.warnings) logger.warn({}, warning);
  const standalone = await openServer(environment, logger, { demo });
  await prepare(standalone);
  const listener = await listen(standalone, environment);
  logger.info({ issuer, host, port }, "listening");
  const grace = parseDuration(shutdownGrace) ?? 0;
  stopOnSignals({ stop: () => shutDown(listener, standalone, grace), stopAtOnce: async () => {} }, logger);
}
