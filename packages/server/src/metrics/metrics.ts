import {
  type AnsweredRequest,
  type AuditEvent,
  type AuthorizationServer,
  detailOf,
  type EventCount,
  occurrencesOf,
  type Totals,
} from "vouchsafe";
import type { SqlStore, StorageOperation } from "vouchsafe/sqlite";
import type { AdminAccess } from "../admin-access.ts";
import { probe } from "../probe.ts";
import type { Handler } from "../router.ts";
import type { CurrentState, Instruments } from "./prometheus.ts";
import { sparingly } from "./sparingly.ts";

/** What this process did since it began, for Prometheus. */
export interface Metrics {
  readonly onRequest: (answered: AnsweredRequest) => void;
  readonly onEvent: (event: AuditEvent) => void;
  readonly onStorage: (operation: StorageOperation, duration: number) => void;
  /** As Prometheus reads it, with what is there now. */
  readonly show: (state: CurrentState) => Promise<{ readonly text: string; readonly contentType: string }>;
  /** What this process counted, for another one to add. */
  readonly count: () => Promise<Counted>;
}

/** What a process counted and measured of itself, in the words of the Prometheus client. Plain data: it goes from process to process. */
export type Counted = readonly { readonly name: string; readonly type: unknown }[];

/** Events of one kind: the statistics of the audit are made of the same. */
export type CountedEvents = Pick<EventCount, "type" | "detail" | "count">;

export interface CountedRequests {
  readonly endpoint: string;
  readonly method: string;
  readonly status: number;
  readonly count: number;
}

/** How long something took. */
export interface Timed {
  readonly what: { readonly endpoint: string } | { readonly operation: StorageOperation };
  /** Seconds. */
  readonly took: number;
}

/**
 * Counts as it goes. The counters get their numbers when somebody asks, so that a request costs the Prometheus client one observation.
 * `askOthers`: what the other workers counted, for what this one did; only where there are some.
 */
export function createMetrics(askOthers: (counted: Counted) => Promise<readonly Counted[]> = async () => []): Metrics {
  const events = new Map<string, CountedEvents>();
  const requests = new Map<string, CountedRequests>();
  const { observe, instruments } = loadInstrumentsLate();
  const count = async (): Promise<Counted> =>
    (await instruments()).count({ events: [...events.values()], requests: [...requests.values()] });
  return {
    onRequest: ({ endpoint: name, method: sent, status, duration }) => {
      const endpoint = name === "" ? "none" : name;
      const method = methods.has(sent) ? sent : "other";
      const key = `${endpoint} ${method} ${status}`;
      requests.set(key, { endpoint, method, status, count: (requests.get(key)?.count ?? 0) + 1 });
      observe({ what: { endpoint }, took: duration / 1000 });
    },
    onEvent: (event) => {
      const { type } = event;
      const detail = detailOf(event);
      const key = `${type} ${detail}`;
      events.set(key, { type, detail, count: (events.get(key)?.count ?? 0) + occurrencesOf(event) });
    },
    onStorage: (operation, duration) => observe({ what: { operation }, took: duration / 1000 }),
    count,
    show: async (state) => {
      const counted = await count();
      return (await instruments()).show([counted, ...(await askOthers(counted))], state);
    },
  };
}

/** How many durations wait for the Prometheus client. Loading it costs tens of milliseconds, which no start and no first request should pay. */
const mostWaiting = 1000;

/** Loads the Prometheus client when somebody first asks for metrics, or enough waits for it. */
function loadInstrumentsLate(): { readonly observe: (timed: Timed) => void; readonly instruments: () => Promise<Instruments> } {
  const waiting: Timed[] = [];
  let loaded: Instruments | undefined;
  let loading: Promise<Instruments> | undefined;
  const load = async (): Promise<Instruments> => {
    const instruments = (await import("./prometheus.ts")).createInstruments();
    for (const timed of waiting.splice(0)) instruments.observe(timed);
    loaded = instruments;
    return instruments;
  };
  const instruments = (): Promise<Instruments> => {
    loading ??= load();
    return loading;
  };
  const observe = (timed: Timed): void => {
    if (loaded !== undefined) loaded.observe(timed);
    // What is wrong with the client is said to whoever asks for metrics.
    else if (waiting.push(timed) === mostWaiting) instruments().catch(() => waiting.splice(0));
  };
  return { observe, instruments };
}

const methods: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

export interface MetricsPageOptions {
  readonly metrics: Metrics;
  readonly oauth: AuthorizationServer;
  readonly store: SqlStore;
  readonly access: AdminAccess;
}

/** `/metrics`, for an administrator or whoever has the admin token. The numbers tell who uses what: they are not for everybody. */
export function showMetrics({ metrics, oauth, store, access }: MetricsPageOptions): Handler {
  // It counts every live grant.
  const totals = sparingly(() => store.reports.totals(Date.now()));
  return async (request, info) => {
    await access.require(request, info);
    const { text, contentType } = await metrics.show(await currentState(oauth, store, totals));
    return new Response(text, { headers: { "content-type": contentType, "cache-control": "no-store" } });
  };
}

/** Where the database cannot tell, that is said, and the rest of the metrics remains. */
async function currentState(oauth: AuthorizationServer, store: SqlStore, totals: () => Promise<Totals>): Promise<CurrentState> {
  const ready = probe(oauth.ready()).then(
    () => true,
    () => false,
  );
  const asked = probe(Promise.all([totals(), store.deliveries.count()])).catch(() => undefined);
  const [isReady, held] = await Promise.all([ready, asked]);
  return { isReady, held: held && { totals: held[0], deliveries: held[1] } };
}
