import type { Command } from "commander";
import { capital, counted } from "../counted.ts";
import { CommandError, exitCode } from "../exit.ts";
import type { EventDocument, EventListing } from "../operator/operator.ts";
import { exportEvents } from "./audit-export.ts";
import { collect, listingCommand, operatorCommand, rangeOptions } from "./command.ts";
import { printListed, readPages } from "./listing.ts";
import { printJson, printTable, type Row, say } from "./output.ts";
import { startProgress } from "./progress.ts";
import { type OperatorFlags, questionOf, withOperator } from "./session.ts";
import { rangeOf } from "./time-range.ts";

/** What happened. */
export function addAuditCommands(program: Command): void {
  const audit = program.command("audit").description("What happened.");
  filterOptions(
    listingCommand(audit, "list", "Lists events, the newest first.", "vouchsafe audit list --type code.replayed --since 7d"),
  ).action(listEvents);
  filterOptions(
    operatorCommand(audit, "export", "Writes events to stdout, the oldest first.", "vouchsafe audit export --since 30d > audit.jsonl"),
  )
    .option("--limit <number>", "the newest so many")
    .option("--format <name>", "jsonl or csv", "jsonl")
    .action(exportEvents);
  operatorCommand(audit, "verify", "Whether events were altered, removed or inserted.", "vouchsafe audit verify").action(verifyEvents);
}

const filterOptions = (under: Command): Command =>
  rangeOptions(under)
    .option("--type <name>", "such as token.issued; may be repeated", collect)
    .option("--security", "security events alone")
    .option("--client <id>", "about this client")
    .option("--user <email>", "about this person, by e-mail address or id")
    .option("--grant <id>", "about this grant")
    .option("--flow <id>", "of this attempt to connect");

/** `audit list`: what happened, the newest first. */
async function listEvents(flags: OperatorFlags & Omit<EventListing, "limit"> & { readonly limit: string }): Promise<void> {
  const filter = { ...questionOf(flags), ...rangeOf(flags) };
  const events = await withOperator(flags, (operator) => readPages(flags, (page) => operator.events({ ...filter, ...page })));
  printListed(events, flags, rowOf);
}

function rowOf({ id, at, type, ...facts }: EventDocument): Row {
  const details = Object.entries(facts).map(([name, value]) => `${name}=${[value].flat().join(" ")}`);
  return { id, at, type, details: details.join(" ") };
}

/** `audit verify`: exit code 1 where events were altered, removed or inserted. */
async function verifyEvents(flags: OperatorFlags): Promise<void> {
  const progress = startProgress("Verifying");
  const beat = setInterval(() => progress.show(undefined), 200);
  const verification = await withOperator(flags, (operator) => operator.verifyAudit()).finally(() => {
    clearInterval(beat);
    progress.end();
  });
  const { events, unprotected, findings } = verification;
  if (flags.json === true) printJson(verification);
  else printTable(findings.map(({ chain, position, what }) => ({ chain, position, what })));
  const those = unprotected === 1 ? "is older than the chains and stands for itself" : "are older than the chains and stand for themselves";
  const older = unprotected === 0 ? "" : ` ${unprotected} of them ${those}.`;
  const number = capital(counted(events, "event"));
  if (findings.length > 0) throw new CommandError(exitCode.failure, `${number}, ${counted(findings.length, "finding")}.${older}`);
  say(`${number}, as ${events === 1 ? "it was" : "they were"} written.${older}`);
}
