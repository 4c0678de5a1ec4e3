/**
 * Runs a file of attack cases against the built server:
 * `node packages/server/test/attacks/run.ts --cases FILE [--only RU,AZ-002] [--report FILE.json] [--database URL]`
 * `--database`: of a PostgreSQL on which the servers get databases of their own; they stay.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createDatabase } from "../../../vouchsafe/test/a-postgres/databases.ts";
import { attack, type Outcome } from "./attack.ts";
import { readCases } from "./attack-case.ts";
import { reportOf, textOf } from "./report.ts";
import { Stages } from "./stages.ts";

const { values } = parseArgs({
  options: {
    cases: { type: "string", default: join(import.meta.dirname, "cases.jsonl") },
    only: { type: "string" },
    report: { type: "string" },
    database: { type: "string" },
  },
});

const wanted = values.only?.split(",").map((name) => name.trim());
const cases = readCases(values.cases).filter(({ id, group }) => wanted === undefined || wanted.includes(id) || wanted.includes(group));

const { database } = values;
const stages = new Stages(database === undefined ? undefined : () => createDatabase(database));
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
