import type { Command } from "commander";
import type { CleanupDocument } from "../operator/operator.ts";
import { endingCommand } from "./command.ts";
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
  else for (const [count, one, several] of kinds(removed)) printLine(`${String(count).padStart(8)}  ${count === 1 ? one : several}`);
  say(isRehearsal ? "Nothing was changed: this is what would be removed." : "This is what was removed.");
}

const kinds = (removed: CleanupDocument): readonly (readonly [count: number, one: string, several: string])[] => [
  [removed.clients, "registration that never led anywhere", "registrations that never led anywhere"],
  [removed.grants, "connection or personal token that ended", "connections and personal tokens that ended"],
  [removed.tokens, "token that nobody can use", "tokens that nobody can use"],
  [removed.decisions, "decision on a consent page", "decisions on a consent page"],
  [removed.pushed_requests, "pushed request", "pushed requests"],
  [removed.assertions, "assertion that was used", "assertions that were used"],
  [removed.refresh_answers, "answer kept for refresh tokens that race", "answers kept for refresh tokens that race"],
  [removed.disconnections, "mark of a disconnection", "marks of disconnections"],
  [removed.subjects, "mark of a sign-out everywhere", "marks of sign-outs everywhere"],
  [removed.registration_tokens, "registration token with no use left", "registration tokens with no use left"],
  [removed.deliveries, "delivery that nobody waits for", "deliveries that nobody waits for"],
  [removed.rate_limits, "count of a limit", "counts of limits"],
  [removed.events, "audit event", "audit events"],
  [removed.security_events, "security event", "security events"],
  [removed.flows, "record of an attempt to connect", "records of attempts to connect"],
  [removed.sessions, "session that has ended", "sessions that have ended"],
];
