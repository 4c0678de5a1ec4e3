import type { AuditEvent } from "../../audit.ts";
import { type ChainHead, type ChainSigner, cutChain } from "../../protocol/audit-chain.ts";
import { type AuditTrail, type EventFilter, type KeptEvent, StorageError } from "../store.ts";
import { all, get, run, type SqlDatabase, type Work } from "./database.ts";
import { filingOf, headFromRow, type Journal } from "./journal.ts";
import { type EventCondition, listEvents } from "./report-statements.ts";
import { type Parameters, type Row, text } from "./rows.ts";
import { statements } from "./statements.ts";

const latest = Number.MAX_SAFE_INTEGER;

/** What happened, read from the events as they were written, and cut where they are old. */
export class SqlAudit implements AuditTrail {
  readonly #database: SqlDatabase;
  readonly #journal: Journal;
  /** By chain: where the oldest event was when it was last looked for. */
  readonly #oldest = new Map<string, number>();

  constructor(database: SqlDatabase, journal: Journal) {
    this.#database = database;
    this.#journal = journal;
  }

  signWith(signer: ChainSigner): void {
    this.#journal.signWith(signer);
  }

  async list(filter: EventFilter): Promise<readonly KeptEvent[]> {
    const { types = [], from = 0, until = latest, before = latest, after = 0, most, clientId, subject, grantId, flowId } = filter;
    const given = { clientId, subject, grantId, flowId };
    const conditions = (Object.keys(given) as (keyof typeof given)[]).filter((name) => given[name] !== undefined);
    const isWithinTime = filter.from !== undefined || filter.until !== undefined;
    const direction = filter.after === undefined ? "DESC" : "ASC";
    // Whoever follows must not be told of an event before all that come before it.
    const end = filter.after === undefined ? before : Math.min(before, (await this.#database.lastSettledEvent()) + 1);
    const listOne = (type: string | undefined): Promise<readonly Row[]> => {
      const named: readonly EventCondition[] = type === undefined ? conditions : ["type", ...conditions];
      return this.#database.report(listEvents(named, isWithinTime, direction), { ...given, type, from, until, before: end, after, most });
    };
    // One read for each type: an index finds the newest of one type, and of no mixture.
    const rows = await Promise.all(types.length === 0 ? [listOne(undefined)] : types.map(listOne));
    const kept = rows.flat().map(keptFromRow);
    return types.length < 2 ? kept : kept.sort((a, b) => (direction === "DESC" ? b.id - a.id : a.id - b.id)).slice(0, most);
  }

  async event(id: number): Promise<KeptEvent | undefined> {
    const row = await this.#database.get(statements.event, { id });
    return row && keptFromRow(row);
  }

  async read(after: number, most: number): Promise<readonly KeptEvent[]> {
    return (await this.#database.report(statements.readEvents, { after, most })).map((row) => ({
      ...keptFromRow(row),
      isFiled: isFiled(row),
    }));
  }

  async heads(): Promise<readonly ChainHead[]> {
    return (await this.#database.all(statements.auditHeads)).map(headFromRow);
  }

  async cut(chain: string, before: number, most: number): Promise<number> {
    const signer = this.#journal.signer;
    if (signer === undefined) return 0;
    const from = this.#oldest.get(chain) ?? 0;
    const { removed, next } = await this.#database.commit(() => cut({ chain, before, most, from }, signer), {
      alone: [chainClaim(chain), countingClaim],
      isBulk: true,
    });
    this.#oldest.set(chain, next);
    return removed;
  }

  removeUnchained(before: number, most: number): Promise<number> {
    return this.#database.commit(() => run(statements.removeUnchainedEvents, { before, most }), { isBulk: true });
  }

  async countOlder(chain: string, before: number): Promise<number> {
    const [row] = await this.#database.report(statements.countOlderEvents, { chain, before });
    return Number(row?.[0]);
  }
}

/** Who appends to a pair of chains, or cuts one of them, does so alone: named by the pair's main chain. */
export const chainClaim = (chain: string): string => `audit ${chain.replace("security", "main")}`;

/** Who counts events, or says from where on they are not counted yet, does so alone. */
export const countingClaim = "counting";

interface Cut {
  readonly chain: string;
  readonly before: number;
  readonly most: number;
  /** Where the oldest event was when it was last looked for. */
  readonly from: number;
}

function* cut({ chain, before, most, from }: Cut, signer: ChainSigner): Work<{ removed: number; next: number }> {
  const row = yield* get(statements.auditHead, { chain });
  if (row === undefined) return { removed: 0, next: from };
  const head = headFromRow(row);
  const read = (first: number): Work<readonly Row[]> => all(statements.oldestEvents, { chain, first, before, most });
  const found = yield* read(from);
  // Another process may have cut too, and ids begin again once all events are gone: then this chain begins elsewhere.
  const oldest = from === 0 || found.length === 0 || Number(found[0]?.[2]) === head.cut + 1 ? found : yield* read(0);
  // By what was written: whoever altered the column beside it must not make us forget.
  const kept = oldest.findIndex(([, event]) => timeOf(text(event)) >= before);
  const old = kept < 0 ? oldest : oldest.slice(0, kept);
  const [first, last] = [old[0], old.at(-1)];
  const next = Number((oldest[kept] ?? last)?.[0] ?? from);
  if (first === undefined || last === undefined) return { removed: 0, next };
  const links = old.map(([, event, position, mark]) => ({ event: text(event), position: Number(position), mark: text(mark) }));
  const shorter = cutChain(head, links, signer);
  if (shorter === undefined)
    throw new StorageError("damaged", `old events of the audit stay: the chain ${chain} was altered, as \`vouchsafe audit verify\` says`);
  yield* run(statements.writeAuditHead, { ...shorter });
  return { removed: yield* removeEvents({ chain, first: first[0], last: last[0] }), next };
}

/** SQLite gives the newest event's id again once that event is gone: nothing may still refer to it. */
function* removeEvents(removed: Parameters): Work<number> {
  const count = yield* run(statements.removeEvents, removed);
  yield* run(statements.removeDeliveriesOfEvents, removed);
  yield* run(statements.forgetCountedEvents);
  return count;
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

const keptFromRow = ([id, event, chain, position, mark]: Row): KeptEvent => ({
  id: Number(id),
  text: text(event),
  link: chain === null ? undefined : { chain: text(chain), position: Number(position), mark: text(mark) },
});
