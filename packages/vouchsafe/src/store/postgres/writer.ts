import type { AuditEvent } from "../../audit.ts";
import type { Claims, TransactionWork } from "../sql/database.ts";
import type { Journal } from "../sql/journal.ts";
import { Listeners } from "../sql/listeners.ts";
import { StorageError } from "../store.ts";
import { ClaimedNames, claimParameters, takeClaims } from "./claims.ts";
import { guardStorage, type PostgresClient, type PostgresPool, sqlStateOf } from "./client.ts";
import { PostgresTransaction, settle } from "./transaction.ts";
import { anyPair, type PairPreference, requestPair, writeEvents } from "./write-events.ts";

interface Pending {
  readonly work: TransactionWork<unknown>;
  readonly claims: Claims;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
  /** When it came, by the process's own clock. */
  readonly since: number;
  /** How often it was tried. After the first time it is tried alone. */
  attempts: number;
}

interface Outcome {
  readonly result: unknown;
  readonly events: readonly AuditEvent[];
}

interface Failure {
  readonly error: unknown;
  /** Nothing was written, and the database still answers. */
  readonly isUndone: boolean;
}

/** The most writes that share a transaction. */
const mostTogether = 64;

/** How many transactions of a process are under way at once: of those that requests wait for, and of bulky ones. */
const [mostAtOnce, mostBulky] = [3, 2];

/** How long a write that a request waits for waits for its turn, in milliseconds: behind a database that hangs it never comes. */
const patience = 8000;

/** How often a write is tried where it and another one waited for each other. */
const mostAttempts = 3;

const isFull = ([first, ...others]: readonly Pending[]): boolean =>
  first !== undefined && (isApart(first) || others.length + 1 === mostTogether);

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
  readonly #listeners = new Listeners();
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
    this.#listeners.add(listener);
  }

  commit<Result>(work: TransactionWork<Result>, claims: Claims = {}): Promise<Result> {
    if (this.#isClosed) return Promise.reject(new StorageError("unavailable", "the database is closed"));
    return new Promise((resolve, reject) => {
      this.#pending.push({ work, claims, resolve, reject, since: performance.now(), attempts: 0 });
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
    this.#dismiss();
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

  /** Whoever has waited for too long is told so, and can try again. */
  #dismiss(): void {
    const latest = performance.now() - patience;
    const isLate = ({ claims, since }: Pending): boolean => since < latest && claims.isBulk !== true;
    const late = this.#pending.filter(isLate);
    if (late.length === 0) return;
    this.#pending = this.#pending.filter((pending) => !isLate(pending));
    for (const { reject } of late) reject(new StorageError("unavailable", "the database does not keep up with what is to be written"));
  }

  /**
   * The next transaction's. What is bulky, or was tried with others before, has one of its own; what claims the same stays in
   * the order in which it came.
   */
  #take(): readonly Pending[] {
    if (!this.#pending.some((pending) => this.#hasRoom([], pending))) return [];
    const claimed = new ClaimedNames();
    for (const running of this.#running.values()) for (const { claims } of running) claimed.add(claims);
    const batch: Pending[] = [];
    const left: Pending[] = [];
    for (const pending of this.#pending) {
      if (isFull(batch)) break;
      if (this.#hasRoom(batch, pending) && claimed.admit(pending.claims)) batch.push(pending);
      else left.push(pending);
      claimed.add(pending.claims);
    }
    this.#pending = [...left, ...this.#pending.slice(left.length + batch.length)];
    return batch;
  }

  #hasRoom([first]: readonly Pending[], pending: Pending): boolean {
    const isBulk = pending.claims.isBulk === true;
    if (first === undefined) return isBulk ? this.#bulky < mostBulky : this.#regular < mostAtOnce;
    return !isApart(pending);
  }

  async #run(batch: readonly Pending[]): Promise<void> {
    const began = performance.now();
    const done = await this.#attempt(batch);
    this.#onCommit?.(performance.now() - began);
    if ("error" in done) this.#fail(batch, done);
    else this.#succeed(batch, done);
  }

  #succeed(batch: readonly Pending[], outcomes: readonly Outcome[]): void {
    for (const [index, { resolve }] of batch.entries()) {
      const { events = [], result } = outcomes[index] ?? {};
      resolve(result as never);
      this.#listeners.tell(events);
    }
  }

  /** One write's failure is no other's; a database that does not answer is everybody's. */
  #fail(batch: readonly Pending[], { error, isUndone }: Failure): void {
    const again: Pending[] = [];
    for (const pending of batch) {
      pending.attempts++;
      if (isUndone && (isCollision(error) ? pending.attempts < mostAttempts : batch.length > 1)) again.push(pending);
      else pending.reject(error);
    }
    // Before what came later and claims the same.
    this.#pending.unshift(...again);
  }

  async #attempt(batch: readonly Pending[]): Promise<readonly Outcome[] | Failure> {
    let client: PostgresClient;
    try {
      client = await guardStorage(this.#pool.connect());
    } catch (error) {
      return { error, isUndone: false };
    }
    const transaction = new PostgresTransaction(client);
    const preference = this.#preferences.pop() ?? anyPair();
    try {
      const outcomes = await this.#transactOn(transaction, batch, preference);
      client.release();
      return outcomes;
    } catch (error) {
      client.release(transaction.isLost || !(await isRolledBack(transaction)));
      return { error, isUndone: !transaction.isLost };
    } finally {
      this.#preferences.push(preference);
    }
  }

  async #transactOn(transaction: PostgresTransaction, batch: readonly Pending[], preference: PairPreference): Promise<readonly Outcome[]> {
    const recorded = batch.map((): AuditEvent[] => []);
    const begun = transaction.command("BEGIN ISOLATION LEVEL READ COMMITTED");
    const claims = claimParameters(batch.map((pending) => pending.claims));
    const claimed = claims === undefined ? begun : transaction.all(takeClaims, claims);
    // What is bulky has few events or none, and would keep the pair from others for long.
    const request = batch.some(({ claims }) => claims.isBulk === true) ? undefined : requestPair(transaction, preference);
    const driven = transaction.driveAll(
      batch.map(
        ({ work }, index) =>
          () =>
            work((event) => recorded[index]?.push(event)),
      ),
    );
    // In the order in which they were sent: what follows a refusal is refused for its sake.
    await settle<unknown>([begun, claimed, ...(request === undefined ? [] : [request.isTaken, request.heads]), driven]);
    const results = await driven;
    const events = recorded.flat();
    const written = events.length === 0 ? [] : await writeEvents(transaction, this.#journal, { events, request, preference });
    await settle([...written, transaction.command("COMMIT")]);
    return results.map((result, index) => ({ result, events: recorded[index] ?? [] }));
  }
}

/** A connection that cannot even undo is not used again. */
const isRolledBack = (transaction: PostgresTransaction): Promise<boolean> =>
  transaction.command("ROLLBACK").then(
    () => true,
    () => false,
  );
