import type { Command } from "commander";
import type { CleanupDocument } from "../operator/operator.ts";
import { endingCommand } from "./command.ts";
import { counted } from "./counted.ts";
import { printJson, printLine, say } from "./output.ts";
import type { EndingFlags } from "./reach.ts";
import { type OperatorFlags, withOperator } from "./session.ts";

export function addCleanupCommand(program: Command): void {
  endingCommand(
    program,
    "cleanup",
    "Removes what is past its time, as the server does by itself every minute.",
    "vouchsafe cleanup --dry-run",
  ).action(cleanUp);
}

/** `cleanup`: what was removed, by kind; with `--dry-run`, what would be. */
async function cleanUp(flags: OperatorFlags & EndingFlags): Promise<void> {
  const isRehearsal = flags.dryRun === true;
  const removed = await withOperator(flags, (operator) => operator.cleanUp(isRehearsal));
  if (flags.json === true) printJson(removed);
  else for (const [one, several, count] of kinds(removed)) printLine(counted(count, one, several));
  say(isRehearsal ? "Nothing was changed: this is what would be removed." : "This is what was removed.");
}

const kinds = (removed: CleanupDocument): readonly (readonly [one: string, several: string, count: number])[] => [
  ["registration that never led anywhere", "registrations that never led anywhere", removed.clients],
  ["decision on a consent page", "decisions on a consent page", removed.decisions],
  ["pushed request", "pushed requests", removed.pushed_requests],
  ["assertion that was used", "assertions that were used", removed.assertions],
  ["answer kept for refresh tokens that race", "answers kept for refresh tokens that race", removed.refresh_answers],
  ["audit event", "audit events", removed.events],
  ["security event", "security events", removed.security_events],
  ["record of an attempt to connect", "records of attempts to connect", removed.flows],
  ["session that has ended", "sessions that have ended", removed.sessions],
];
