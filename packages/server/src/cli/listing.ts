import { CommandError, exitCode } from "../exit.ts";
import type { Listed, Page } from "../operator/operator.ts";
import { printJson, printTable, type Row, say } from "./output.ts";

interface ListingFlags {
  readonly json?: boolean;
  readonly limit?: string;
}

/** The most that an operator answers at once. */
const pageSize = 200;

/** Follows `next` until there are as many as `--limit` says; without it, to the end. */
export async function readPages<Item>(flags: ListingFlags, read: (page: Page) => Promise<Listed<Item>>): Promise<Listed<Item>> {
  const most = limitOf(flags.limit);
  const items: Item[] = [];
  let after: string | undefined;
  do {
    const limit = Math.min(most - items.length, pageSize);
    const page = await read({ limit, ...(after === undefined ? {} : { after }) });
    items.push(...page.items);
    after = page.next;
  } while (after !== undefined && items.length < most);
  return { items, ...(after === undefined ? {} : { next: after }) };
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
