import type { Step, StepAnswer, Work } from "../sql/database.ts";
import type { Parameters, Row } from "../sql/rows.ts";
import { StorageError } from "../store.ts";
import { answerOf, guardStorage, type PostgresClient, type PostgresParameters, queryOf, rowsOf } from "./client.ts";

/**
 * What one connection is asked within a transaction. Nothing waits for the answer before it: questions that do not depend on
 * each other are sent together, and make one journey.
 */
export class PostgresTransaction {
  readonly #client: PostgresClient;

  constructor(client: PostgresClient) {
    this.#client = client;
  }

  /** `BEGIN` or `COMMIT`. A transaction that was refused something answers the latter with another word. */
  async command(text: string): Promise<void> {
    const { command } = await guardStorage(this.#client.query({ text }));
    if (!text.startsWith(command)) throw new StorageError("unavailable", `the database answered ${command} to ${text}`);
  }

  async all(statement: string, parameters: PostgresParameters = {}): Promise<readonly Row[]> {
    return rowsOf(await guardStorage(this.#client.query(queryOf(statement, parameters))));
  }

  async run(statement: string, parameters: Parameters): Promise<void> {
    await guardStorage(this.#client.query(queryOf(statement, parameters)));
  }

  async answer(step: Step): Promise<StepAnswer> {
    return answerOf(step, await guardStorage(this.#client.query(queryOf(step.statement, step.parameters))));
  }

  /** One work, step by step. */
  async drive<Result>(work: Work<Result>): Promise<Result> {
    let next = work.next();
    while (next.done !== true) next = work.next(await this.answer(next.value));
    return next.value;
  }

  /** Several works side by side: their first steps make one journey, their second steps another one. */
  async driveAll(works: readonly Work<unknown>[]): Promise<readonly unknown[]> {
    const results = works.map((work) => ({ work, next: work.next() }));
    for (;;) {
      const waiting = results.filter(({ next }) => next.done !== true);
      if (waiting.length === 0) return results.map(({ next }) => next.value);
      const answers = await settle(waiting.map(({ next }) => this.answer(next.value as Step)));
      for (const [index, one] of waiting.entries()) one.next = one.work.next(answers[index]);
    }
  }
}

/** All answers, or the first refusal: those behind it are refused for its sake, and nobody listens to them. */
export async function settle<Answer>(sent: readonly Promise<Answer>[]): Promise<readonly Answer[]> {
  const settled = await Promise.allSettled(sent);
  return settled.map((one) => {
    if (one.status === "rejected") throw one.reason;
    return one.value;
  });
}
