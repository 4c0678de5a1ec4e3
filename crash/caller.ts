import { type Answer, Connection, type Message } from "../bench/connection.ts";
import type { Ledger } from "./ledger.ts";

/** What is being done to the server while it is asked. */
export interface Disturbance {
  /** When the server was killed, or told to stop: on the clock of `performance.now()`. */
  since: number | undefined;
  /** `kill`: nobody is owed an answer; `stop`: everybody whose connection was there is; `storage`: 503 is an answer. */
  readonly kind: "kill" | "stop" | "storage";
}

/** There is no answer, or one that says that it cannot be said: whatever was asked for may have happened or not. */
export class Unanswered extends Error {}

/** An answer that there is no reason for. It is in the ledger already. */
export class WrongAnswer extends Error {}

/** Goes on where a request came to nothing: what that means is in the ledger already. Returns whether it came to something. */
export async function attempt(ask: () => Promise<unknown>): Promise<boolean> {
  try {
    await ask();
    return true;
  } catch (error) {
    if (error instanceof Unanswered || error instanceof WrongAnswer) return false;
    throw error;
  }
}

/** Asks the server one thing after the other, over one connection, and keeps apart what may break from what must not. */
export class Caller {
  readonly #connection: Connection;
  readonly #disturbance: Disturbance;
  readonly #ledger: Ledger;
  #openedAt = 0;

  constructor(port: number, disturbance: Disturbance, ledger: Ledger) {
    this.#connection = new Connection(port);
    this.#disturbance = disturbance;
    this.#ledger = ledger;
  }

  /**
   * Resolves to an answer with one of these statuses.
   * @throws Unanswered, WrongAnswer
   */
  async ask(message: Message, ...statuses: readonly number[]): Promise<Answer> {
    if (!this.#connection.isOpen) this.#openedAt = performance.now();
    const answer = await this.#connection.send(message).catch((error: unknown) => this.#unanswered(message, error));
    if (statuses.includes(answer.status)) return answer;
    if (answer.status === 503 && this.#disturbance.kind === "storage" && this.#disturbance.since !== undefined) {
      this.#ledger.holds(answer.headers.has("retry-after"), "wrong", `${nameOf(message)} answered 503 without Retry-After`);
      this.#ledger.broke();
      throw new Unanswered();
    }
    this.#ledger.found("wrong", `${nameOf(message)} answered ${answer.status}, not ${statuses.join(" or ")}${errorIn(answer)}`);
    throw new WrongAnswer();
  }

  close(): void {
    this.#connection.close();
  }

  #unanswered(message: Message, error: unknown): never {
    const { since, kind } = this.#disturbance;
    if (error instanceof Error && "syscall" in error && error.syscall === "connect" && since !== undefined && kind !== "storage") {
      this.#ledger.cameTooLate();
    } else if (since !== undefined && kind === "kill") this.#ledger.broke();
    else if (since !== undefined && kind === "stop" && this.#openedAt > since) this.#ledger.cameTooLate();
    else this.#ledger.found("unanswered", `${nameOf(message)} was not answered: ${error instanceof Error ? error.message : ""}`);
    throw new Unanswered();
  }
}

const nameOf = ({ method = "GET", path, form }: Message): string => {
  const grantType = form?.["grant_type"];
  return `${method} ${path.split("?", 1)[0]}${grantType === undefined ? "" : ` (${grantType})`}`;
};

/** The code of an OAuth error; pages are not quoted. */
function errorIn({ body }: Answer): string {
  const code = /^\{"error":"([a-z_]+)"/.exec(body.toString("utf8", 0, 200))?.[1];
  return code === undefined ? "" : `: ${code}`;
}
