import { type Html, html } from "vouchsafe/pages";
import { table } from "../pages/table.ts";
import { counted, number } from "../pages/words.ts";
import { percent } from "./series.ts";

export interface ByName {
  /** Of this chart alone, on its page. */
  readonly id: string;
  readonly title: string;
  /** What is counted: `failure`. */
  readonly unit: string;
  readonly empty: string;
  /** The greatest first. `href`: where more is said about it. */
  readonly amounts: readonly { readonly name: string; readonly count: number; readonly href?: string }[];
}

/** How many bars are drawn; the table has all of them. */
const mostBars = 6;

/** `em` of one bar with its words above it. */
const rowHeight = 3.2;

/** Horizontal bars by name, and the same numbers as a table. */
export function byName({ id, title, unit, empty, amounts }: ByName): Html {
  if (amounts.length === 0) return html`<figure><h2>${title}</h2><p class="soft">${empty}</p></figure>`;
  const shown = amounts.slice(0, mostBars);
  const greatest = Math.max(...amounts.map(({ count }) => count), 1);
  const total = amounts.reduce((sum, { count }) => sum + count, 0);
  const bars = shown.map(({ name, count }, index) => {
    const y = (share: number): string => `${Math.round((index * rowHeight + share) * 100) / 100}em`;
    return html`<text class="name" y="${y(1.1)}">${short(name)}</text><text class="count" x="100%" y="${y(1.1)}" text-anchor="end">${number(count)}</text><rect class="track" y="${y(1.75)}" width="100%" height=".5em" rx="3"/><rect class="c1" y="${y(1.75)}" width="${percent(count, greatest)}" height=".5em" rx="3"/>`;
  });
  return html`<figure><h2>${title}</h2>
<svg class="chart by-name" height="${shown.length * rowHeight}em" role="img" aria-labelledby="${id}-title ${id}-desc"><title id="${id}-title">${title}</title><desc id="${id}-desc">${counted(total, unit)}: ${shown.map(({ name, count }) => `${name} ${number(count)}`).join(", ")}. The same numbers are in the table below.</desc>${bars}</svg>
<details><summary>The numbers: ${title}</summary>${table({
    name: `${title}, numbers`,
    columns: [
      {
        title: "Name",
        cell: ({ name, href }) => (href === undefined ? html`<bdi>${name}</bdi>` : html`<a href="${href}"><bdi>${name}</bdi></a>`),
      },
      { title: "Number", cell: ({ count }) => number(count), kind: "number" },
    ],
    items: amounts,
    empty,
  })}</details></figure>`;
}

/** As much as there is room for on a phone. */
function short(name: string): string {
  const characters = Array.from(name);
  return characters.length > 28 ? `${characters.slice(0, 27).join("")}…` : name;
}
