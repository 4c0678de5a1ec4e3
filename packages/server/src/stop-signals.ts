import { exitCode } from "./exit.ts";
import type { Logger } from "./operations.ts";

/** What tells a server to stop. A terminal that is closed sends the last. */
export const stopSignals = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

export interface Stopping {
  /** Resolves to false where something had to be cut off. */
  readonly stop: () => Promise<boolean>;
  readonly stopAtOnce: () => Promise<void>;
}

/**
 * The first signal stops gracefully; a second one at once. A terminal that closes may say so twice, by the shell and by the
 * system: that is nobody's impatience.
 */
export function stopOnSignals({ stop, stopAtOnce }: Stopping, logger: Logger): void {
  let isStopping = false;
  const begin = (signal: string): void => {
    if (isStopping && signal === "SIGHUP") return;
    if (isStopping) return void stopAtOnce().finally(() => process.exit(exitCode.failure));
    isStopping = true;
    logger.info({ signal }, "stopping");
    void stop().then(
      (inTime) => {
        logger.info({ inTime }, "stopped");
        process.exit(0);
      },
      (error: unknown) => {
        logger.error({ error: String(error) }, "stopping failed");
        process.exit(exitCode.failure);
      },
    );
  };
  for (const signal of stopSignals) process.on(signal, begin);
}
