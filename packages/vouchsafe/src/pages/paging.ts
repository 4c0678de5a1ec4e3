import type { Messages } from "../messages/messages.ts";
import { type Html, html } from "./html.ts";

/** Which page of a list this is, counted from one. */
export interface PageNumber {
  readonly number: number;
  readonly of: number;
}

/** What stands on the page that is asked for, or on the nearest one that there is. `weightOf`: what an item takes of the capacity. */
export function pageOf<Item>(
  items: readonly Item[],
  capacity: number,
  asked: string | null,
  weightOf: (item: Item) => number = () => 1,
): { items: readonly Item[]; page: PageNumber } {
  const pages = inPages(items, capacity, weightOf);
  const number = Math.min(pages.length, Math.max(1, Math.trunc(Number(asked ?? "1")) || 1));
  return { items: pages[number - 1] ?? [], page: { number, of: pages.length } };
}

/** Fills one page after the other; an item that is heavier than a page has one of its own. */
function inPages<Item>(items: readonly Item[], capacity: number, weightOf: (item: Item) => number): readonly (readonly Item[])[] {
  let page: Item[] = [];
  let room = capacity;
  const pages = [page];
  for (const item of items) {
    if (page.length > 0 && weightOf(item) > room) {
      page = [];
      room = capacity;
      pages.push(page);
    }
    page.push(item);
    room -= weightOf(item);
  }
  return pages;
}

/** The way to the other pages of a list. */
export function otherPages({ number, of }: PageNumber, path: string, messages: Messages): Html | string {
  if (of === 1) return "";
  const words = messages.paging;
  const newer = number > 1 ? html`<a rel="prev" href="${path}?page=${number - 1}">${words.newer}</a>` : "";
  const older = number < of ? html`<a rel="next" href="${path}?page=${number + 1}">${words.older}</a>` : "";
  return html`<nav class="row" aria-label="${words.pages}">${newer}<span class="soft">${words.pageOf(number, of)}</span>${older}</nav>`;
}
