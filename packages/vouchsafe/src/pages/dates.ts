import type { Messages } from "../messages/messages.ts";

/** A day, as people write it. */
export const date = (at: number, messages: Messages): string => dateFormat(messages.language).format(at);

/** Making a format costs a hundred times what using it does. */
const dateFormats = new Map<string, Intl.DateTimeFormat>();

function dateFormat(language: string): Intl.DateTimeFormat {
  const known =
    dateFormats.get(language) ?? new Intl.DateTimeFormat(language, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
  dateFormats.set(language, known);
  return known;
}

/** How long ago something was last used, to the minute. */
export function lastUsed(at: number | undefined, now: number, { used }: Messages): string {
  return at === undefined ? used.never : used.minutesAgo(Math.max(0, Math.floor((now - at) / 60_000)));
}
