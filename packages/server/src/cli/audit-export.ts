import { CommandError, exitCode } from "../exit.ts";
import { eventFormats } from "../operator/event-formats.ts";
import type { EventDocument, EventListing, Operator } from "../operator/operator.ts";
import { limitOf, readPages } from "./listing.ts";
import { writeOut } from "./output.ts";
import { startProgress } from "./progress.ts";
import { type OperatorFlags, questionOf, withOperator } from "./session.ts";
import { rangeOf } from "./time-range.ts";

type Flags = OperatorFlags & Omit<EventListing, "limit"> & { readonly limit?: string; readonly format: string };

/** `audit export`: all that matches, oldest first, a line each. */
export async function exportEvents(flags: Flags): Promise<void> {
  const { format, ...question } = questionOf(flags);
  if (format !== "jsonl" && format !== "csv")
    throw new CommandError(exitCode.usage, `--format is jsonl or csv, and not ${JSON.stringify(format)}.`);
  limitOf(flags.limit);
  const filter = { ...question, ...rangeOf(flags) };
  await withOperator(flags, async (operator) => {
    const newest = (await operator.events({ ...filter, limit: 1 })).items[0]?.id ?? 0;
    await writeEvents(eventsOf(operator, filter, flags), format, newest);
  });
}

async function writeEvents(events: AsyncIterable<EventDocument>, format: keyof typeof eventFormats, newest: number): Promise<void> {
  const { head, line } = eventFormats[format];
  const progress = startProgress("Exporting");
  let oldest: number | undefined;
  try {
    await writeOut(head);
    for await (const event of events) {
      oldest ??= event.id;
      await writeOut(line(event));
      progress.show(Math.min(1, (event.id - oldest + 1) / (newest - oldest + 1)));
    }
  } finally {
    progress.end();
  }
}

async function* eventsOf(operator: Operator, filter: EventListing, flags: Flags): AsyncIterable<EventDocument> {
  if (flags.limit === undefined) yield* operator.exportEvents(filter);
  else yield* (await readPages(flags, (page) => operator.events({ ...filter, ...page }))).items.toReversed();
}
