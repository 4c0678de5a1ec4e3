import { addressBlock } from "./http/client-address.ts";
import { clientFamily } from "./http/client-family.ts";
import { type Grant, isClientGrant } from "./protocol/grant.ts";
import type { FlowStep } from "./store/flows.ts";
import type { Store } from "./store/store.ts";

const minute = 60_000;

/** How long a connection is watched for its first use, in milliseconds. */
const lately = 1440 * minute;

/** The most steps that wait to be written; what comes on top is not noted. Strangers get half of the room. */
const mostPending = 2000;
const mostPendingOfStrangers = mostPending / 2;
/** The most steps that one transaction writes, so that no request waits for long. */
const mostAtOnce = 100;
/** The most steps, and the most grants, that are remembered, so that what repeats is noted once. */
const mostRemembered = 5000;
/** The most steps that strangers of one network take within a minute, and the most networks. */
const mostOfNetwork = 120;
const mostNetworks = 1000;

interface Pending {
  readonly step: FlowStep;
  readonly userAgent: string;
}

/**
 * The steps of attempts to connect, brought into the store in batches: no request waits for them, and no flood of requests
 * becomes a flood of writes. A step that says nothing new is not noted again.
 */
export class FlowLog {
  readonly #store: Store;
  readonly #onError: (error: unknown) => void;
  #pending: Pending[] = [];
  /** First uses that were written with the last batch. */
  #toldOnce: readonly FlowStep[] = [];
  readonly #noted = new Set<string>();
  readonly #used = new Set<string>();
  /** How many steps strangers of a network took in the current minute. */
  #strangers = new Map<string, number>();
  #minute = 0;
  #written: Promise<void> = Promise.resolve();

  constructor(store: Store, onError: (error: unknown) => void) {
    this.#store = store;
    this.#onError = onError;
  }

  note(step: FlowStep, userAgent = ""): void {
    if (this.#isFull()) return;
    const { flowId, grantId, name, subject, endpoint, error, reason } = step;
    const kind = JSON.stringify([flowId, grantId, name, subject, endpoint, error, reason]);
    if (this.#noted.has(kind) || !this.#hasRoom(step)) return;
    remember(this.#noted, kind);
    this.#pending.push({ step, userAgent });
  }

  /** Whether this is the first use of a connection that was made lately, as far as this process knows. */
  isFirstUse(grant: Grant | undefined, now: number): boolean {
    if (this.#isFull() || !isClientGrant(grant) || now - grant.redeemedAt >= lately || this.#used.has(grant.id)) return false;
    remember(this.#used, grant.id);
    return true;
  }

  /** Writes what is pending, after what is being written. What cannot be written is reported, and lost. */
  flush(): Promise<void> {
    this.#written = this.#written.then(() => this.#write());
    return this.#written;
  }

  #isFull(): boolean {
    return this.#pending.length >= mostPending;
  }

  /** Whoever has neither a session nor a token of ours is a stranger, and can ask as often as they like. */
  #hasRoom({ at, subject, grantId, address = "" }: FlowStep): boolean {
    if (subject !== undefined || grantId !== undefined) return true;
    if (this.#pending.length >= mostPendingOfStrangers) return false;
    if (Math.floor(at / minute) !== this.#minute) {
      this.#minute = Math.floor(at / minute);
      this.#strangers = new Map();
    }
    const network = addressBlock(address);
    const steps = this.#strangers.get(network) ?? 0;
    if (steps >= mostOfNetwork || (steps === 0 && this.#strangers.size >= mostNetworks)) return false;
    this.#strangers.set(network, steps + 1);
    return true;
  }

  async #write(): Promise<void> {
    const pending = this.#pending;
    this.#pending = [];
    // A first use is told with the next batch too: the flow it belongs to may be in another process, and not yet written.
    const again = this.#toldOnce;
    this.#toldOnce = pending.map(({ step }) => step).filter(({ name }) => name === "first_used");
    const waiting = [...again.map((step) => ({ step, userAgent: "" })), ...pending];
    for (let from = 0; from < waiting.length; from += mostAtOnce) {
      const batch = waiting.slice(from, from + mostAtOnce);
      await this.#writeBatch(batch).catch(this.#onError);
    }
  }

  async #writeBatch(batch: readonly Pending[]): Promise<void> {
    const families = new Map<string, string | undefined>();
    for (const { userAgent } of batch) if (!families.has(userAgent)) families.set(userAgent, await clientFamily(userAgent));
    await this.#store.flows.note(
      batch.map(({ step, userAgent }) => {
        const family = families.get(userAgent);
        return family === undefined ? step : { ...step, family };
      }),
    );
  }
}

/** Forgets all when there is too much: what then is noted a second time does no harm. */
function remember(known: Set<string>, one: string): void {
  if (known.size >= mostRemembered) known.clear();
  known.add(one);
}
