import { isDeepStrictEqual } from "node:util";
import { type AuditEvent, detailOf, isSecurityEvent, occurrencesOf } from "../../audit.ts";
import {
  brokenHead,
  type ChainHead,
  type ChainPair,
  type ChainSigner,
  extendChain,
  isSigned,
  madeTogether,
  newHead,
} from "../../protocol/audit-chain.ts";
import type { Subscribed } from "../deliveries.ts";
import { all, run, type Step, type Work } from "./database.ts";
import { type Row, text } from "./rows.ts";
import { statements } from "./statements.ts";

/** An event as it is written down, and where. */
export interface Entry {
  readonly event: AuditEvent;
  readonly text: string;
  readonly place: Place;
}

/** Undefined without a signer. */
interface Place {
  readonly chain?: string;
  readonly position?: number;
  readonly mark?: string;
}

/** The heads of a pair, as they stand in the database. */
export type PairHeads = Readonly<Record<keyof ChainPair, ChainHead>>;

/**
 * Puts the events of a transaction into their places: each into the chain of its kind, behind the head that was read in the
 * same transaction. They are written at its end, so that what is undone alone never stood in a chain.
 */
export class Journal {
  #signer: ChainSigner | undefined;
  #subscriptions: readonly Subscribed[] = [];
  /** By chain: the head that this process wrote last. */
  readonly #written = new Map<string, ChainHead>();

  get signer(): ChainSigner | undefined {
    return this.#signer;
  }

  /** From now on events stand in chains. */
  signWith(signer: ChainSigner): void {
    this.#signer = signer;
  }

  /** From now on a delivery is written with every event of these types. */
  subscribe(subscriptions: readonly Subscribed[]): void {
    this.#subscriptions = subscriptions;
  }

  /** To which subscriptions an event must be delivered. */
  subscribersOf({ type }: AuditEvent): readonly string[] {
    return this.#subscriptions.filter(({ types }) => types.includes(type)).map(({ name }) => name);
  }

  /** Heads that are made together are missed together: one that is gone beside another was taken away. */
  *headsOf(pair: ChainPair, rows: readonly Row[], signer: ChainSigner): Work<PairHeads> {
    const isComplete = (found: readonly ChainHead[]) =>
      [pair.main, pair.security].every((chain) => found.some((head) => head.chain === chain));
    const seen = rows.map(headFromRow);
    // Another process may have made them since: all that follows goes by one look.
    const found = isComplete(seen) ? seen : (yield* all(statements.auditHeads)).map(headFromRow);
    const together = isComplete(found) ? [] : madeTogether(pair);
    const isFirst = !found.some(({ chain }) => together.includes(chain));
    if (isFirst) for (const chain of together) yield* run(statements.addAuditHead, { ...newHead(chain, signer) });
    const headOf = (chain: string): ChainHead => {
      const head = found.find((one) => one.chain === chain);
      if (head === undefined) return isFirst ? newHead(chain, signer) : brokenHead(chain, 0, signer);
      // What this process signed last need not be verified.
      return isDeepStrictEqual(head, this.#written.get(chain)) || isSigned(head, signer) ? head : brokenHead(chain, head.length, signer);
    };
    return { main: headOf(pair.main), security: headOf(pair.security) };
  }

  /** The events in their places, and what moves the heads behind them. */
  extend(events: readonly AuditEvent[], heads: PairHeads, signer: ChainSigner): { entries: readonly Entry[]; moves: readonly Step[] } {
    const entries: Entry[] = [];
    const moves: Step[] = [];
    for (const kind of ["security", "main"] as const) {
      const ofKind = events.filter((event) => isSecurityEvent(event) === (kind === "security"));
      if (ofKind.length === 0) continue;
      const texts = ofKind.map((event) => JSON.stringify(event));
      const { head, links } = extendChain(heads[kind], texts, signer);
      for (const [index, event] of ofKind.entries()) {
        const link = links[index];
        if (link !== undefined)
          entries.push({ event, text: link.event, place: { chain: head.chain, position: link.position, mark: link.mark } });
      }
      moves.push({ kind: "run", statement: statements.writeAuditHead, parameters: { ...head } });
      this.#written.set(head.chain, head);
    }
    return { entries, moves };
  }
}

/** The columns of an event's row. */
export const entryToRow = ({ event, text: written, place }: Entry) => ({ ...filingOf(event), event: written, ...place });

/** What an event is found and counted by. */
export function filingOf(event: AuditEvent) {
  const { at, type, flowId } = event;
  const { clientId, subject, grantId } = event as Concerned;
  // A client that acts for itself is found as the client that it is.
  const person = subject === clientId ? undefined : subject;
  return { at, type, detail: detailOf(event), count: occurrencesOf(event), clientId, subject: person, grantId, flowId };
}

/** Whom an event may concern. */
interface Concerned {
  readonly clientId?: string;
  readonly subject?: string;
  readonly grantId?: string;
}

export const headFromRow = ([chain, length, mark, cut, cutMark, signature]: Row): ChainHead => ({
  chain: text(chain),
  length: Number(length),
  mark: text(mark),
  cut: Number(cut),
  cutMark: text(cutMark),
  signature: text(signature),
});
