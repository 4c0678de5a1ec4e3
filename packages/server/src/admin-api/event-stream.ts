import type { AuthorizationServer, EventFilter, Store } from "vouchsafe";
import { OAuthError } from "vouchsafe/pages";
import { eventDocument } from "../operator/documents.ts";

export interface EventStreamOptions {
  readonly oauth: AuthorizationServer;
  readonly store: Pick<Store, "subscribe">;
  /** The server ends. */
  readonly stopping: AbortSignal;
  readonly onFailure: (error: unknown) => void;
}

/** What one listener wants. */
interface Followed {
  readonly types: NonNullable<EventFilter["types"]>;
  /** The id of the last event they have seen; undefined: only what happens from now on. */
  readonly after: number | undefined;
  /** Whether they may still listen: a right that is taken away ends the stream. */
  readonly isAllowed: () => Promise<boolean>;
}

export type EventStream = (followed: Followed) => Promise<Response>;

/** The most listeners at once: each one reads the audit whenever something happens. */
const mostStreams = 20;

/** How often a stream says that it is there, in milliseconds: proxies close what is silent. */
const heartbeat = 15_000;

/** How often it is looked for what other processes wrote, while anybody listens; milliseconds. */
const looking = 2000;

/** How long after an event the streams wake, in milliseconds: under load many events are read at once. */
const gathering = 100;

/** How many events are read at once. */
const batch = 200;

/**
 * Follows the audit as server-sent events. An event of this process only wakes the streams; what they send is read from the
 * audit, behind what each has sent already, so that none is lost and a slow listener keeps nothing in memory.
 */
export function createEventStream({ oauth, store, stopping, onFailure }: EventStreamOptions): EventStream {
  const sleeping = new Set<() => void>();
  let open = 0;
  let isGathering = false;
  /** How often the streams were woken: what was written while one of them read is not missed. */
  let wakings = 0;
  const wakeAll = (): void => {
    isGathering = false;
    wakings++;
    for (const wake of sleeping) wake();
  };
  store.subscribe(() => {
    if (isGathering || open === 0) return;
    isGathering = true;
    setTimeout(wakeAll, gathering).unref();
  });

  let newest: number | undefined;
  const look = async (): Promise<void> => {
    const [event] = await oauth.admin.events({ most: 1 });
    if (event?.id !== newest) wakeAll();
    newest = event?.id;
  };
  let looker: NodeJS.Timeout | undefined;
  const begin = (): void => {
    open++;
    looker ??= setInterval(() => void look().catch(onFailure), looking).unref();
  };
  const end = (): void => {
    open--;
    if (open > 0) return;
    clearInterval(looker);
    looker = undefined;
  };

  async function* follow({ types, isAllowed }: Followed, from: number, ended: AbortSignal): AsyncGenerator<string> {
    yield "retry: 3000\n\n";
    for (let after = from; !ended.aborted && (await isAllowed()); ) {
      const wakingsBefore = wakings;
      const events = await oauth.admin.events({ types, after, most: batch });
      for (const event of events) yield `id: ${event.id}\ndata: ${JSON.stringify(eventDocument(event))}\n\n`;
      after = events.at(-1)?.id ?? after;
      if (events.length === batch || wakings > wakingsBefore) continue;
      if (!(await isWoken(sleeping, ended))) yield ": still here\n\n";
    }
  }

  return async (followed) => {
    if (open >= mostStreams) throw new OAuthError("temporarily_unavailable", "too many listen to events already", { retryAfter: 10 });
    const from = followed.after ?? (await oauth.admin.events({ most: 1 }))[0]?.id ?? 0;
    const closed = new AbortController();
    begin();
    const events = follow(followed, from, AbortSignal.any([stopping, closed.signal]));
    const body = streamOf(events, {
      onClose: () => closed.abort(),
      onEnd: end,
      onFailure,
    });
    return new Response(body, { headers: { "content-type": "text/event-stream", "x-accel-buffering": "no" } });
  };
}

/** Resolves to true when something happened or the stream ends, and to false when nothing did for long. */
function isWoken(sleeping: Set<() => void>, ended: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const wake = (isWoken: boolean): void => {
      sleeping.delete(happened);
      clearTimeout(silence);
      ended.removeEventListener("abort", happened);
      resolve(isWoken);
    };
    const happened = (): void => wake(true);
    const silence = setTimeout(() => wake(false), heartbeat).unref();
    sleeping.add(happened);
    ended.addEventListener("abort", happened);
    if (ended.aborted) happened();
  });
}

interface StreamCallbacks {
  /** The listener has gone. */
  readonly onClose: () => void;
  /** Once, however it ends. */
  readonly onEnd: () => void;
  readonly onFailure: (error: unknown) => void;
}

/** A stream that fails ends, and its listener comes back and goes on: what failed is told to the operator alone. */
function streamOf(events: AsyncGenerator<string>, { onClose, onEnd, onFailure }: StreamCallbacks): ReadableStream<Uint8Array> {
  let isEnded = false;
  const end = (): void => {
    if (!isEnded) onEnd();
    isEnded = true;
  };
  return new ReadableStream({
    pull: async (controller) => {
      const next = await events.next().catch(onFailure);
      if (next?.done === false) return controller.enqueue(Buffer.from(next.value));
      if (!isEnded) controller.close();
      end();
    },
    cancel: () => {
      end();
      onClose();
    },
  });
}
