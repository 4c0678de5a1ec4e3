import type { Command } from "commander";
import { counted } from "../counted.ts";
import type { SecurityCaseDocument, SecurityReportDocument, TimeRange } from "../operator/operator.ts";
import { operatorCommand, rangeOptions } from "./command.ts";
import { printJson, printLine } from "./output.ts";
import { type OperatorFlags, withOperator } from "./session.ts";
import { printSection, rowsOf } from "./stats.ts";
import { rangeOf } from "./time-range.ts";

export function addSecurityReportCommand(program: Command): void {
  rangeOptions(
    operatorCommand(
      program,
      "security-report",
      "What happened that should not (default: in 24h), and what was ended.",
      "vouchsafe security-report --since 7d",
    ),
  ).action(reportSecurity);
}

async function reportSecurity(flags: OperatorFlags & TimeRange): Promise<void> {
  const range = rangeOf(flags);
  const report = await withOperator(flags, (operator) => operator.securityReport(range));
  if (flags.json === true) printJson(report);
  else printReport(report);
}

function printReport({ since, until, counts, cases }: SecurityReportDocument): void {
  const events = Object.values(counts).reduce((total, count) => total + count, 0);
  printLine(`From ${since} to ${until}: ${counted(events, "security event")}, ${counted(cases.length, "case")} to look at.`);
  printSection("Security events", rowsOf(counts, "type"));
  for (const one of cases) printCase(one);
}

function printCase({ at, type, kind, what, ended, client_id, subject, flow_id }: SecurityCaseDocument): void {
  printLine();
  printLine(`${at}  ${type}${kind === undefined ? "" : ` (${kind})`}`);
  printLine(`  ${what}`);
  printLine(`  ${ended}`);
  const next = [
    client_id === undefined ? [] : [`vouchsafe clients show ${shellWord(client_id)}`],
    subject === undefined ? [] : [`vouchsafe grants list --user ${shellWord(subject)}`],
    flow_id === undefined ? [] : [`vouchsafe flows ${shellWord(flow_id)}`],
  ].flat();
  for (const command of next) printLine(`  See: ${command}`);
}

/** As a shell takes it for one word and nothing else: a client's id may be a URL that somebody chose. */
const shellWord = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
