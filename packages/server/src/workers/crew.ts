import type { Socket } from "node:net";
import { CommandError, exitCode } from "../exit.ts";
import type { Counted } from "../metrics/metrics.ts";
import type { Logger } from "../operations.ts";
import { type End, type WorkerOptions, WorkerProcess } from "./worker-process.ts";

/** How long after its end a worker is started again, in milliseconds: twice as long each time, as long as it lives shortly. */
const [firstPause, longestPause] = [100, 30_000];

/** What lived so long, in milliseconds, did not die of its start. */
const settledAfter = 10_000;

const isShort = ({ lived }: End): boolean => lived < settledAfter;

/** So many short lives in a row, and nobody there to answer, are no accident. */
const mostShortLives = 5;

/** What starting again would not change. */
const hopeless: readonly (number | null)[] = [exitCode.configuration, exitCode.storage];

export interface CrewOptions extends Pick<WorkerOptions, "flags" | "demo" | "writeLine"> {
  readonly size: number;
  readonly logger: Logger;
  /** Adds up what workers counted that have ended. */
  readonly addUp: (counted: readonly Counted[]) => Promise<Counted>;
  /** Nobody is there any more, and nobody will be. Only after `start`. */
  readonly onLost: (error: CommandError) => void;
}

/** As many workers as there should be, started again where they end. */
export class Crew {
  readonly #options: CrewOptions;
  readonly #workers = new Map<number, WorkerProcess>();
  readonly #pauses = new Map<number, number>();
  /** When each worker was last handed a connection, as a count. */
  readonly #turns = new Map<number, number>();
  /** Connections that came while nobody was ready. */
  readonly #waiting = new Set<Socket>();
  readonly #starting = Promise.withResolvers<void>();
  #hasStarted = false;
  #isStopping = false;
  #shortLives = 0;
  #turn = 0;
  #retired: Promise<Counted> = Promise.resolve([]);

  constructor(options: CrewOptions) {
    this.#options = options;
  }

  /**
   * Starts the workers, and resolves once all are ready. The first starts alone: it brings a new database to its schema, makes
   * what is made once, and finds the mistakes.
   * @throws CommandError with the exit code and the words of the worker that could not start
   */
  start(): Promise<void> {
    this.#launch(1);
    return this.#starting.promise;
  }

  /** Gives a connection to whoever has the fewest on the way, and of these to whoever waited longest. */
  hand(socket: Socket): void {
    const [next] = [...this.#workers.values()]
      .filter(({ isReady }) => isReady)
      .sort((a, b) => a.onTheWay - b.onTheWay || this.#turnOf(a) - this.#turnOf(b));
    if (next === undefined) {
      this.#waiting.add(socket);
      return;
    }
    this.#turns.set(next.number, ++this.#turn);
    next.hand(socket);
  }

  /** Resolves once every worker has answered what it took, to false where one was not in time or ended otherwise. */
  async stop(grace: number): Promise<boolean> {
    this.#isStopping = true;
    const workers = [...this.#workers.values()];
    const late = setTimeout(() => void this.kill(), grace);
    for (const worker of workers) worker.stop();
    const ends = await Promise.all(workers.map(({ ended }) => ended));
    clearTimeout(late);
    return ends.every(({ code }) => code === 0);
  }

  /** Resolves once they have ended. */
  async kill(): Promise<void> {
    this.#isStopping = true;
    const workers = [...this.#workers.values()];
    for (const worker of workers) worker.kill();
    await Promise.all(workers.map(({ ended }) => ended));
  }

  #turnOf({ number }: WorkerProcess): number {
    return this.#turns.get(number) ?? 0;
  }

  #launch(number: number): void {
    if (this.#isStopping) return;
    const { flags, demo, writeLine } = this.#options;
    const worker = new WorkerProcess({
      number,
      flags,
      demo,
      writeLine,
      onReady: () => this.#greet(number),
      onAsk: (id) => void this.#answer(worker, id),
    });
    this.#workers.set(number, worker);
    void worker.ended.then((end) => this.#miss(worker, end));
  }

  #greet(number: number): void {
    for (const socket of this.#waiting) {
      this.#waiting.delete(socket);
      this.hand(socket);
    }
    if (this.#hasStarted) return;
    const { size } = this.#options;
    if (number === 1) for (let other = 2; other <= size; other++) if (!this.#workers.has(other)) this.#launch(other);
    if (this.#workers.size < size || [...this.#workers.values()].some(({ isReady }) => !isReady)) return;
    this.#hasStarted = true;
    this.#starting.resolve();
  }

  #miss(worker: WorkerProcess, end: End): void {
    this.#workers.delete(worker.number);
    for (const socket of worker.handed) this.hand(socket);
    this.#retire(worker.counted);
    if (this.#isStopping) return;
    this.#shortLives = isShort(end) ? this.#shortLives + 1 : 0;
    const loss = this.#lossBy(end);
    if (loss === undefined) this.#startAgain(worker, end);
    else this.#lose(loss);
  }

  /** Undefined where starting again may help. */
  #lossBy({ code, reason }: End): CommandError | undefined {
    if (!this.#hasStarted && hopeless.includes(code))
      return new CommandError(code ?? exitCode.failure, reason?.words ?? `A worker ended with exit code ${code}.`);
    const isAnyoneThere = [...this.#workers.values()].some(({ isReady }) => isReady);
    if (isAnyoneThere || this.#shortLives < mostShortLives) return undefined;
    return new CommandError(exitCode.failure, reason?.words ?? "Workers end as soon as they have begun, and are not started again.");
  }

  #startAgain({ number }: WorkerProcess, end: End): void {
    const before = isShort(end) ? this.#pauses.get(number) : undefined;
    const pause = before === undefined ? firstPause : Math.min(longestPause, before * 2);
    this.#pauses.set(number, pause);
    const { code, signal, reason } = end;
    const why = reason === undefined ? {} : { reason: reason.words };
    this.#options.logger.warn({ worker: number, code, signal, ...why, pause }, "a worker ended, and is started again");
    setTimeout(() => this.#launch(number), pause);
  }

  #lose(error: CommandError): void {
    void this.kill().then(() => {
      if (this.#hasStarted) this.#options.onLost(error);
      else this.#starting.reject(error);
    });
  }

  /** Sums only grow: what a worker had counted when it was last asked remains, or Prometheus would take its end for a jump. */
  #retire(counted: Counted): void {
    if (counted.length === 0) return;
    this.#retired = this.#retired.then(async (retired) => this.#options.addUp([retired, counted]));
  }

  async #answer(asker: WorkerProcess, id: number): Promise<void> {
    const others = [...this.#workers.values()].filter((worker) => worker !== asker);
    const counted = await Promise.all(others.map((worker) => worker.count()));
    asker.tellOthers(id, [...counted, await this.#retired]);
  }
}
