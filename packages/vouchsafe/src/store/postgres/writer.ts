import type { AuditEvent } from "../../audit.ts";
import type { Claims, TransactionWork } from "../sql/database.ts";
import type { Journal } from "../sql/journal.ts";
import { StorageError } from "../store.ts";
import { areCompatible, claimParameters, takeClaims } from "./claims.ts";
import { guardStorage, type PostgresClient, type PostgresPool, sqlStateOf } from "./client.ts";
import { PostgresTransaction, settle } from "./transaction.ts";
import { anyPair, type PairPreference, requestPair, writeEvents } from "./write-events.ts";

interface Pending {
  readonly work: TransactionWork<unknown>;
  readonly claims: Claims;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
  /** How often it was tried alone, after it failed with others. */
  attempts: number;
}

interface Outcome {
  readonly result: unknown;
  readonly events: readonly AuditEvent[];
}

/** The most writes that share a transaction. */
const mostTogether = 64;

/** The most waiting writes that are looked at for the next transaction. */
const mostLooked = 200;

/** How many transactions of a process are under way at once: of those that requests wait for, and of bulky ones. */
const [mostAtOnce, mostBulky] = [3, 2];

/** How often a write is tried alone where it and another one waited for each other. */
const mostAttempts = 3;

const isApart = ({ claims, attempts }: Pending): boolean => claims.isBulk === true || attempts > 0;

/** Two transactions waited for each other, or one changed what another had read. */
const isCollision = (error: unknown): boolean => ["40P01", "40001"].includes(sqlStateOf(error) ?? "");

/**
 * Writes that arrive together share a transaction: its journeys, its place in the audit's chains and its commit. Nobody is
 * answered before the commit. Where one of them fails, all are undone, and each is tried alone.
 */
export class PostgresWriter {
  readonly #pool: PostgresPool;
  readonly #journal: Journal;
  readonly #onCommit: ((duration: number) => void) | undefined;
  readonly #listeners: ((event: AuditEvent) => void)[] = [];
  readonly #running = new Map<Promise<void>, readonly Pending[]>();
  readonly #preferences: PairPreference[] = [];
  #pending: Pending[] = [];
  #regular = 0;
  #bulky = 0;
  #isScheduled = false;
  #isClosed = false;

  constructor(pool: PostgresPool, journal: Journal, onCommit?: (duration: number) => void) {
    this.#pool = pool;
    this.#journal = journal;
    this.#onCommit = onCommit;
  }

  subscribe(listener: (event: AuditEvent) => void): void {
    this.#listeners.push(listener);
  }

  commit<Result>(work: TransactionWork<Result>, claims: Claims = {}): Promise<Result> {
    if (this.#isClosed) return Promise.reject(new StorageError("unavailable", "the database is closed"));
    return new Promise((resolve, reject) => {
      this.#pending.push({ work, claims, resolve, reject, attempts: 0 });
      if (this.#isScheduled) return;
      this.#isScheduled = true;
      setImmediate(() => this.#begin());
    });
  }

  /** Finishes what is under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#begin();
    while (this.#running.size > 0) await Promise.all(this.#running.keys());
  }

  #begin(): void {
    this.#isScheduled = false;
    while (this.#pending.length > 0) {
      const batch = this.#take();
      if (batch.length === 0) return;
      const isBulk = batch[0]?.claims.isBulk === true;
      if (isBulk) this.#bulky++;
      else this.#regular++;
      const running = this.#run(batch).finally(() => {
        if (isBulk) this.#bulky--;
        else this.#regular--;
        this.#running.delete(running);
        this.#begin();
      });
      this.#running.set(running, batch);
    }
  }

  /**
   * The next transaction's. What is bulky, or was tried with others before, has one of its own; what claims the same stays in
   * the order in which it came.
   */
  #take(): readonly Pending[] {
    const before = [...this.#running.values()].flat();
    const batch: Pending[] = [];
    const left: Pending[] = [];
    let looked = 0;
    for (const pending of this.#pending) {
      if (++looked > mostLooked || batch.length === mostTogether) break;
      const isFree = [...before, ...left, ...batch].every(({ claims }) => areCompatible(claims, pending.claims));
      if (isFree && this.#hasRoom(batch, pending)) batch.push(pending);
      else left.push(pending);
    }
    this.#pending = [...left, ...this.#pending.slice(left.length + batch.length)];
    return batch;
  }

  #hasRoom([first]: readonly Pending[], pending: Pending): boolean {
    const isBulk = pending.claims.isBulk === true;
    if (first === undefined) return isBulk ? this.#bulky < mostBulky : this.#regular < mostAtOnce;
    return !isApart(first) && !isApart(pending);
  }

  async #run(batch: readonly Pending[]): Promise<void> {
    const began = performance.now();
    try {
      const outcomes = await this.#transact(batch);
      for (const [index, { resolve }] of batch.entries()) {
        const { events = [], result } = outcomes[index] ?? {};
        for (const event of events) for (const listener of this.#listeners) listener(event);
        resolve(result as never);
      }
    } catch (error) {
      this.#fail(batch, error);
    } finally {
      this.#onCommit?.(performance.now() - began);
    }
  }

  /** One write's failure is no other's; a database that does not answer is everybody's. */
  #fail(batch: readonly Pending[], error: unknown): void {
    const isAnswered = !(error instanceof StorageError) || sqlStateOf(error) !== undefined;
    for (const pending of batch) {
      pending.attempts++;
      const again = isCollision(error) ? pending.attempts < mostAttempts : isAnswered && batch.length > 1;
      if (again) this.#pending.push(pending);
      else pending.reject(error);
    }
  }

  async #transact(batch: readonly Pending[]): Promise<readonly Outcome[]> {
    const client = await guardStorage(this.#pool.connect());
    const preference = this.#preferences.pop() ?? anyPair();
    try {
      const outcomes = await this.#transactOn(client, batch, preference);
      client.release();
      return outcomes;
    } catch (error) {
      await rollBack(client, error);
      throw error;
    } finally {
      this.#preferences.push(preference);
    }
  }

  async #transactOn(client: PostgresClient, batch: readonly Pending[], preference: PairPreference): Promise<readonly Outcome[]> {
    const transaction = new PostgresTransaction(client);
    const recorded = batch.map((): AuditEvent[] => []);
    const begun = transaction.command("BEGIN ISOLATION LEVEL READ COMMITTED");
    const claims = claimParameters(batch.map((pending) => pending.claims));
    const claimed = claims === undefined ? begun : transaction.all(takeClaims, claims);
    const request = requestPair(transaction, preference);
    const driven = transaction.driveAll(batch.map(({ work }, index) => work((event) => recorded[index]?.push(event))));
    // In the order in which they were sent: what follows a refusal is refused for its sake.
    await settle<unknown>([begun, claimed, request.isTaken, request.heads, driven]);
    const results = await driven;
    const events = recorded.flat();
    const written = events.length === 0 ? [] : await writeEvents(transaction, this.#journal, { events, request, preference });
    await settle([...written, transaction.command("COMMIT")]);
    return results.map((result, index) => ({ result, events: recorded[index] ?? [] }));
  }
}

/** A connection that cannot even undo is not used again. */
async function rollBack(client: PostgresClient, error: unknown): Promise<void> {
  if (error instanceof StorageError && sqlStateOf(error) === undefined) {
    client.release(true);
    return;
  }
  try {
    await client.query({ text: "ROLLBACK" });
    client.release();
  } catch {
    client.release(true);
  }
}
