import { type Anomaly, type AuditEvent, occurrencesOf } from "./audit.ts";
import type { Configuration } from "./config.ts";
import { addressBlock } from "./http/client-address.ts";
import { unknownClient } from "./protocol/client.ts";
import type { RateLimitRule } from "./rate-limit.ts";
import { periods } from "./store/reports.ts";
import type { Store } from "./store/store.ts";
import { Tallies, type Tally } from "./tallies.ts";

export interface AnomaliesParts {
  readonly rules: Configuration["anomalies"];
  readonly store: Store;
  readonly onError: (error: unknown) => void;
}

/** Whom too much of something is about. About nobody: about the whole server. */
interface About {
  readonly clientId?: string;
  readonly subject?: string;
  /** An IPv4 address or an IPv6 /64. */
  readonly address?: string;
}

/** A client's surge is so many times its own usual number. */
const surge = 10;

/**
 * Watches what is recorded, and files a security case where there is too much of something within its rule's time. A case
 * stands for all of it: there is another one only after it was less for as long as that. Each process counts what it
 * recorded itself, in memory.
 */
export class Anomalies {
  readonly #store: Store;
  readonly #onError: (error: unknown) => void;
  readonly #rules: Configuration["anomalies"];
  readonly #tallies: Readonly<Partial<Record<Anomaly, Tallies>>>;
  readonly #filing = new Set<Promise<void>>();

  constructor({ rules, store, onError }: AnomaliesParts) {
    this.#store = store;
    this.#onError = onError;
    this.#rules = rules;
    this.#tallies = Object.fromEntries(Object.entries(rules).map(([kind, rule]) => [kind, new Tallies(rule)]));
  }

  /** Costs the same however much happens: it runs with every token. */
  note(event: AuditEvent): void {
    const kind = kindOf(event);
    if (kind === undefined) return;
    const rule = this.#rules[kind];
    const tallies = this.#tallies[kind];
    if (rule === undefined || tallies === undefined) return;
    for (const about of aboutsOf(event)) if (this.#count(kind, rule, tallies, about, event)) return;
  }

  /** Whether it belongs to a case. */
  #count(kind: Anomaly, rule: RateLimitRule, tallies: Tallies, about: About, event: AuditEvent): boolean {
    const { at } = event;
    const tally = tallies.count(keyOf(about), at, occurrencesOf(event));
    if (tally.seen < rule.points) return at < tally.openUntil;
    if (at < tally.openUntil) {
      if (tally.seen >= tally.needed) tally.openUntil = at + rule.duration;
      return true;
    }
    if (kind === "issuance_surge" && at >= tally.judgedUntil) this.#under(this.#judge(tally, rule, at, about.clientId ?? ""));
    else if (tally.seen >= tally.needed) this.#under(this.#file(kind, tally, rule, at, about));
    return tally.seen >= tally.needed;
  }

  /** Resolves when every case so far is filed. */
  async settled(): Promise<void> {
    await Promise.all(this.#filing);
  }

  #under(work: Promise<void>): void {
    const done = work.catch(this.#onError).finally(() => this.#filing.delete(done));
    this.#filing.add(done);
  }

  /** Asks what the client usually does, once within a time, and files a case where this is far above it. */
  async #judge(tally: Tally, rule: RateLimitRule, at: number, clientId: string): Promise<void> {
    tally.judgedUntil = at + rule.duration;
    tally.needed = Number.POSITIVE_INFINITY; // nobody asks twice
    const usual = await this.#usual(rule, at, clientId).catch((error: unknown) => {
      this.#onError(error);
      return undefined;
    });
    tally.needed = usual === undefined ? rule.points * surge : Math.max(rule.points, Math.floor(usual * surge) + 1);
    if (tally.seen >= tally.needed) await this.#file("issuance_surge", tally, rule, at, { clientId });
  }

  /** How many tokens a client was issued within such a time, on average of its last day; undefined: it is not known for an hour yet. */
  async #usual({ duration }: RateLimitRule, at: number, clientId: string): Promise<number | undefined> {
    const until = at - (at % periods.hour);
    const { createdAt = until } = (await this.#store.client(clientId)) ?? {};
    const history = Math.min(periods.day, until - createdAt);
    if (history < periods.hour) return undefined;
    const lastDay = { period: periods.hour, from: until - periods.day, until };
    const counts = await this.#store.reports.countsOfClients(lastDay, [clientId], ["token.issued", "token.refreshed"]);
    return (counts.get(clientId) ?? 0) * (duration / history);
  }

  async #file(kind: Anomaly, tally: Tally, { duration: within }: RateLimitRule, at: number, about: About): Promise<void> {
    tally.openUntil = at + within;
    try {
      await this.#store.record([{ at, type: "suspicious.activity", kind, seen: tally.seen, within, ...about }]);
    } catch (error) {
      tally.openUntil = 0; // what happens next files it
      throw error;
    }
  }
}

const watched: Readonly<Partial<Record<AuditEvent["type"], Anomaly>>> = {
  "token.issued": "issuance_surge",
  "token.refreshed": "issuance_surge",
  "client.authentication_failed": "client_authentication_burst",
  "sign_in.failed": "sign_in_burst",
  "scope.violated": "scope_violation_burst",
  "client.registered": "registration_storm",
};

/** Clients that an operator makes, or that have a document, did not register themselves. */
const kindOf = (event: AuditEvent): Anomaly | undefined =>
  event.type === "client.registered" && event.origin !== "dynamic" ? undefined : watched[event.type];

/**
 * Whom an event counts against; where one makes a case, those after it are spared. An id that is nobody's says nothing:
 * whoever tries many is known by where they come from. So is whoever tries many accounts, once each.
 */
function aboutsOf(event: AuditEvent): readonly About[] {
  if (event.type === "client.registered") return [{}];
  const network = event.address === undefined ? {} : { address: addressBlock(event.address) };
  if (event.type === "sign_in.failed") return event.subject === undefined ? [network] : [{ subject: event.subject }, network];
  const isKnown = !("reason" in event && event.reason === unknownClient);
  return "clientId" in event && event.clientId !== undefined && isKnown ? [{ clientId: event.clientId }] : [network];
}

const keyOf = ({ clientId, subject, address }: About): string => clientId ?? (subject === undefined ? `at ${address}` : `as ${subject}`);
