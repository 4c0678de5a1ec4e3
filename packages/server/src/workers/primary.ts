import { once } from "node:events";
import { createServer } from "node:net";
import { parseDuration } from "vouchsafe";
import type { Environment } from "../environment.ts";
import { acceptWaiting } from "../listener.ts";
import { createLogLines } from "../log-lines.ts";
import { createLogger, logFormatOf } from "../operations.ts";
import { endOnDefects } from "../serving.ts";
import type { SettingName } from "../settings.ts";
import { stopOnSignals } from "../stop-signals.ts";
import { Crew } from "./crew.ts";

/** How much longer than their grace workers have for writing what is left, in milliseconds. */
const farewell = 5000;

/**
 * `serve` with several workers. This process accepts connections and hands them over; it opens no database and answers nothing.
 * It accepts by itself, instead of `node:cluster`, so that a worker's order to stop comes behind the last connection in the
 * same channel: what was accepted is answered.
 * @throws CommandError where they cannot start, and what `listen` throws
 */
export async function serveWithWorkers(
  { values, warnings }: Environment,
  flags: Partial<Record<SettingName, string>>,
  demo: boolean,
): Promise<void> {
  const lines = createLogLines(process.stdout.fd);
  const logger = createLogger(values, { lines });
  endOnDefects(logger);
  for (const warning of warnings) logger.warn({}, warning);
  const crew = new Crew({
    size: values.workers,
    flags: { ...flags, logFormat: logFormatOf(values) },
    demo,
    writeLine: lines.write,
    logger,
    addUp: async (counted) => (await import("../metrics/prometheus.ts")).addUp(counted),
    onLost: ({ message, code }) => {
      logger.error({}, message);
      process.exit(code);
    },
  });
  // Paused: what is read here would never reach the worker.
  const server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
    socket.on("error", () => {});
    crew.hand(socket);
  });
  const stop = async (): Promise<boolean> => {
    await acceptWaiting(server);
    server.close();
    return crew.stop((parseDuration(values.shutdownGrace) ?? 0) + farewell);
  };
  stopOnSignals({ stop, stopAtOnce: () => crew.kill() }, logger);
  await crew.start();
  try {
    server.listen(values.port, values.host);
    await once(server, "listening");
  } catch (error) {
    await crew.kill();
    throw error;
  }
  const { issuer, host, port, workers } = values;
  logger.info({ issuer, host, port, workers }, "listening");
}
