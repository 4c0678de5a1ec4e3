import { CommandError, exitCode } from "../exit.ts";
import type { Listed, Page } from "../operator/operator.ts";
import { printJson, printTable, type Row, say } from "./output.ts";

interface ListingFlags {
  readonly json?: boolean;
  readonly limit?: string;
}

/** The most that an operator answers at once. */
const pageSize = 200;

/** The most pages of one answer. One of tokens may be empty, and stands for 50 000 that were looked at. */
const mostPages = 10_000;

/**
 * Follows `next` until there are as many as `--limit` says; without it, to the end.
 * @throws CommandError where the server leads back to a page that was read, sends more than was asked for, or has no end
 */
export async function readPages<Item>(flags: ListingFlags, read: (page: Page) => Promise<Listed<Item>>): Promise<Listed<Item>> {
  const most = limitOf(flags.limit);
  const items: Item[] = [];
  const followed = new Set<string>();
  let after: string | undefined;
  do {
    const limit = Math.min(most - items.length, pageSize);
    const page = await read({ limit, ...(after === undefined ? {} : { after }) });
    after = page.next;
    requireProgress(page, limit, followed);
    for (const item of page.items) items.push(item);
    if (after !== undefined) followed.add(after);
  } while (after !== undefined && items.length < most);
  return { items, ...(after === undefined ? {} : { next: after }) };
}

/** A server may be anybody's: one that is mistaken, or means harm, must not keep a command going for ever. */
function requireProgress({ items, next }: Listed<unknown>, limit: number, followed: ReadonlySet<string>): void {
  if (items.length > limit) throw new CommandError(exitCode.failure, "The server sends more than was asked for, as none of ours does.");
  if (next === undefined) return;
  if (followed.has(next))
    throw new CommandError(exitCode.failure, "The server leads back to a page that was read already, as none of ours does.");
  if (followed.size + 1 >= mostPages)
    throw new CommandError(exitCode.failure, `There is no end after ${mostPages} pages: --limit, or a filter, asks for less.`);
}

export function limitOf(limit: string | undefined): number {
  const most = limit === undefined ? Number.POSITIVE_INFINITY : Number(limit);
  if (most === Number.POSITIVE_INFINITY || (Number.isSafeInteger(most) && most >= 1)) return most;
  throw new CommandError(exitCode.usage, `--limit is a number from 1, and not ${JSON.stringify(limit)}.`);
}

/** An array of documents with `--json`, else a table; and whether that was all. */
export function printListed<Item>({ items, next }: Listed<Item>, flags: ListingFlags, rowOf: (item: Item) => Row): void {
  if (flags.json === true) printJson(items);
  else printTable(items.map(rowOf));
  if (next !== undefined) say("There are more: a higher --limit shows them.");
  else if (items.length === 0) say("There are none.");
}
