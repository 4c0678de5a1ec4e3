import { cleanUp } from "./cleanup.ts";
import type { Services } from "./context.ts";
import { mintIdentifier } from "./protocol/secret.ts";
import type { Store } from "./store/store.ts";

/** How much longer than its last token a signing key stays published, in milliseconds: clocks differ. */
const overlapOfKeys = 600_000;

/** The most events that one transaction counts, so that no request waits for long. */
const countedAtOnce = 250;

const [often, seldom] = [5000, 60_000];

/**
 * What the server does by itself. What waits in this process's memory, it writes itself; what concerns the database as a
 * whole is done by one process at a time.
 */
export function beginBackground(services: Services): { readonly stop: () => Promise<void> } {
  const { config, store, refusals, uses, flowLog } = services;
  const turn = new Turn(store);
  const report = (error: unknown, requestId: string): void => config.onError(error, { requestId });
  const sweep = async (): Promise<void> => {
    await refusals.flush();
    if (await turn.isOurs()) await cleanUpWithKeys(services);
  };
  const count = async (): Promise<void> => {
    if (await turn.isOurs()) while ((await store.reports.countEvents(countedAtOnce)) === countedAtOnce);
  };
  const timers = [
    setInterval(() => void sweep().catch((error: unknown) => report(error, "sweep")), seldom),
    setInterval(() => void uses.flush(), often),
    setInterval(() => void flowLog.flush(), often),
    setInterval(() => void count().catch((error: unknown) => report(error, "counting")), often),
  ];
  for (const timer of timers) timer.unref();
  return {
    stop: async () => {
      for (const timer of timers) clearInterval(timer);
      await refusals.flush();
      await uses.flush();
      await flowLog.flush();
      await turn.giveBack().catch(() => {});
    },
  };
}

async function cleanUpWithKeys(services: Services): Promise<void> {
  const { config, signingKeys } = services;
  await cleanUp(services, false);
  const now = config.now();
  if (config.accessTokenLifetime !== undefined) await signingKeys.sweep(now, now - config.accessTokenLifetime - overlapOfKeys);
}

/** How long a turn lasts, and how early it is renewed, in milliseconds. A process that was killed gives its turn back by this. */
const [turnLasts, renewedAfter] = [60_000, 30_000];

/** One process's turn at the work that is done once for all. */
class Turn {
  readonly #store: Store;
  readonly #holder = mintIdentifier();
  /** By this process's steady clock; undefined: it is not ours. */
  #takenAt: number | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  async isOurs(): Promise<boolean> {
    const at = performance.now();
    if (this.#takenAt !== undefined && at - this.#takenAt < renewedAfter) return true;
    this.#takenAt = (await this.#store.lease("background", this.#holder, turnLasts)) ? at : undefined;
    return this.#takenAt !== undefined;
  }

  /** So that another process need not wait. */
  async giveBack(): Promise<void> {
    if (this.#takenAt === undefined) return;
    this.#takenAt = undefined;
    await this.#store.lease("background", this.#holder, 0);
  }
}
