/** A worker of `vouchsafe serve`: the entry of a process that the primary starts, and that ends with it. */
import type { Socket } from "node:net";
import { parseDuration } from "vouchsafe";
import { readEnvironment } from "../environment.ts";
import { exitCode, reasonOf } from "../exit.ts";
import { shutDown, takeConnections } from "../listener.ts";
import { type Counted, createMetrics } from "../metrics/metrics.ts";
import { createLogger, type Logger } from "../operations.ts";
import { endOnDefects, openServer } from "../serving.ts";
import { stopSignals } from "../stop-signals.ts";
import type { ToPrimary, ToWorker } from "./messages.ts";

interface Serving {
  readonly logger: Logger;
  readonly take: (socket: Socket) => void;
  readonly count: () => Promise<Counted>;
  readonly stop: () => Promise<unknown>;
}

let serving: Promise<Serving> | undefined;
let isStopping = false;

/** Who waits for what the others counted. */
const asking = new Map<number, (counted: readonly Counted[]) => void>();
let lastId = 0;

// A terminal sends its signals to every process of a command. When to stop is for the primary to say.
for (const signal of stopSignals) process.on(signal, () => {});
process.on("message", (message: ToWorker, socket?: Socket) => void obey(message, socket));
process.once("disconnect", () => void stop());

async function obey(message: ToWorker, socket: Socket | undefined): Promise<void> {
  switch (message.kind) {
    case "start":
      serving = start(message);
      return serving.then(
        () => tell({ kind: "ready" }),
        (error: unknown) => fail(error),
      );
    case "connection":
      if (socket !== undefined) (await serving)?.take(socket);
      return tell({ kind: "taken", id: message.id });
    case "stop":
      return stop();
    case "count":
      return tell({ kind: "counted", id: message.id, counted: (await (await serving)?.count()) ?? [] });
    case "others":
      asking.get(message.id)?.(message.counted);
      asking.delete(message.id);
  }
}

/** @throws ConfigurationError, StorageError */
async function start({ worker, flags, demo }: Extract<ToWorker, { kind: "start" }>): Promise<Serving> {
  const environment = await readEnvironment(flags);
  const logger = createLogger(environment.values, { worker });
  endOnDefects(logger);
  const metrics = createMetrics(askOthers);
  const standalone = await openServer(environment, logger, { demo, metrics });
  const listener = takeConnections(standalone);
  const grace = parseDuration(environment.values.shutdownGrace) ?? 0;
  return { logger, take: listener.take, count: metrics.count, stop: () => shutDown(listener, standalone, grace) };
}

const askOthers = (counted: Counted): Promise<readonly Counted[]> =>
  new Promise((resolve) => {
    const id = ++lastId;
    asking.set(id, resolve);
    tell({ kind: "others", id, counted });
  });

function tell(message: ToPrimary): void {
  // Where the primary has gone, "disconnect" says so.
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}

function fail(error: unknown): void {
  const reason = reasonOf(error);
  const end = (): void => process.exit(reason.code);
  if (process.connected) process.send?.({ kind: "failed", reason } satisfies ToPrimary, undefined, undefined, end);
  else end();
}

async function stop(): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  const here = await serving?.catch(() => undefined);
  await here?.stop().catch((error: unknown) => {
    here.logger.error({ error: String(error) }, "stopping failed");
    process.exit(exitCode.failure);
  });
  process.exit(0);
}
