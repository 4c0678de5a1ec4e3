import { type Html, html } from "vouchsafe/pages";

export interface Column<Item> {
  readonly title: string;
  readonly cell: (item: Item) => Html | string;
  /** `number`: aligned at its last digit. `words`: a sentence, with room for it. `short`: never broken. */
  readonly kind?: "number" | "words" | "short";
}

export interface Table<Item> {
  /** What it is a table of, for whoever does not see where it stands. */
  readonly name: string;
  /** The first one names its row. */
  readonly columns: readonly Column<Item>[];
  readonly items: readonly Item[];
  /** What stands there where nothing is. */
  readonly empty: string;
}

/** A table that scrolls inside itself where the page is narrow. */
export function table<Item>({ name, columns, items, empty }: Table<Item>): Html {
  if (items.length === 0) return html`<p class="soft">${empty}</p>`;
  const kind = ({ kind: named }: Column<Item>): Html | string => (named === undefined ? "" : html` class="${named}"`);
  const heads = columns.map((column) => html`<th scope="col"${kind(column)}>${column.title}</th>`);
  const rows = items.map((item) => {
    const cells = columns.map((column, index) =>
      index === 0 ? html`<th scope="row"${kind(column)}>${column.cell(item)}</th>` : html`<td${kind(column)}>${column.cell(item)}</td>`,
    );
    return html`<tr>${cells}</tr>
`;
  });
  return html`<section class="scroll" aria-label="${name}" tabindex="0"><table>
<thead><tr>${heads}</tr></thead>
<tbody>
${rows}</tbody>
</table></section>`;
}

/** The way on in a list that is longer than a page. `query`: the filters, which stay. */
export function onward(path: string, query: Readonly<Record<string, string>>, next: string | undefined): Html | string {
  const { after, ...rest } = query;
  const link = (more: Readonly<Record<string, string>>): string => withQuery(path, { ...rest, ...more });
  if (after === undefined && next === undefined) return "";
  return html`<nav class="onward" aria-label="Pages of the list">${after === undefined ? "" : html`<a href="${link({})}">First page</a>`}${
    next === undefined ? "" : html`<a rel="next" href="${link({ after: next })}">Next page</a>`
  }</nav>`;
}

/** A path with a query; a list names its parameter several times. */
export function withQuery(path: string, query: Readonly<Record<string, string | readonly string[]>>): string {
  const pairs = Object.entries(query).flatMap(([name, values]) => [values].flat().map((value) => [name, value] as [string, string]));
  return pairs.length === 0 ? path : `${path}?${new URLSearchParams(pairs).toString()}`;
}
