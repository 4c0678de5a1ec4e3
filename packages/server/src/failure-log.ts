import { StorageError } from "vouchsafe";
import type { Logger } from "./operations.ts";

/**
 * `requestId`: of the request that it broke, or what it was that ran in the background. `flowId`: of the attempt to connect
 * that the request was a step of.
 */
export type LogFailure = (error: unknown, requestId: string, flowId?: string) => void;

/** How often repetitions have a line, in milliseconds. */
const pause = 60_000;

/** The most kinds of failures that are told apart; what is beyond is counted as one. */
const mostKinds = 100;

/** What failed last of its kind, and how often since there was a line about it. */
interface Repeated {
  readonly last: { readonly requestId: string; readonly flowId: string | undefined; readonly error: string };
  readonly times: number;
}

/**
 * Failures in the log, so that a database that is away for an hour can be read about: the first of a kind at once and
 * whole, what repeats it as one line a minute with their number, and one more line after a minute without.
 */
export function createFailureLog(logger: Logger): LogFailure {
  const failing = new Map<string, Repeated>();
  const lookAgain = (kind: string): void => {
    const { last, times } = failing.get(kind) ?? { times: 0 };
    if (times > 0) logger.error({ ...last, times, seconds: pause / 1000 }, "goes on failing");
    else logger.info({ ...last }, "has not failed for a minute");
    if (times > 0 && last !== undefined) watch(kind, { last, times: 0 });
    else failing.delete(kind);
  };
  const watch = (kind: string, repeated: Repeated): void => {
    failing.set(kind, repeated);
    setTimeout(() => lookAgain(kind), pause).unref();
  };
  return (error, requestId, flowId) => {
    const kind = kindOf(error, failing);
    const last = { requestId, flowId, error: messageOf(error) };
    const known = failing.get(kind);
    if (known !== undefined) return void failing.set(kind, { last, times: known.times + 1 });
    if (error instanceof StorageError) logger.error(last, "storage failed");
    else logger.error({ ...last, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }, "something broke");
    watch(kind, { last, times: 0 });
  };
}

function kindOf(error: unknown, known: ReadonlyMap<string, Repeated>): string {
  const kind = `${error instanceof Error ? error.name : typeof error}: ${messageOf(error)}`;
  return known.has(kind) || known.size < mostKinds ? kind : "";
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
