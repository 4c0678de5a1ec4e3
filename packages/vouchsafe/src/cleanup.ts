import type { Configuration } from "./config.ts";
import type { Services } from "./context.ts";
import { endedShown } from "./endpoints/connected-apps.ts";
import { formLifetime } from "./endpoints/settle-request.ts";
import { Pace } from "./pace.ts";
import { isSecurityChain } from "./protocol/audit-chain.ts";
import { type SweepLimits, type Swept, sweptKinds } from "./store/cleanup.ts";

/** What was removed, by kind. */
export interface CleanedUp extends Swept {
  /** Audit events past their time. */
  readonly events: number;
  readonly securityEvents: number;
  /** Records of attempts to connect. */
  readonly flows: number;
}

type Parts = Pick<Services, "config" | "store">;

/** The most rows that one transaction removes, so that no request waits for long. */
const batch = 200;

/** An attempt to connect has several rows: its steps. */
const flowsAtOnce = 20;

const hour = 3_600_000;
const day = 24 * hour;

/** The longest that `codeLifetime` may be. */
const longestCodeLifetime = 600_000;

/** By how much the clocks of nodes may differ. */
const clocksDiffer = hour;

/** For how long deliveries wait for a subscription that nobody has: it may be another node's, or come back. */
const subscriptionsMissed = 7 * day;

/** What is older than this is past its time. */
function limitsOf({ now: clock, registration, refreshTokens }: Configuration): SweepLimits {
  const now = clock();
  const codesBefore = now - longestCodeLifetime - clocksDiffer;
  return {
    now,
    answersBefore: now - refreshTokens.overlap,
    unusedClientsBefore: now - registration.unusedClientLifetime,
    pushedRequestsBefore: now - formLifetime,
    grantsBefore: now - endedShown,
    codesBefore,
    tokensBefore: now - clocksDiffer,
    revokedTokensBefore: now - endedShown,
    deliveriesBefore: now - subscriptionsMissed,
  };
}

/** Removes everything that is past its time, in small transactions. A rehearsal removes nothing, and says what would be. */
export async function cleanUp(parts: Parts, isRehearsal: boolean): Promise<CleanedUp> {
  if (isRehearsal) return countPast(parts);
  const pace = new Pace();
  const others = await sweepByIndex(parts, pace);
  const { removed } = await sweepTokens(parts, pace, 0, Number.POSITIVE_INFINITY);
  return { ...others, tokens: removed };
}

/** Whatever an index finds. */
export async function sweepByIndex({ config, store }: Parts, pace: Pace): Promise<Omit<CleanedUp, "tokens">> {
  const limits = limitsOf(config);
  const removed: [string, number][] = [];
  for (const kind of sweptKinds) removed.push([kind, await inBatches(pace, batch, (most) => store.cleanup.sweep(kind, limits, most))]);
  const { eventsBefore, securityEventsBefore } = retentionOf(config);
  let [events, securityEvents] = [0, 0];
  for (const { chain } of await store.audit.heads()) {
    const isSecurity = isSecurityChain(chain);
    const before = isSecurity ? securityEventsBefore : eventsBefore;
    const cut = await inBatches(pace, batch, (most) => store.audit.cut(chain, before, most));
    if (isSecurity) securityEvents += cut;
    else events += cut;
  }
  // Those from before there were chains, of whatever kind, go with the longer time.
  await inBatches(pace, batch, (most) => store.audit.removeUnchained(securityEventsBefore, most));
  const flows = await inBatches(pace, flowsAtOnce, (most) => store.flows.sweep(eventsBefore, most));
  await inBatches(pace, batch, (most) => store.reports.sweepCounts(limits.now, most));
  return { ...(Object.fromEntries(removed) as Omit<Swept, "tokens">), events, securityEvents, flows };
}

/**
 * The tokens behind this id, as far as so many.
 * @returns how many were removed, and behind which id to go on: 0 where the last one was seen
 */
export async function sweepTokens({ config, store }: Parts, pace: Pace, after: number, mostLooked: number) {
  const limits = limitsOf(config);
  let removed = 0;
  let next: number | undefined = after;
  for (let looked = 0; next !== undefined && looked < mostLooked && !pace.isOver; looked += batch) {
    const from: number = next;
    const swept = await pace.keep(() => store.cleanup.sweepTokens(from, limits, batch));
    removed += swept.removed;
    next = swept.next;
  }
  return { removed, next: next ?? 0 };
}

async function countPast({ config, store }: Parts): Promise<CleanedUp> {
  const { eventsBefore, securityEventsBefore } = retentionOf(config);
  const swept = await store.cleanup.count(limitsOf(config));
  let [events, securityEvents] = [0, 0];
  for (const { chain } of await store.audit.heads()) {
    if (isSecurityChain(chain)) securityEvents += await store.audit.countOlder(chain, securityEventsBefore);
    else events += await store.audit.countOlder(chain, eventsBefore);
  }
  const flows = (await store.flows.list({ until: eventsBefore, most: mostListed })).length;
  return { ...swept, events, securityEvents, flows };
}

/** A rehearsal counts no further. */
const mostListed = 100_000;

/** Where there is no retention, nothing is old enough. */
function retentionOf({ now, auditRetention, securityRetention }: Configuration) {
  const before = (lifetime: number | undefined): number => (lifetime === undefined ? 0 : now() - lifetime);
  return { eventsBefore: before(auditRetention), securityEventsBefore: before(securityRetention) };
}

async function inBatches(pace: Pace, most: number, remove: (most: number) => Promise<number>): Promise<number> {
  let removed = 0;
  for (let piece = 0; piece < pace.mostPieces && !pace.isOver; piece++) {
    const more = await pace.keep(() => remove(most));
    removed += more;
    if (more < most) break;
  }
  return removed;
}
