import type { Services } from "./context.ts";
import { formLifetime } from "./endpoints/settle-request.ts";
import { isSecurityChain } from "./protocol/audit-chain.ts";
import type { Swept } from "./store/store.ts";

/** What was removed, by kind. */
export interface CleanedUp extends Swept {
  /** Audit events past their time. */
  readonly events: number;
  readonly securityEvents: number;
  /** Records of attempts to connect. */
  readonly flows: number;
}

/** The most that one transaction removes, so that no request waits for long. */
const batch = 500;

/** Removes what is past its time, in small transactions. A rehearsal removes nothing, and says what would be. */
export async function cleanUp({ config, store }: Pick<Services, "config" | "store">, isRehearsal: boolean): Promise<CleanedUp> {
  const now = config.now();
  const swept = await store.sweep(
    {
      now,
      answersBefore: now - config.refreshTokens.overlap,
      unusedClientsBefore: now - config.registration.unusedClientLifetime,
      pushedRequestsBefore: now - formLifetime,
    },
    isRehearsal,
  );
  const { auditRetention, securityRetention } = config;
  const older = (lifetime: number | undefined): number => (lifetime === undefined ? 0 : now - lifetime);
  const removeEvents = (chain: string, before: number): Promise<number> =>
    isRehearsal ? store.audit.countOlder(chain, before) : inBatches((most) => store.audit.cut(chain, before, most));
  let [events, securityEvents] = [0, 0];
  for (const { chain } of await store.audit.heads()) {
    if (isSecurityChain(chain)) securityEvents += await removeEvents(chain, older(securityRetention));
    else events += await removeEvents(chain, older(auditRetention));
  }
  // Those from before there were chains, of whatever kind, go with the longer time.
  if (!isRehearsal) await inBatches((most) => store.audit.removeUnchained(older(securityRetention), most));
  const flowsBefore = older(auditRetention);
  const flows = isRehearsal
    ? (await store.flows.list({ until: flowsBefore, most: mostListed })).length
    : await inBatches((most) => store.flows.sweep(flowsBefore, most));
  if (!isRehearsal) await store.reports.sweepCounts(now);
  return { ...swept, events, securityEvents, flows };
}

/** A rehearsal counts no further. */
const mostListed = 100_000;

async function inBatches(remove: (most: number) => Promise<number>): Promise<number> {
  let removed = 0;
  for (;;) {
    const more = await remove(batch);
    removed += more;
    if (more < batch) return removed;
  }
}
