import type { Messages } from "../messages/messages.ts";

/** A day, as people write it. */
export const date = (at: number, { language }: Messages): string => formats(language).date.format(at);

/** To the minute, with the time zone that it is in. */
export const dateAndTime = (at: number, { language }: Messages): string => formats(language).dateAndTime.format(at);

interface Formats {
  readonly date: Intl.DateTimeFormat;
  readonly dateAndTime: Intl.DateTimeFormat;
}

/** Making a format costs a hundred times what using it does. */
const known = new Map<string, Formats>();

function formats(language: string): Formats {
  const made = known.get(language) ?? makeFormats(language);
  known.set(language, made);
  return made;
}

function makeFormats(language: string): Formats {
  const day = { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" } as const;
  return {
    date: new Intl.DateTimeFormat(language, day),
    dateAndTime: new Intl.DateTimeFormat(language, { ...day, hour: "2-digit", minute: "2-digit", timeZoneName: "short" }),
  };
}

/** When something was last used, to the minute: how long ago, or, after two days, at what time. */
export function lastUsed(at: number | undefined, now: number, messages: Messages): string {
  const { used } = messages;
  if (at === undefined) return used.never;
  const minutes = Math.max(0, Math.floor((now - at) / 60_000));
  return minutes < 2880 ? used.minutesAgo(minutes) : used.at(dateAndTime(at, messages));
}
