/**
 * Runs a file of attack cases against the built server:
 * `node packages/server/test/attacks/run.ts --cases FILE [--only RU,AZ-002] [--report FILE.json]`
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { attack, type Outcome } from "./attack.ts";
import { readCases } from "./attack-case.ts";
import { reportOf, textOf } from "./report.ts";
import { Stages } from "./stages.ts";

const { values } = parseArgs({
  options: {
    cases: { type: "string", default: join(import.meta.dirname, "cases.jsonl") },
    only: { type: "string" },
    report: { type: "string" },
  },
});

const wanted = values.only?.split(",").map((name) => name.trim());
const cases = readCases(values.cases).filter(({ id, group }) => wanted === undefined || wanted.includes(id) || wanted.includes(group));

const stages = new Stages();
const outcomes: Outcome[] = [];
try {
  for (const attackCase of cases) outcomes.push(await attack(attackCase, stages));
} finally {
  await stages.close();
}

const report = reportOf(outcomes);
if (values.report !== undefined) writeFileSync(values.report, `${JSON.stringify(report, undefined, 2)}\n`);
process.stdout.write(`${textOf(report)}\n`);
process.exitCode = report.counts.failed > 0 ? 1 : 0;
