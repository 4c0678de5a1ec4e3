import { eventFormats } from "../operator/event-formats.ts";
import { BadInput, type EventDocument, type EventListing, type Operator } from "../operator/operator.ts";

/** How many characters are sent at once. */
const chunk = 65_536;

/**
 * All events that match, as a file. What is wrong with the filter shows before the first line is sent.
 * @throws BadInput, NotFound
 */
export async function exportEvents(operator: Operator, format: keyof typeof eventFormats, filter: EventListing): Promise<Response> {
  if (filter.limit !== undefined || filter.after !== undefined)
    throw new BadInput("limit and after are for pages; an export has all events that match.");
  const { contentType, head, line } = eventFormats[format];
  const events = operator.exportEvents(filter)[Symbol.asyncIterator]();
  const first = await events.next();
  async function* written(): AsyncGenerator<Uint8Array> {
    let text = head;
    for (let next: IteratorResult<EventDocument> = first; next.done !== true; next = await events.next()) {
      text += line(next.value);
      if (text.length < chunk) continue;
      yield Buffer.from(text);
      text = "";
    }
    yield Buffer.from(text);
  }
  return new Response(ReadableStream.from(written()), {
    headers: { "content-type": contentType, "content-disposition": `attachment; filename="events.${format}"` },
  });
}
