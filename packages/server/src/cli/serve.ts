import type { Command } from "commander";
import { parseDuration } from "vouchsafe";
import { type Environment, readEnvironment } from "../environment.ts";
import { type Listener, listen, shutDown } from "../listener.ts";
import { createStandalone, type Standalone } from "../main.ts";
import { createLogger, type Logger } from "../operations.ts";
import type { SettingName } from "../settings.ts";
import { command } from "./command.ts";
import { CommandError, exitCode } from "./exit.ts";
import { say } from "./output.ts";

/** The server itself. */
export function addServeCommands(program: Command): void {
  const listener = (under: Command): Command =>
    under.option("--port <port>", "instead of PORT").option("--host <address>", "instead of HOST");
  listener(command(program, "dev", "Starts the server with the demo, a demo account and a line to paste.", "vouchsafe dev")).action(dev);
  listener(command(program, "serve", "Starts the server.", "OAUTH_ISSUER=https://auth.example.com vouchsafe serve"))
    .option("--demo", "with the demo notes API at /api/notes and its MCP server at /mcp")
    .action(serve);
}

interface ServeFlags {
  readonly demo?: boolean;
  readonly port?: string;
  readonly host?: string;
}

/** `vouchsafe serve`: the server, until it is told to stop. */
async function serve(flags: ServeFlags): Promise<void> {
  const environment = await readEnvironment(settingsOf(flags));
  await run(environment, flags.demo === true, async () => {});
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
  await run(environment, true, ({ accounts }) => accounts.add(demoAccount.email, demoAccount.password));
  say(`
Vouchsafe is ready on ${issuer}

  1  Paste this:      claude mcp add --transport http notes ${issuer}/mcp
  2  Sign in as       ${demoAccount.email}   password ${demoAccount.password}
  3  Allow, and ask for your notes
  4  Take it back     ${issuer}/my/connected_apps
`);
}

const settingsOf = ({ port, host }: ServeFlags): Partial<Record<SettingName, string>> => ({
  ...(port === undefined ? {} : { port }),
  ...(host === undefined ? {} : { host }),
});

/** `prepare`: what must be there when the first request comes. */
async function run(environment: Environment, demo: boolean, prepare: (standalone: Standalone) => Promise<unknown>): Promise<void> {
  const logger = createLogger(environment.values);
  endOnDefects(logger);
  for (const warning of environment.warnings) logger.warn({}, warning);
  const standalone = await createStandalone(environment, logger, { demo, delivers: true });
  await standalone.oauth.ready();
  await prepare(standalone);
  const listener = await listen(standalone, environment);
  const failedSweep = (error: unknown): void => standalone.logFailure(error, "sessions");
  const sweeper = setInterval(() => void standalone.accounts.sweep().catch(failedSweep), 600_000);
  sweeper.unref();
  logger.info({ issuer: environment.values.issuer, host: environment.values.host, port: environment.values.port }, "listening");
  stopOnSignals(listener, standalone, environment, logger);
}

/**
 * What nobody caught leaves the process in a state that nobody knows: it says so and ends, for whoever started it to start it
 * again. What was acknowledged is in the database. A diagnostic report, where Node was told to write one, tells nobody the
 * secrets that are in the environment.
 */
function endOnDefects(logger: Logger): void {
  Reflect.set(process.report, "excludeEnv", true); // Node's types do not have it yet
  process.on("uncaughtException", (error: unknown, origin) => {
    logger.error({ origin, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }, "ended by its own fault");
    process.exit(exitCode.failure);
  });
}

/** The first signal stops gracefully; a second one at once. */
function stopOnSignals(listener: Listener, standalone: Standalone, environment: Environment, logger: Logger): void {
  let stopping = false;
  const grace = parseDuration(environment.values.shutdownGrace) ?? 0;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(exitCode.failure);
      stopping = true;
      logger.info({ signal }, "stopping");
      void shutDown(listener, standalone, grace).then(
        (inTime) => {
          logger.info({ inTime }, "stopped");
          process.exit(0);
        },
        (error: unknown) => {
          logger.error({ error: String(error) }, "stopping failed");
          process.exit(exitCode.failure);
        },
      );
    });
  }
}
