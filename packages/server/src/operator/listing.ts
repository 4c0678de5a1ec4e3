import { parseDuration } from "vouchsafe";
import { BadInput, type Listed, type Page, quote, type TimeRange } from "./operator.ts";

const mostItems = 200;
const usualItems = 50;

/** @throws BadInput */
export function limitOf({ limit = usualItems }: Page): number {
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > mostItems) throw new BadInput(`limit is a number from 1 to ${mostItems}.`);
  return limit;
}

/** `since` and `until` in milliseconds. @throws BadInput */
export function timesOf({ since = "24h", until }: TimeRange, now: number): { readonly from: number; readonly until: number } {
  const from = timeOf("since", since, now);
  const end = until === undefined ? now : timeOf("until", until, now);
  if (from >= end) throw new BadInput("since is not before until.");
  return { from, until: end };
}

/** Only those that are given. @throws BadInput */
export function givenTimesOf({ since, until }: TimeRange, now: number): { readonly from?: number; readonly until?: number } {
  const from = since === undefined ? undefined : timeOf("since", since, now);
  const end = until === undefined ? undefined : timeOf("until", until, now);
  if (from !== undefined && from >= (end ?? Number.POSITIVE_INFINITY)) throw new BadInput("since is not before until.");
  return { ...(from === undefined ? {} : { from }), ...(end === undefined ? {} : { until: end }) };
}

function timeOf(name: string, text: string, now: number): number {
  const ago = parseDuration(text);
  const at = ago === undefined ? dateOf(text) : now - ago;
  if (!Number.isFinite(at) || at < 0 || at > 8.64e15)
    throw new BadInput(`${name} is a length of time such as 24h, or a time such as 2026-11-22, and not ${quote(text)}.`);
  return at;
}

/** ISO 8601 alone: what else `Date` understands differs from engine to engine, and a date without a zone is one of UTC. */
function dateOf(text: string): number {
  if (!/^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)?)?$/.test(text)) return Number.NaN;
  const day = new Date(`${text.slice(0, 10)}T00:00Z`);
  // `Date` takes the 30th of February for the 2nd of March.
  if (Number.isNaN(day.getTime()) || !day.toISOString().startsWith(text.slice(0, 10))) return Number.NaN;
  return Date.parse(text.includes("T") && !/(?:Z|[+-]\d\d:\d\d)$/.test(text) ? `${text}Z` : text);
}

/** One of these words, or undefined where nothing is said. @throws BadInput */
export function oneOf<const Word extends string>(name: string, words: readonly Word[], given: string | undefined): Word | undefined {
  const word = words.find((one) => one === given);
  if (given !== undefined && word === undefined) throw new BadInput(`${name} is one of ${words.join(", ")}, and not ${quote(given)}.`);
  return word;
}

/** The place behind which a page begins: a time and an id. */
export interface Place {
  readonly at: number;
  readonly id: string;
}

/** @throws BadInput */
export function placeAfter({ after }: Page): Place | undefined {
  if (after === undefined) return undefined;
  const [, at, id] = /^(\d{1,16})\.(.{1,2100})$/s.exec(Buffer.from(after, "base64url").toString()) ?? [];
  if (at === undefined || id === undefined) throw new BadInput("after is next of the page before.");
  return { at: Number(at), id };
}

/** @throws BadInput */
export function idAfter({ after }: Page): number | undefined {
  if (after === undefined) return undefined;
  if (!/^\d{1,16}$/.test(after)) throw new BadInput("after is next of the page before.");
  return Number(after);
}

/** A page of what was asked for with one more than the limit: the extra one says that there is a next page. */
export function pageOf<Item, Document>(
  items: readonly Item[],
  limit: number,
  write: (item: Item) => Document,
  placeOf: (item: Item) => Place,
): Listed<Document> {
  const shown = items.slice(0, limit);
  const last = shown.at(-1);
  if (items.length <= limit || last === undefined) return { items: shown.map(write) };
  const { at, id } = placeOf(last);
  return { items: shown.map(write), next: Buffer.from(`${at}.${id}`).toString("base64url") };
}
