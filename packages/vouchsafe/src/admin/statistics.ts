import { type AuditEvent, isSecurityEvent } from "../audit.ts";
import type { Configuration } from "../config.ts";
import {
  type ClientCount,
  countsKept,
  type EventCount,
  type Held,
  type Period,
  periods,
  type Range,
  type Totals,
} from "../store/reports.ts";
import type { Store } from "../store/store.ts";

/** What happened in a time, and what is there now. Everything is counted from the audit and the tables, by whatever process asks. */
export interface Statistics {
  /** The time that is covered: whole periods, in milliseconds; the last one may still go on. */
  readonly from: number;
  readonly until: number;
  readonly period: Period;
  readonly counts: Counts;
  /** The same, period by period; those in which nothing happened are absent. */
  readonly series: readonly ({ readonly at: number } & Counts)[];
  readonly now: Totals;
  /** What came to its own end in this time. */
  readonly expired: Held;
  /** The clients to which most tokens were issued, at most twenty. */
  readonly issuedByClient: readonly ClientCount[];
}

/** Each by the names of what there was; what did not happen is absent. */
export interface Counts {
  /** Answers with tokens, by grant type; a personal access token counts as `personal_access_token`. */
  readonly issued: Tally;
  /** Refusals of the token endpoint, by error. */
  readonly tokenErrors: Tally;
  /** Refusals of every endpoint, by error. */
  readonly refused: Tally;
  /** By how the client came to be known: `operator`, `dynamic`, `document`. */
  readonly registrations: Tally;
  /** By decision: `allowed`, `narrowed`, `remembered`, `denied`. */
  readonly consents: Tally;
  /** By what ended: `grant`, `token`, `personal_token`, `client`, `subject`. */
  readonly revoked: Tally;
  /** Security events, by their type. */
  readonly security: Tally;
}

export type Tally = Readonly<Record<string, number>>;

/** The most periods of one answer: a longer time is told in longer ones. */
const mostPeriods = 240;

/** The whole periods that cover a time. */
export function rangeOf(from: number, until: number, now: number): Range {
  const fits = (period: Period): boolean => until - from <= mostPeriods * period && from > now - countsKept[period];
  const period = [periods.minute, periods.hour].find(fits) ?? periods.day;
  const first = from - (from % period);
  return { period, from: first, until: Math.max(Math.ceil(until / period) * period, first + period) };
}

export async function readStatistics(
  { store, config }: { readonly store: Store; readonly config: Configuration },
  from: number,
  until: number,
): Promise<Statistics> {
  const now = config.now();
  const range = rangeOf(from, until, now);
  const { reports } = store;
  const [counted, totals, expired, issuedByClient] = await Promise.all([
    reports.counts(range),
    reports.totals(now),
    reports.expired(range.from, Math.min(range.until, now)),
    reports.busiestClients(range, ["token.issued", "token.refreshed"], 20),
  ]);
  const times = [...new Set(counted.map(({ at }) => at))];
  return {
    ...range,
    counts: tallies(counted),
    series: times.map((at) => ({ at, ...tallies(counted.filter((one) => one.at === at)) })),
    now: totals,
    expired,
    issuedByClient,
  };
}

/** A part of the statistics, and a name in it. */
type CountedName = readonly [part: keyof Counts, name: string];

/** Under which names an event is counted, by its type and detail. */
export function countedAs(type: AuditEvent["type"], detail: string): readonly CountedName[] {
  const named = namesOf[type]?.(detail) ?? [];
  return isSecurityEvent({ type }) ? [...named, ["security", type]] : named;
}

const as =
  (part: keyof Counts, name?: string) =>
  (detail: string): readonly CountedName[] => [[part, name ?? detail]];

const namesOf: Partial<Readonly<Record<AuditEvent["type"], (detail: string) => readonly CountedName[]>>> = {
  "token.issued": as("issued"),
  "token.refreshed": as("issued"),
  "personal_token.created": as("issued", "personal_access_token"),
  "client.registered": as("registrations"),
  "consent.allowed": as("consents", "allowed"),
  "consent.narrowed": as("consents", "narrowed"),
  "consent.remembered": as("consents", "remembered"),
  "consent.denied": as("consents", "denied"),
  "grant.revoked": as("revoked", "grant"),
  "token.revoked": as("revoked", "token"),
  "personal_token.revoked": as("revoked", "personal_token"),
  "client.revoked": as("revoked", "client"),
  "subject.revoked": as("revoked", "subject"),
  "request.refused": refusedAs,
  "client.authentication_failed": refusedAs,
  "rate.limited": (endpoint) => refusedAs(`${endpoint} ${endpoint === "token" ? "temporarily_unavailable" : "slow_down"}`),
};

function refusedAs(endpointAndError: string): readonly CountedName[] {
  const [endpoint, error = ""] = endpointAndError.split(" ");
  return endpoint === "token"
    ? [
        ["refused", error],
        ["tokenErrors", error],
      ]
    : [["refused", error]];
}

function tallies(counted: readonly EventCount[]): Counts {
  const parts: Record<keyof Counts, Record<string, number>> = {
    issued: {},
    tokenErrors: {},
    refused: {},
    registrations: {},
    consents: {},
    revoked: {},
    security: {},
  };
  for (const { type, detail, count } of counted)
    for (const [part, name] of countedAs(type, detail)) parts[part][name] = (parts[part][name] ?? 0) + count;
  return parts;
}
