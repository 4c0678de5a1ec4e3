import { isDeepStrictEqual } from "node:util";
import { type AuditEvent, detailOf, isSecurityEvent, occurrencesOf } from "../audit.ts";
import { brokenHead, type ChainHead, type ChainSigner, cutChain, extendChain, isSigned, newHead } from "../protocol/audit-chain.ts";
import type { Subscribed } from "./deliveries.ts";
import { type EventCondition, listEvents } from "./report-statements.ts";
import { type Parameters, type Row, text } from "./rows.ts";
import type { SqliteDatabase, Transaction } from "./sqlite-database.ts";
import type { SqliteReader } from "./sqlite-reader.ts";
import { statements } from "./statements.ts";
import { type AuditTrail, type EventFilter, type KeptEvent, StorageError } from "./store.ts";

const latest = Number.MAX_SAFE_INTEGER;

const chains = ["main", "security"] as const;

/** The events of a commit, which are written together, at its end: one that is rolled back alone never stood in a chain. */
export class SqliteAudit implements AuditTrail {
  readonly #database: SqliteDatabase;
  readonly #reader: SqliteReader;
  #signer: ChainSigner | undefined;
  #noted: AuditEvent[] = [];
  #subscriptions: readonly Subscribed[] = [];
  /** By chain: the head that this process wrote last. */
  readonly #written = new Map<string, ChainHead>();
  /** By chain: where the oldest event was when it was last looked for. */
  readonly #oldest = new Map<string, number>();

  constructor(database: SqliteDatabase, reader: SqliteReader) {
    this.#database = database;
    this.#reader = reader;
    database.aroundCommits(
      (transaction) => this.#write(transaction),
      () => {
        this.#noted = [];
      },
    );
  }

  signWith(signer: ChainSigner): void {
    this.#signer = signer;
  }

  /** From now on a delivery is written with every event of these types. */
  subscribe(subscriptions: readonly Subscribed[]): void {
    this.#subscriptions = subscriptions;
  }

  async list(filter: EventFilter): Promise<readonly KeptEvent[]> {
    const { types = [], from = 0, until = latest, before = latest, after = 0, most, clientId, subject, grantId, flowId } = filter;
    const given = { clientId, subject, grantId, flowId };
    const conditions = (Object.keys(given) as (keyof typeof given)[]).filter((name) => given[name] !== undefined);
    const isWithinTime = filter.from !== undefined || filter.until !== undefined;
    const direction = filter.after === undefined ? "DESC" : "ASC";
    const listOne = (type: string | undefined): Promise<readonly Row[]> => {
      const named: readonly EventCondition[] = type === undefined ? conditions : ["type", ...conditions];
      return this.#reader.all(listEvents(named, isWithinTime, direction), { ...given, type, from, until, before, after, most });
    };
    // One read for each type: an index finds the newest of one type, and of no mixture.
    const rows = await Promise.all(types.length === 0 ? [listOne(undefined)] : types.map(listOne));
    const kept = rows.flat().map(keptFromRow);
    return types.length < 2 ? kept : kept.sort((a, b) => (direction === "DESC" ? b.id - a.id : a.id - b.id)).slice(0, most);
  }

  async event(id: number): Promise<KeptEvent | undefined> {
    const row = this.#database.get(statements.event, { id });
    return row && keptFromRow(row);
  }

  async read(after: number, most: number): Promise<readonly KeptEvent[]> {
    return (await this.#reader.all(statements.readEvents, { after, most })).map((row) => ({ ...keptFromRow(row), isFiled: isFiled(row) }));
  }

  async heads(): Promise<readonly ChainHead[]> {
    return this.#database.all(statements.auditHeads).map(headFromRow);
  }

  async cut(chain: string, before: number, most: number): Promise<number> {
    const signer = this.#signer;
    if (signer === undefined) return 0;
    return this.#database.commit((transaction) => {
      const row = transaction.get(statements.auditHead, { chain });
      if (row === undefined) return 0;
      const head = headFromRow(row);
      const from = this.#oldest.get(chain) ?? 0;
      const read = (first: number): readonly Row[] => transaction.all(statements.oldestEvents, { chain, first, before, most });
      const found = read(from);
      // Another process may have cut too, and ids begin again once all events are gone: then this chain begins elsewhere.
      const oldest = from === 0 || found.length === 0 || Number(found[0]?.[2]) === head.cut + 1 ? found : read(0);
      // By what was written: whoever altered the column beside it must not make us forget.
      const kept = oldest.findIndex(([, event]) => timeOf(text(event)) >= before);
      const old = kept < 0 ? oldest : oldest.slice(0, kept);
      const [first, last] = [old[0], old.at(-1)];
      this.#oldest.set(chain, Number((oldest[kept] ?? last)?.[0] ?? from));
      if (first === undefined || last === undefined) return 0;
      const links = old.map(([, event, position, mark]) => ({ event: text(event), position: Number(position), mark: text(mark) }));
      const shorter = cutChain(head, links, signer);
      if (shorter === undefined)
        throw new StorageError(
          "damaged",
          `old events of the audit stay: the chain ${chain} was altered, as \`vouchsafe audit verify\` says`,
        );
      transaction.run(statements.writeAuditHead, { ...shorter });
      return removeEvents(transaction, { chain, first: first[0], last: last[0] });
    });
  }

  removeUnchained(before: number, most: number): Promise<number> {
    return this.#database.commit((transaction) => transaction.run(statements.removeUnchainedEvents, { before, most }));
  }

  async countOlder(chain: string, before: number): Promise<number> {
    const [row] = await this.#reader.all(statements.countOlderEvents, { chain, before });
    return Number(row?.[0]);
  }

  /** To be written with the commit that is under way. */
  note(events: readonly AuditEvent[]): void {
    this.#noted.push(...events);
  }

  #write(transaction: Transaction): void {
    const noted = this.#noted;
    if (noted.length === 0) return;
    this.#noted = [];
    const signer = this.#signer;
    if (signer === undefined) {
      for (const event of noted) this.#insert(transaction, event, JSON.stringify(event), {});
      return;
    }
    const security = noted.filter(isSecurityEvent);
    if (security.length > 0) this.#extend(transaction, "security", security, signer);
    if (security.length < noted.length)
      this.#extend(
        transaction,
        "main",
        noted.filter((event) => !isSecurityEvent(event)),
        signer,
      );
  }

  /** SQLite has one writer at a time, so that the head is read where it is written: nobody else moves it in between. */
  #extend(transaction: Transaction, chain: string, events: readonly AuditEvent[], signer: ChainSigner): void {
    const texts = events.map((event) => JSON.stringify(event));
    const { head, links } = extendChain(this.#head(transaction, chain, signer), texts, signer);
    for (const [index, event] of events.entries()) {
      const link = links[index];
      if (link !== undefined) this.#insert(transaction, event, link.event, { chain, position: link.position, mark: link.mark });
    }
    transaction.run(statements.writeAuditHead, { ...head });
    this.#written.set(chain, head);
  }

  /** The heads are made together, so that one that is missing beside the other was taken away. */
  #head(transaction: Transaction, chain: string, signer: ChainSigner): ChainHead {
    const row = transaction.get(statements.auditHead, { chain });
    if (row !== undefined) {
      const head = headFromRow(row);
      // What this process signed last need not be verified.
      if (isSame(head, this.#written.get(chain)) || isSigned(head, signer)) return head;
      return brokenHead(chain, head.length, signer);
    }
    if (transaction.all(statements.auditHeads).length > 0) return brokenHead(chain, 0, signer);
    for (const name of chains) transaction.run(statements.writeAuditHead, { ...newHead(name, signer) });
    return newHead(chain, signer);
  }

  #insert(transaction: Transaction, event: AuditEvent, written: string, place: Place): void {
    const { at, type } = event;
    transaction.run(statements.record, { ...filingOf(event), event: written, ...place });
    for (const { name, types } of this.#subscriptions) {
      if (!types.includes(type)) continue;
      const [eventId] = transaction.get(statements.lastEvent) ?? [];
      transaction.run(statements.addDelivery, { eventId, subscription: name, dueAt: at });
    }
  }
}

/** SQLite gives the newest event's id again once that event is gone: nothing may still refer to it. */
function removeEvents(transaction: Transaction, removed: Parameters): number {
  const count = transaction.run(statements.removeEvents, removed);
  transaction.run(statements.removeDeliveriesOfEvents, removed);
  transaction.run(statements.forgetCountedEvents);
  return count;
}

const isSame = (a: ChainHead, b: ChainHead | undefined): boolean => isDeepStrictEqual(a, b);

/** What an event is found and counted by. */
function filingOf(event: AuditEvent) {
  const { at, type, flowId } = event;
  const { clientId, subject, grantId } = event as Concerned;
  // A client that acts for itself is found as the client that it is.
  const person = subject === clientId ? undefined : subject;
  return { at, type, detail: detailOf(event), count: occurrencesOf(event), clientId, subject: person, grantId, flowId };
}

/** Whether what stands beside an event is what its text says. */
function isFiled([, event, , , , ...columns]: Row): boolean {
  try {
    const filed = Object.values(filingOf(JSON.parse(text(event)) as AuditEvent));
    return filed.every((value, index) => (value ?? null) === columns[index]);
  } catch {
    return false;
  }
}

/** What cannot be read is not old. */
function timeOf(event: string): number {
  try {
    return (JSON.parse(event) as AuditEvent).at;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

interface Place {
  readonly chain?: string;
  readonly position?: number;
  readonly mark?: string;
}

/** Whom an event may concern. */
interface Concerned {
  readonly clientId?: string;
  readonly subject?: string;
  readonly grantId?: string;
}

const headFromRow = ([chain, length, mark, cut, cutMark, signature]: Row): ChainHead => ({
  chain: text(chain),
  length: Number(length),
  mark: text(mark),
  cut: Number(cut),
  cutMark: text(cutMark),
  signature: text(signature),
});

const keptFromRow = ([id, event, chain, position, mark]: Row): KeptEvent => ({
  id: Number(id),
  text: text(event),
  link: chain === null ? undefined : { chain: text(chain), position: Number(position), mark: text(mark) },
});
