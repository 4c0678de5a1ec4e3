import type { Cycle } from "./cycle.ts";
import type { Ledger } from "./ledger.ts";
import type { MigrationCycle } from "./migration-crashes.ts";

/** A line for a cycle. */
export const cycleLine = ({ number, acknowledged, inFlight, checked, load, ready }: Cycle, cycles: number): string =>
  `cycle ${number}/${cycles}: ${acknowledged} acknowledged in ${load} ms, ${inFlight} in flight, ` +
  `ready again after ${Math.round(ready)} ms, ${checked} facts checked`;

/** The same for a migration. */
export const migrationLine = ({ number, killedAfter, wasOld, ready }: MigrationCycle, cycles: number): string =>
  `cycle ${number}/${cycles}: killed ${killedAfter} ms after the database was opened, ${wasOld ? "before" : "after"} the commit, ` +
  `ready after ${Math.round(ready)} ms`;

/** What a run came to. */
export function summary(ledger: Ledger, what: string): string {
  const { acknowledged, breaches, findings, allAcknowledged, checked, inFlight, tooLate, auditLength } = ledger;
  const table = Object.entries(acknowledged).map(([deed, count]) => `  ${deed.padEnd(24)}${String(count).padStart(8)}`);
  const lines = [
    what,
    `acknowledged writes: ${allAcknowledged}`,
    ...table,
    `without an answer, or put off with 503: ${inFlight}`,
    `too late to be accepted: ${tooLate}`,
    `facts checked: ${checked}`,
    ...Object.entries(breaches).map(([breach, count]) => `${breach}: ${count}`),
    `audit: ${auditLength} events verified`,
    ...findings.map(({ breach, words }) => `BROKEN (${breach}): ${words}`),
  ];
  return `${lines.join("\n")}\n`;
}
