import type { Step, StepAnswer, Work } from "../sql/database.ts";
import type { Parameters, Row } from "../sql/rows.ts";
import { StorageError } from "../store.ts";
import {
  answerOf,
  guardStorage,
  isRefusal,
  type PostgresClient,
  type PostgresCommand,
  type PostgresParameters,
  type PostgresQuery,
  type PostgresResult,
  queryOf,
  rowsOf,
} from "./client.ts";

/**
 * What one connection is asked within a transaction. Nothing waits for the answer before it: questions that do not depend on
 * each other are sent together, and make one journey.
 */
export class PostgresTransaction {
  readonly #client: PostgresClient;
  #before: Promise<unknown> = Promise.resolve();
  #isLost = false;

  constructor(client: PostgresClient) {
    this.#client = client;
  }

  /** Something was not answered: nobody knows whether the transaction was committed, and its connection is of no use. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** `BEGIN` or `COMMIT`. A transaction that was refused something answers the latter with another word. */
  async command(text: string): Promise<void> {
    const { command } = await this.#ask({ text });
    if (!text.startsWith(command)) throw new StorageError("unavailable", `the database answered ${command} to ${text}`);
  }

  async all(statement: string, parameters: PostgresParameters = {}): Promise<readonly Row[]> {
    return rowsOf(await this.#ask(queryOf(statement, parameters)));
  }

  async run(statement: string, parameters: Parameters): Promise<void> {
    await this.#ask(queryOf(statement, parameters));
  }

  async answer(step: Step): Promise<StepAnswer> {
    return answerOf(step, await this.#ask(queryOf(step.statement, step.parameters)));
  }

  /** One work, step by step. */
  async drive<Result>(work: Work<Result>): Promise<Result> {
    let next = work.next();
    while (next.done !== true) next = work.next(await this.answer(next.value));
    return next.value;
  }

  /** Several works side by side: their first steps make one journey, their second steps another one. */
  async driveAll(starts: readonly (() => Work<unknown>)[]): Promise<readonly unknown[]> {
    const driven = starts.map((start) => {
      const work = start();
      return { work, next: work.next() };
    });
    for (;;) {
      const waiting = driven.flatMap((one) => (one.next.done === true ? [] : [{ one, step: one.next.value }]));
      if (waiting.length === 0) return driven.map(({ next }) => next.value);
      const ordered = waiting.map(({ one, step }) => ({ one, step, row: rowOf(step) })).sort((a, b) => compare(a.row, b.row));
      const answers = await settle(ordered.map(({ step }) => this.answer(step)));
      for (const [index, { one }] of ordered.entries()) one.next = one.work.next(answers[index]);
    }
  }

  async #ask(query: PostgresQuery | PostgresCommand): Promise<PostgresResult> {
    try {
      return await guardStorage(this.#send(query));
    } catch (error) {
      this.#isLost ||= !isRefusal(error);
      throw error;
    }
  }

  /** A connection of somebody else's pool may take one question after the other only. */
  #send(query: PostgresQuery | PostgresCommand): Promise<PostgresResult> {
    if (this.#client.pipeline === true) return this.#client.query(query);
    const sent = this.#before.then(() => this.#client.query(query));
    this.#before = sent.catch(() => undefined);
    return sent;
  }
}

/**
 * The row that a step is about. All transactions ask for rows in the order of these names: two that hold what the other one
 * needs would wait for each other.
 */
function rowOf({ parameters: { hash, id, requestId, name } }: Step): string {
  const named = hash ?? id ?? requestId ?? name ?? "";
  return named instanceof Uint8Array ? Buffer.from(named).toString("hex") : String(named);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** All answers, or the first refusal: those behind it are refused for its sake, and nobody listens to them. */
export async function settle<Answer>(sent: readonly Promise<Answer>[]): Promise<readonly Answer[]> {
  const settled = await Promise.allSettled(sent);
  return settled.map((one) => {
    if (one.status === "rejected") throw one.reason;
    return one.value;
  });
}
