import { attempt } from "../caller.ts";
import { revokeGrant } from "../deeds/tokens.ts";
import type { Worker } from "../deeds/worker.ts";
import type { AppFacts, PersonFacts } from "../facts.ts";
import type { Ledger } from "../ledger.ts";
import { checkApp } from "./app.ts";
import type { Archive } from "./archive.ts";
import { type Checker, readAdmin } from "./checker.ts";
import { checkPerson } from "./person.ts";
import { checkService } from "./service.ts";

/** Apps that somebody goes on using in the next cycle, for each of them. */
const keptInUse = 3;

/** Apps of earlier cycles that are checked again in each. */
const checkedAgain = 20;

/** A trail that is longer than this is verified in every tenth cycle and in the last: it is read from its beginning. */
const longTrail = 30_000;

/** Checks all that was told since the cycle began, and a sample of what is older. */
export async function checkEverything(
  checkers: readonly Checker[],
  { workers, archive, since, cycle, isLast }: { workers: readonly Worker[]; archive: Archive; since: Date; cycle: number; isLast: boolean },
): Promise<void> {
  const [first] = checkers;
  if (first === undefined) return;
  const older = archive.sample(checkedAgain);
  // Before the apps: what is refused or ended there has events of its own.
  await attempt(() => checkService(first.service, since, first));
  const people: readonly PersonFacts[] = workers.map(({ person }) => person);
  await share(people, checkers, checkPerson);
  await share([...workers.flatMap(({ apps }) => apps), ...older], checkers, checkApp);
  await share(putAway(workers, archive), checkers, forget);
  if (isLast || cycle % 10 === 0 || first.ledger.auditLength < longTrail) await attempt(() => verifyAudit(first));
}

/** Each goes on with the next as soon as it is done with one. */
async function share<Item>(items: readonly Item[], checkers: readonly Checker[], check: (item: Item, checker: Checker) => Promise<void>) {
  const waiting = items.values();
  await Promise.all(
    checkers.map(async (checker) => {
      for (const item of waiting) await attempt(() => check(item, checker));
    }),
  );
}

/** Returns which apps will not be looked at again. */
function putAway(workers: readonly Worker[], archive: Archive): readonly AppFacts[] {
  return workers.flatMap(({ apps }) => {
    const inUse = apps.filter(({ isLive }) => isLive).slice(-keptInUse);
    const others = apps.splice(0).filter((app) => !inUse.includes(app));
    apps.push(...inUse);
    return others.flatMap((app) => archive.keep(app) ?? []);
  });
}

/** What nobody looks at any more must not pile up on a person's page. */
async function forget(app: AppFacts, checker: Checker): Promise<void> {
  if (app.isLive) await revokeGrant(app, checker);
}

/** Whether the audit is as it was written. */
export async function verifyAudit(checker: Checker): Promise<void> {
  const { events, findings } = JSON.parse(await readAdmin("/events/verification", checker)) as Verification;
  checker.ledger.auditVerified(events);
  judgeVerification(findings, checker.ledger);
}

export interface Verification {
  readonly events: number;
  readonly findings: readonly { readonly chain: string; readonly position: number; readonly what: string }[];
}

export function judgeVerification(findings: Verification["findings"], ledger: Ledger): void {
  const words = findings.slice(0, 5).map(({ chain, position, what }) => `${what} at ${position} of ${chain}`);
  ledger.holds(findings.length === 0, "lost", `the audit does not verify: ${words.join(", ")}`);
}
