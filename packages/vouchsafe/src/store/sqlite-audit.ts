import { type AuditEvent, isSecurityEvent } from "../audit.ts";
import { type ChainHead, type ChainSigner, extendChain, newHead } from "../protocol/audit-chain.ts";
import { type Row, text } from "./rows.ts";
import type { SqliteDatabase, Transaction } from "./sqlite-database.ts";
import { statements } from "./statements.ts";
import type { AuditTrail, EventFilter, KeptEvent } from "./store.ts";

const latest = Number.MAX_SAFE_INTEGER;

/** The events of a commit, which are written together, at its end: one that is rolled back alone never stood in a chain. */
export class SqliteAudit implements AuditTrail {
  readonly #database: SqliteDatabase;
  #signer: ChainSigner | undefined;
  #noted: AuditEvent[] = [];

  constructor(database: SqliteDatabase) {
    this.#database = database;
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

  async list({ types = [], from = 0, until = latest, before = latest, most }: EventFilter): Promise<readonly KeptEvent[]> {
    const named = types.length === 0 ? "" : ` ${types.join(" ")} `;
    return this.#database.all(statements.listEvents, { types: named, from, until, before, most }).map(keptFromRow);
  }

  async read(after: number, most: number): Promise<readonly KeptEvent[]> {
    return this.#database.all(statements.readEvents, { after, most }).map(keptFromRow);
  }

  async heads(): Promise<readonly ChainHead[]> {
    return this.#database.all(statements.auditHeads).map(headFromRow);
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
      for (const event of noted) insert(transaction, event, JSON.stringify(event), {});
      return;
    }
    const security = noted.filter(isSecurityEvent);
    if (security.length > 0) extend(transaction, "security", security, signer);
    if (security.length < noted.length)
      extend(
        transaction,
        "main",
        noted.filter((event) => !isSecurityEvent(event)),
        signer,
      );
  }
}

/** SQLite has one writer at a time, so that the head is read where it is written: nobody else moves it in between. */
function extend(transaction: Transaction, chain: string, events: readonly AuditEvent[], signer: ChainSigner): void {
  const row = transaction.get(statements.auditHead, { chain });
  const texts = events.map((event) => JSON.stringify(event));
  const { head, links } = extendChain(row === undefined ? newHead(chain, signer) : headFromRow(row), texts, signer);
  for (const [index, event] of events.entries()) {
    const link = links[index];
    if (link !== undefined) insert(transaction, event, link.event, { chain, position: link.position, mark: link.mark });
  }
  transaction.run(statements.writeAuditHead, { ...head });
}

interface Place {
  readonly chain?: string;
  readonly position?: number;
  readonly mark?: string;
}

const insert = (transaction: Transaction, { at, type }: AuditEvent, event: string, place: Place): number =>
  transaction.run(statements.record, { at, type, event, ...place });

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
