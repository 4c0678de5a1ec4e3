import type { AuditEvent } from "../../audit.ts";
import { pairOfChains } from "../../protocol/audit-chain.ts";
import type { Step, StepAnswer, TransactionWork, Work } from "../sql/database.ts";
import { type Entry, entryToRow, type Journal } from "../sql/journal.ts";
import { Listeners } from "../sql/listeners.ts";
import { statements } from "../sql/statements.ts";
import { StorageError } from "../store.ts";
import type { SqliteDatabase, SqliteOptions } from "./database.ts";
import { guardStorage } from "./guard-storage.ts";

interface Pending {
  readonly work: TransactionWork<unknown>;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

/** What is told once the commit has happened. */
interface Outcome {
  readonly events: readonly AuditEvent[];
  readonly answer: () => void;
}

/** With one writer at a time one pair is enough. */
const pair = pairOfChains(1);

/**
 * Writes that arrive together share a commit: each waits for the next turn of the event loop, all of them run in one
 * transaction with a savepoint each, and nobody is answered before the commit. One whose work throws is rolled back alone;
 * where the commit itself fails, all fail.
 */
export class SqliteWriter {
  readonly #connection: SqliteDatabase;
  readonly #journal: Journal;
  readonly #onDuration: SqliteOptions["onDuration"];
  readonly #listeners = new Listeners();
  #pending: Pending[] = [];
  #isClosed = false;

  constructor(connection: SqliteDatabase, journal: Journal, onDuration: SqliteOptions["onDuration"]) {
    this.#connection = connection;
    this.#journal = journal;
    this.#onDuration = onDuration;
  }

  subscribe(listener: (event: AuditEvent) => void): void {
    this.#listeners.add(listener);
  }

  commit<Result>(work: TransactionWork<Result>): Promise<Result> {
    if (this.#isClosed) return Promise.reject(new StorageError("unavailable", "the database is closed"));
    return new Promise((resolve, reject) => {
      if (this.#pending.push({ work, resolve, reject }) === 1) setImmediate(() => this.#flush());
    });
  }

  /** Finishes what is under way. */
  close(): void {
    this.#flush();
    this.#isClosed = true;
  }

  #flush(): void {
    const batch = this.#pending;
    this.#pending = [];
    if (batch.length === 0) return;
    try {
      const outcomes = guardStorage("unavailable", () => this.#transact(batch));
      for (const { events, answer } of outcomes) {
        this.#listeners.tell(events);
        answer();
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  #transact(batch: readonly Pending[]): readonly Outcome[] {
    const began = this.#onDuration === undefined ? 0 : performance.now();
    try {
      return this.#transactAtOnce(batch);
    } finally {
      this.#onDuration?.("commit", performance.now() - began);
    }
  }

  #transactAtOnce(batch: readonly Pending[]): readonly Outcome[] {
    const connection = this.#connection;
    connection.beginWriting();
    try {
      const outcomes = batch.map((pending) => (batch.length === 1 ? this.#attempt(pending) : this.#attemptAlone(pending)));
      const events = outcomes.flatMap((outcome) => outcome.events);
      if (events.length > 0) this.#writeEvents(events);
      connection.run("COMMIT");
      return outcomes;
    } catch (error) {
      if (connection.isTransaction) connection.run("ROLLBACK");
      throw error;
    } finally {
      connection.endWriting();
    }
  }

  #attempt({ work, resolve }: Pending): Outcome {
    const events: AuditEvent[] = [];
    const result = this.#drive(work((event) => events.push(event))) as never;
    return { events, answer: () => resolve(result) };
  }

  #attemptAlone(pending: Pending): Outcome {
    this.#connection.run("SAVEPOINT one");
    try {
      const outcome = this.#attempt(pending);
      this.#connection.run("RELEASE one");
      return outcome;
    } catch (error) {
      if (!this.#connection.isTransaction) throw error; // the database gave up on all of it
      this.#connection.run("ROLLBACK TO one");
      this.#connection.run("RELEASE one");
      return { events: [], answer: () => pending.reject(error) };
    }
  }

  #drive<Result>(work: Work<Result>): Result {
    let next = work.next();
    while (next.done !== true) next = work.next(this.#answer(next.value));
    return next.value;
  }

  #answer({ kind, statement, parameters }: Step): StepAnswer {
    return kind === "run"
      ? this.#connection.run(statement, parameters)
      : kind === "get"
        ? this.#connection.get(statement, parameters)
        : this.#connection.all(statement, parameters);
  }

  /** The heads are read where they are written: nobody else moves them in between. */
  #writeEvents(events: readonly AuditEvent[]): void {
    const { signer } = this.#journal;
    if (signer === undefined) {
      for (const event of events) this.#writeEntry({ event, text: JSON.stringify(event), place: {} });
      return;
    }
    const heads = this.#drive(this.#journal.headsOf(pair, this.#connection.all(statements.pairHeads, { ...pair }), signer));
    const { entries, moves } = this.#journal.extend(events, heads, signer);
    for (const entry of entries) this.#writeEntry(entry);
    for (const move of moves) this.#answer(move);
  }

  #writeEntry(entry: Entry): void {
    const subscribers = this.#journal.subscribersOf(entry.event);
    if (subscribers.length === 0) {
      this.#connection.run(statements.record, entryToRow(entry));
      return;
    }
    const [eventId] = this.#connection.get(statements.recordReturning, entryToRow(entry)) ?? [];
    for (const subscription of subscribers) this.#connection.run(statements.addDelivery, { eventId, subscription, dueAt: entry.event.at });
  }
}
