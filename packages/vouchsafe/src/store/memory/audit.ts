import { type AuditEvent, isSecurityEvent } from "../../audit.ts";
import { type ChainHead, type ChainSigner, cutChain, extendChain, newHead } from "../../protocol/audit-chain.ts";
import type { Deliveries, Delivery, Subscribed } from "../deliveries.ts";
import { type AuditTrail, type EventFilter, type KeptEvent, StorageError } from "../store.ts";
import type { Removal } from "./cleanup.ts";

type Kept = KeptEvent & { readonly event: AuditEvent };

/** The trail in memory, in chains like any other. */
export class MemoryAudit implements AuditTrail {
  /** All that ever happened, also what was cut. */
  readonly events: AuditEvent[] = [];
  #kept: Kept[] = [];
  readonly #heads = new Map<string, ChainHead>();
  #signer: ChainSigner | undefined;
  #subscriptions: readonly Subscribed[] = [];
  #waiting: (Delivery & { readonly dueAt: number })[] = [];

  append(event: AuditEvent): void {
    const text = JSON.stringify(event);
    const id = this.events.push(event);
    this.#kept.push({ id, text, link: this.#link(event, text), event });
    for (const { name, types } of this.#subscriptions)
      if (types.includes(event.type)) this.#waiting.push({ eventId: id, subscription: name, event: text, attempts: 0, dueAt: event.at });
  }

  #link(event: AuditEvent, text: string): KeptEvent["link"] {
    if (this.#signer === undefined) return undefined;
    const chain = isSecurityEvent(event) ? "security" : "main";
    for (const name of ["main", "security"]) if (!this.#heads.has(name)) this.#heads.set(name, newHead(name, this.#signer));
    const { head, links } = extendChain(this.#heads.get(chain) ?? newHead(chain, this.#signer), [text], this.#signer);
    this.#heads.set(chain, head);
    const [link] = links;
    return link && { chain, position: link.position, mark: link.mark };
  }

  signWith(signer: ChainSigner): void {
    this.#signer = signer;
  }

  async list({ from = 0, until = Infinity, before = Infinity, after, most, ...filter }: EventFilter): Promise<readonly KeptEvent[]> {
    const found = this.#kept.filter(
      ({ id, event }) => id < before && id > (after ?? 0) && event.at >= from && event.at < until && matches(event, filter),
    );
    return (after === undefined ? found.toReversed() : found).slice(0, most).map(withoutEvent);
  }

  async event(id: number): Promise<KeptEvent | undefined> {
    const kept = this.#kept.find((one) => one.id === id);
    return kept && withoutEvent(kept);
  }

  async read(after: number, most: number): Promise<readonly KeptEvent[]> {
    return this.#kept
      .filter(({ id }) => id > after)
      .slice(0, most)
      .map(withoutEvent);
  }

  async heads(): Promise<readonly ChainHead[]> {
    return [...this.#heads.values()].sort((a, b) => (a.chain < b.chain ? -1 : 1));
  }

  async cut(chain: string, before: number, most: number): Promise<number> {
    const head = this.#heads.get(chain);
    if (this.#signer === undefined || head === undefined) return 0;
    const oldest = this.#kept.filter(({ link }) => link?.chain === chain).slice(0, most);
    const kept = oldest.findIndex(({ event }) => event.at >= before);
    const old = oldest.slice(0, kept < 0 ? oldest.length : kept);
    if (old.length === 0) return 0;
    const links = old.flatMap(({ text, link }) => (link === undefined ? [] : [{ ...link, event: text }]));
    const shorter = cutChain(head, links, this.#signer);
    if (shorter === undefined) throw new StorageError("damaged", `the chain ${chain} of the audit was altered`);
    this.#heads.set(chain, shorter);
    this.#kept = this.#kept.filter((one) => !old.includes(one));
    this.#waiting = this.#waiting.filter(({ eventId }) => !old.some(({ id }) => id === eventId));
    return old.length;
  }

  async removeUnchained(before: number, most: number): Promise<number> {
    const old = this.#kept.filter(({ link, event }) => link === undefined && event.at < before).slice(0, most);
    this.#kept = this.#kept.filter((one) => !old.includes(one));
    return old.length;
  }

  async countOlder(chain: string, before: number): Promise<number> {
    return this.#kept.filter(({ link, event }) => link?.chain === chain && event.at < before).length;
  }

  /** Those of subscriptions that are no more. */
  abandonedDeliveries(dueBefore: number): readonly Removal[] {
    return this.#waiting
      .filter(({ subscription, dueAt }) => dueAt < dueBefore && !this.#subscriptions.some(({ name }) => name === subscription))
      .map((delivery) => () => (this.#waiting = this.#waiting.filter((one) => !isSame(one, delivery))));
  }

  readonly deliveries: Deliveries = {
    subscribe: (subscriptions) => {
      this.#subscriptions = subscriptions;
    },
    take: async (name, now, again, most) => {
      const due = this.#waiting
        .filter(({ subscription, dueAt }) => subscription === name && dueAt <= now)
        .sort((a, b) => a.dueAt - b.dueAt || a.eventId - b.eventId)
        .slice(0, most);
      this.#waiting = this.#waiting.map((one) => (due.includes(one) ? { ...one, dueAt: again, attempts: one.attempts + 1 } : one));
      return due.map(({ eventId, subscription, event, attempts }) => ({ eventId, subscription, event, attempts }));
    },
    done: async (delivery) => {
      this.#waiting = this.#waiting.filter((one) => !isSame(one, delivery));
    },
    postpone: async (delivery, dueAt) => {
      this.#waiting = this.#waiting.map((one) => (isSame(one, delivery) ? { ...one, dueAt } : one));
    },
    count: async () => this.#waiting.length,
  };
}

const withoutEvent = ({ id, text, link }: Kept): KeptEvent => ({ id, text, link });

const isSame = (a: Pick<Delivery, "eventId" | "subscription">, b: Pick<Delivery, "eventId" | "subscription">): boolean =>
  a.eventId === b.eventId && a.subscription === b.subscription;

type Concerned = Pick<EventFilter, "clientId" | "subject" | "grantId" | "flowId">;

function matches(event: AuditEvent, { types = [], ...concerned }: Concerned & Pick<EventFilter, "types">): boolean {
  const of = event as Concerned;
  const names = Object.keys(concerned) as (keyof Concerned)[];
  return (
    (types.length === 0 || types.includes(event.type)) &&
    names.every((name) => concerned[name] === undefined || concerned[name] === of[name])
  );
}
