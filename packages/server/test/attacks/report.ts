/** What came of a run, for people and for machines. */
import type { Outcome } from "./attack.ts";

export interface Report {
  readonly counts: Readonly<Record<Outcome["result"], number>>;
  readonly byGroup: Readonly<Record<string, Readonly<Record<Outcome["result"], number>>>>;
  readonly outcomes: readonly Outcome[];
}

export function reportOf(outcomes: readonly Outcome[]): Report {
  const groups = [...new Set(outcomes.map(groupOf))];
  const byGroup = Object.fromEntries(groups.map((group) => [group, countsOf(outcomes.filter((outcome) => groupOf(outcome) === group))]));
  return { counts: countsOf(outcomes), byGroup, outcomes };
}

export function textOf({ counts, byGroup, outcomes }: Report): string {
  const failed = outcomes
    .filter(({ result }) => result === "failed")
    .map(({ id, severity, title, failures }) => `FAILED ${id} ${severity} ${title}\n  ${failures.join("\n  ")}`);
  const groups = Object.entries(byGroup).map(
    ([group, count]) => `${group.padEnd(4)} passed ${count.passed}, failed ${count.failed}, skipped ${count.skipped}`,
  );
  return [...failed, ...groups, `all  passed ${counts.passed}, failed ${counts.failed}, skipped ${counts.skipped}`].join("\n");
}

const groupOf = ({ id }: Outcome): string => id.split("-")[0] ?? id;

function countsOf(outcomes: readonly Outcome[]): Record<Outcome["result"], number> {
  const count = (result: Outcome["result"]): number => outcomes.filter((outcome) => outcome.result === result).length;
  return { passed: count("passed"), failed: count("failed"), skipped: count("skipped") };
}
