import type { Environment } from "./environment.ts";
import { exitCode } from "./exit.ts";
import { createStandalone, type Standalone, type StandaloneOptions } from "./main.ts";
import type { Logger } from "./operations.ts";

/** How often accounts forget what is past its time, in milliseconds. */
const sweepEvery = 600_000;

/**
 * The server, ready for its first request: with a database of the newest schema, a secret and a key.
 * @throws ConfigurationError, StorageError
 */
export async function openServer(
  environment: Environment,
  logger: Logger,
  options: Pick<StandaloneOptions, "demo" | "metrics">,
): Promise<Standalone> {
  const standalone = await createStandalone(environment, logger, { ...options, delivers: true });
  await standalone.oauth.ready();
  const failedSweep = (error: unknown): void => standalone.logFailure(error, "sessions");
  setInterval(() => void standalone.accounts.sweep().catch(failedSweep), sweepEvery).unref();
  return standalone;
}

/**
 * What nobody caught leaves the process in a state that nobody knows: it says so and ends, for whoever started it to start it
 * again. What was acknowledged is in the database. A diagnostic report, where Node was told to write one, tells nobody the
 * secrets that are in the environment.
 */
export function endOnDefects(logger: Logger): void {
  Reflect.set(process.report, "excludeEnv", true); // Node's types do not have it yet
  process.on("uncaughtException", (error: unknown, origin) => {
    logger.error({ origin, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }, "ended by its own fault");
    process.exit(exitCode.failure);
  });
}
