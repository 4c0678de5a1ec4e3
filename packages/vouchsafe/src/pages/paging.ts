import type { Messages } from "../messages/messages.ts";
import { type Html, html } from "./html.ts";

/** Which page of a list this is, counted from one. */
export interface PageNumber {
  readonly number: number;
  readonly of: number;
}

/** The part of a list that stands on one page. Whatever else is asked for, one that there is. */
export function pageOf<Item>(items: readonly Item[], perPage: number, asked: string | null): { items: readonly Item[]; page: PageNumber } {
  const of = Math.max(1, Math.ceil(items.length / perPage));
  const number = Math.min(of, Math.max(1, Math.trunc(Number(asked ?? "1")) || 1));
  return { items: items.slice((number - 1) * perPage, number * perPage), page: { number, of } };
}

/** The way to the other pages of a list. */
export function otherPages({ number, of }: PageNumber, path: string, messages: Messages): Html | string {
  if (of === 1) return "";
  const words = messages.paging;
  const newer = number > 1 ? html`<a rel="prev" href="${path}?page=${number - 1}">${words.newer}</a>` : "";
  const older = number < of ? html`<a rel="next" href="${path}?page=${number + 1}">${words.older}</a>` : "";
  return html`<nav class="row" aria-label="${words.pages}">${newer}<span class="soft">${words.pageOf(number, of)}</span>${older}</nav>`;
}
