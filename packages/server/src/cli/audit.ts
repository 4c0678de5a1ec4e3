import { type AuditEvent, type EventFilter, parseDuration, type RecordedEvent } from "vouchsafe";
import { eventDocument } from "../operator/documents.ts";
import { eventFormats } from "../operator/event-formats.ts";
import { CommandError, exitCode } from "./exit.ts";
import { isoTime, printJson, printRows, say } from "./output.ts";
import { withStandalone } from "./session.ts";

interface FilterFlags {
  readonly type?: readonly string[];
  readonly since?: string;
  readonly until?: string;
  readonly limit?: string;
}

/** `audit list`: what happened, the newest first. */
export async function listEvents(flags: FilterFlags & { readonly json?: boolean }): Promise<void> {
  const filter = filterOf(flags, Date.now());
  const events = await withStandalone(({ oauth }) => oauth.admin.events(filter));
  if (flags.json === true) printJson(events.map(documentOf));
  else printRows(events.map(rowOf), false);
}

/** `audit export`: all that matches, oldest first, a line each. */
export async function exportEvents(flags: FilterFlags & { readonly format: string }): Promise<void> {
  const { format } = flags;
  if (format !== "jsonl" && format !== "csv")
    throw new CommandError(exitCode.usage, `--format is jsonl or csv, and not ${JSON.stringify(format)}.`);
  const filter = filterOf(flags, Date.now(), Number.MAX_SAFE_INTEGER);
  const events = await withStandalone(({ oauth }) => oauth.admin.events(filter));
  const { head, line } = eventFormats[format];
  process.stdout.write(head);
  for (const event of events.toReversed()) process.stdout.write(line(eventDocument(event)));
}

/** `audit verify`: exit code 1 where events were altered, removed or inserted. */
export async function verifyEvents(flags: { readonly json?: boolean }): Promise<void> {
  const { events, unprotected, findings } = await withStandalone(({ oauth }) => oauth.admin.verifyAudit());
  if (flags.json === true) printJson({ events, unprotected, findings });
  else
    printRows(
      findings.map(({ chain, position, what }) => ({ chain, position, what })),
      false,
    );
  const older = unprotected === 0 ? "" : ` ${unprotected} of them are older than the chains and stand for themselves.`;
  if (findings.length > 0) throw new CommandError(exitCode.failure, `${events} events, ${findings.length} findings.${older}`);
  say(`${events} events, as they were written.${older}`);
}

const usualLimit = 50;

function filterOf({ type = [], since, until, limit }: FilterFlags, now: number, most = usualLimit): EventFilter {
  const count = limit === undefined ? most : Number(limit);
  if (!Number.isSafeInteger(count) || count < 1)
    throw new CommandError(exitCode.usage, `--limit is a number from 1, and not ${JSON.stringify(limit)}.`);
  return {
    most: count,
    types: type as readonly AuditEvent["type"][],
    ...(since === undefined ? {} : { from: timeOf("--since", since, now) }),
    ...(until === undefined ? {} : { until: timeOf("--until", until, now) }),
  };
}

/** A length of time before now, such as `24h`, or a time, such as `2026-11-22`. */
function timeOf(flag: string, text: string, now: number): number {
  const ago = parseDuration(text);
  const at = ago === undefined ? Date.parse(text) : now - ago;
  if (Number.isNaN(at))
    throw new CommandError(
      exitCode.usage,
      `${flag} is a length of time such as 24h, or a time such as 2026-11-22, and not ${JSON.stringify(text)}.`,
    );
  return at;
}

const documentOf = ({ id, event }: RecordedEvent) => ({ id, ...event, at: isoTime(event.at) });

function rowOf({ id, event: { at, type, ...facts } }: RecordedEvent) {
  const details = Object.entries(facts).map(([name, value]) => `${name}=${[value].flat().join(" ")}`);
  return { id, at: isoTime(at), type, details: details.join(" ") };
}
