import { type Html, html } from "vouchsafe/pages";

/** What of a list to show: a form that leads to the same page, and works with the address alone. */
export function filterForm(path: string, fields: readonly Html[]): Html {
  return html`<form class="filters" method="get" action="${path}">${fields}<button>Show</button></form>`;
}

export function textFilter(name: string, title: string, value = ""): Html {
  return html`<label>${title}<input type="text" name="${name}" value="${value}" autocomplete="off"></label>`;
}

/** `options`: value and words; the first one is what holds where nothing is said. */
export function choiceFilter(name: string, title: string, options: readonly (readonly [string, string])[], value = ""): Html {
  const choices = options.map(
    ([option, words]) => html`<option value="${option}"${option === value ? html` selected` : ""}>${words}</option>`,
  );
  return html`<label>${title}<select name="${name}">${choices}</select></label>`;
}

export function tickFilter(name: string, title: string, isTicked: boolean): Html {
  return html`<label class="tick"><input type="checkbox" name="${name}" value="yes"${isTicked ? html` checked` : ""}> ${title}</label>`;
}

/** The times that a page can tell of. */
export const ranges = [
  ["1h", "1 hour"],
  ["24h", "24 hours"],
  ["7d", "7 days"],
  ["30d", "30 days"],
] as const;

export type RangeName = (typeof ranges)[number][0];

export function rangeLinks(path: string, chosen: RangeName): Html {
  return html`<nav class="ranges" aria-label="Time">${ranges.map(
    ([name, words]) => html`<a href="${path}?range=${name}"${name === chosen ? html` aria-current="true"` : ""}>${words}</a>`,
  )}</nav>`;
}
