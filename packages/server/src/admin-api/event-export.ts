import { eventFormats } from "../operator/event-formats.ts";
import { BadInput, type EventDocument, type EventListing, type Operator } from "../operator/operator.ts";

/** How many characters are sent at once. */
const chunk = 65_536;

/**
 * All events that match, as a file. What is wrong with the filter shows before the first line is sent.
 * @throws BadInput, NotFound
 */
export async function exportEvents(
  operator: Operator,
  format: keyof typeof eventFormats,
  filter: EventListing,
  onFailure: (error: unknown) => void,
): Promise<Response> {
  if (filter.limit !== undefined || filter.after !== undefined)
    throw new BadInput("limit and after are for pages; an export has all events that match.");
  const { contentType, head, line } = eventFormats[format];
  const events = operator.exportEvents(filter)[Symbol.asyncIterator]();
  const first = await events.next();
  async function* written(): AsyncGenerator<Uint8Array> {
    let text = head;
    for (let next: IteratorResult<EventDocument> = first; next.done !== true; next = await events.next().catch(cutShort(onFailure))) {
      text += line(next.value);
      if (text.length < chunk) continue;
      yield Buffer.from(text);
      text = "";
    }
    yield Buffer.from(text);
  }
  return new Response(streamOf(written()), {
    headers: { "content-type": contentType, "content-disposition": `attachment; filename="events.${format}"` },
  });
}

/** Who reads must see that it is not all, and not why. */
const cutShort =
  (onFailure: (error: unknown) => void) =>
  (error: unknown): never => {
    onFailure(error);
    throw new Error("The export was cut short.");
  };

const streamOf = (chunks: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> =>
  new ReadableStream({
    pull: async (controller) => {
      const next = await chunks.next();
      if (next.done === true) controller.close();
      else controller.enqueue(next.value);
    },
    cancel: async () => {
      await chunks.return(undefined);
    },
  });
