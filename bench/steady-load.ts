import { setTimeout as pause } from "node:timers/promises";
import { Connection } from "./connection.ts";
import type { Kind } from "./soak-mix.ts";

/** What was done, by kind. */
export interface Done {
  readonly deeds: Map<string, number>;
  readonly failures: Map<string, number>;
  /** What the first failure said. */
  firstFailure: string | undefined;
  /** Requests that were not sent in time, because the server had not answered those before. */
  left: number;
}

interface Worker {
  readonly person: number;
  readonly connection: Connection;
}

/** Sends so many requests a second until a time, whether the server keeps up or not. Each person does one thing at a time. */
export async function keepSending(
  kinds: readonly Kind[],
  { rate, people, port, until }: { readonly rate: number; readonly people: number; readonly port: number; readonly until: number },
): Promise<Done> {
  const done: Done = { deeds: new Map(), failures: new Map(), firstFailure: undefined, left: 0 };
  const workers = Array.from({ length: people }, (_, person): Worker => ({ person, connection: new Connection(port) }));
  // In turn: tokens of somebody who did nothing for a minute would have expired.
  const free = [...workers];
  const inTurn = drawInTurn(kinds);
  const underWay = new Set<Promise<void>>();
  let due = 0;
  for (let last = performance.now(); last < until; ) {
    await pause(10);
    const now = performance.now();
    due += ((now - last) / 1000) * rate;
    last = now;
    while (due >= 1) {
      const worker = free.shift();
      if (worker === undefined) break;
      const kind = inTurn();
      due -= kind.requests;
      const doing = work(worker, kind, done).finally(() => {
        underWay.delete(doing);
        free.push(worker);
      });
      underWay.add(doing);
    }
    // What cannot be sent within a second is not made up for.
    if (due > rate) {
      done.left += Math.round(due - rate);
      due = rate;
    }
  }
  await Promise.all(underWay);
  for (const { connection } of workers) connection.close();
  return done;
}

async function work({ connection, person }: Worker, { name, deed }: Kind, done: Done): Promise<void> {
  try {
    await deed(connection, person);
    increase(done.deeds, name);
  } catch (error) {
    increase(done.failures, name);
    done.firstFailure ??= `${name}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function increase(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** Kind after kind, each as often as its share says, evenly mixed: always the one that is most behind. */
function drawInTurn(kinds: readonly Kind[]): () => Kind {
  const behind = kinds.map((kind) => ({ kind, credit: 0 }));
  const shares = kinds.reduce((sum, { share }) => sum + share, 0);
  return () => {
    for (const one of behind) one.credit += one.kind.share;
    const next = behind.reduce((most, one) => (one.credit > most.credit ? one : most));
    next.credit -= shares;
    return next.kind;
  };
}
