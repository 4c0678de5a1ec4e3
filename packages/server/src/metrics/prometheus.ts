import { monitorEventLoopDelay } from "node:perf_hooks";
import { AggregatorRegistry, Counter, Gauge, Histogram, Registry } from "prom-client";
import { type Counts, countedAs, securityTypes, type Totals } from "vouchsafe";
import { version } from "../version.ts";
import type { Counted, CountedEvents, CountedRequests, Timed } from "./metrics.ts";

/** The metrics in the hands of the Prometheus client. */
export interface Instruments {
  readonly observe: (timed: Timed) => void;
  /** What this process did and is. */
  readonly count: (known: Known) => Promise<Counted>;
  /** What all of them did, and what is there now. */
  readonly show: (counted: readonly Counted[], state: CurrentState) => Promise<{ readonly text: string; readonly contentType: string }>;
}

interface Known {
  readonly events: readonly CountedEvents[];
  readonly requests: readonly CountedRequests[];
}

export interface CurrentState {
  readonly isReady: boolean;
  /** Undefined: the database does not answer. */
  readonly held: { readonly totals: Totals; readonly deliveries: number } | undefined;
}

/** Every metric, in registries of its own: the process may have others. What each process has is in one, what they share in another. */
export function createInstruments(): Instruments {
  const [registry, shared] = [new Registry(), new Registry()];
  const took = {
    request: new Histogram({
      name: "oauth_http_request_duration_seconds",
      help: "How long answers took.",
      labelNames: ["endpoint"],
      buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2],
      registers: [registry],
    }),
    storage: new Histogram({
      name: "oauth_storage_duration_seconds",
      help: "How long commits and the reads of reports took.",
      labelNames: ["operation"],
      buckets: [0.0005, 0.002, 0.01, 0.05, 0.25, 1],
      registers: [registry],
    }),
  };
  const fill = [requestCounter(registry), eventCounters(registry)];
  const fillState = stateGauges(shared);
  describeBuild(shared);
  measureProcess(registry);
  return {
    observe: ({ what, took: seconds }) => ("endpoint" in what ? took.request.observe(what, seconds) : took.storage.observe(what, seconds)),
    count: async (known) => {
      for (const one of fill) one(known);
      return registry.getMetricsAsJSON();
    },
    show: async (counted, state) => {
      fillState(state);
      const texts = await Promise.all([AggregatorRegistry.aggregate([...counted]).metrics(), shared.metrics()]);
      return { text: texts.join("\n"), contentType: registry.contentType };
    },
  };
}

/** The counters of processes that have ended, as one. What they were, such as how much memory they had, has ended with them. */
export const addUp = (counted: readonly Counted[]): Promise<Counted> =>
  AggregatorRegistry.aggregate(
    counted.map((one) => one.filter(({ type }) => type === "counter" || type === "histogram")),
  ).getMetricsAsJSON();

type Fill = (known: Known) => void;

function requestCounter(registry: Registry): Fill {
  const labelNames = ["endpoint", "method", "status"] as const;
  const counter = new Counter({
    name: "oauth_http_requests_total",
    help: "Requests that were answered.",
    labelNames,
    registers: [registry],
  });
  return ({ requests }) => {
    counter.reset();
    for (const { count, ...labels } of requests) counter.inc(labels, count);
  };
}

/** A counter for a part of the statistics, under the same names. */
interface CountOf {
  readonly metric: string;
  readonly help: string;
  readonly label: string;
  /** Names that are there from the start: a series that begins with its first event hides that event from `increase()`. */
  readonly names: readonly string[];
}

const counts: Readonly<Record<Exclude<keyof Counts, "consents">, CountOf>> = {
  issued: {
    metric: "oauth_tokens_issued_total",
    help: "Answers with tokens, and personal access tokens that were made.",
    label: "grant_type",
    names: ["authorization_code", "refresh_token", "client_credentials", "personal_access_token"],
  },
  tokenErrors: {
    metric: "oauth_token_errors_total",
    help: "Refusals of the token endpoint.",
    label: "error",
    names: ["invalid_request", "invalid_client", "invalid_grant", "invalid_scope", "invalid_target", "temporarily_unavailable"],
  },
  refused: { metric: "oauth_refusals_total", help: "Refusals of every endpoint.", label: "error", names: [] },
  registrations: {
    metric: "oauth_client_registrations_total",
    help: "Clients that came to be known.",
    label: "registration",
    names: ["operator", "dynamic", "document"],
  },
  revoked: {
    metric: "oauth_revocations_total",
    help: "What was ended before its time.",
    label: "ended",
    names: ["grant", "token", "personal_token", "client", "subject"],
  },
  security: { metric: "oauth_security_events_total", help: "Security events of the audit.", label: "type", names: securityTypes },
};

const decisions = ["allowed", "narrowed", "remembered", "denied"];
const tiers = ["own", "checked", "known-website", "on-this-computer", "named-itself"];

function eventCounters(registry: Registry): Fill {
  const registers = [registry];
  const counters = new Map(
    Object.entries(counts).map(([part, { metric, help, label, names }]) => {
      const counter = new Counter({ name: metric, help, labelNames: [label], registers });
      return [part, { counter, label, names }] as const;
    }),
  );
  const consents = new Counter({
    name: "oauth_consent_decisions_total",
    help: "Decisions of people, by how much is known about who asked.",
    labelNames: ["decision", "tier"],
    registers,
  });
  const limited = new Counter({ name: "oauth_rate_limited_total", help: "Requests over a limit.", labelNames: ["endpoint"], registers });

  return ({ events }) => {
    limited.reset();
    consents.reset();
    for (const decision of decisions) for (const tier of tiers) consents.inc({ decision, tier }, 0);
    for (const { counter, label, names } of counters.values()) {
      counter.reset();
      for (const name of names) counter.inc({ [label]: name }, 0);
    }
    for (const { type, detail, count } of events) {
      if (type === "rate.limited") limited.inc({ endpoint: detail }, count);
      for (const [part, name] of countedAs(type, detail)) {
        const counted = counters.get(part);
        if (counted === undefined) consents.inc({ decision: name, tier: detail }, count);
        else counted.counter.inc({ [counted.label]: name }, count);
      }
    }
  };
}

/** What is there now. Where the database does not answer, only that is said: no number is better than an old one. */
function stateGauges(registry: Registry): (state: CurrentState) => void {
  const gauge = <Label extends string>(name: string, help: string, labelNames: Label[] = []): Gauge<Label> =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  const ready = gauge("oauth_ready", "Whether requests can be answered, as /readyz says: 1 or 0.");
  const clients = gauge("oauth_clients", "Clients that are known.", ["registration", "state"]);
  const grants = gauge("oauth_grants_active", "Connections and personal access tokens that are live.");
  const personal = gauge("oauth_personal_tokens_active", "Personal access tokens that are live.");
  const deliveries = gauge("oauth_deliveries_waiting", "Events on their way to somebody, such as a webhook.");
  return ({ isReady, held }) => {
    ready.set(isReady ? 1 : 0);
    for (const one of [grants, personal, deliveries]) one.remove();
    clients.reset();
    if (held === undefined) return;
    const { totals } = held;
    for (const registration of counts.registrations.names)
      for (const state of ["enabled", "disabled"]) clients.set({ registration, state }, 0);
    for (const { origin, isDisabled, count } of totals.clients)
      clients.inc({ registration: origin, state: isDisabled ? "disabled" : "enabled" }, count);
    grants.set(totals.connections + totals.personalTokens);
    personal.set(totals.personalTokens);
    deliveries.set(held.deliveries);
  };
}

function describeBuild(registry: Registry): void {
  const labelNames = ["version", "node"] as const;
  const build = new Gauge({ name: "oauth_build_info", help: "What runs here; always 1.", labelNames, registers: [registry] });
  build.set({ version, node: process.versions.node }, 1);
}

/** How often the event loop is asked whether it is late, in milliseconds. */
const resolution = 20;

/** The few that say whether this process is in trouble, under the names that dashboards of Node know. Of several workers: their sum, or the worst. */
function measureProcess(registry: Registry): void {
  const registers = [registry];
  const lateness = monitorEventLoopDelay({ resolution });
  lateness.enable();
  new Gauge({
    name: "process_resident_memory_bytes",
    help: "Resident memory.",
    registers,
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  new Counter({
    name: "process_cpu_seconds_total",
    help: "User and system CPU time.",
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1_000_000);
    },
  });
  new Gauge({
    name: "process_start_time_seconds",
    help: "When the process began, in seconds since 1970; of several workers, the youngest.",
    registers,
    aggregator: "max",
  }).set(Math.round(Date.now() / 1000 - process.uptime()));
  new Gauge({
    name: "nodejs_eventloop_lag_p99_seconds",
    help: "By how much the event loop was late since it was last asked about, but for one in a hundred times.",
    registers,
    aggregator: "max",
    collect() {
      this.set(Math.max(0, lateness.percentile(99) / 1_000_000_000 - resolution / 1000));
      lateness.reset();
    },
  });
}
