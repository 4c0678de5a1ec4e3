/** What stands on a page, for whoever reads it. */
import type { Page } from "./person.ts";

/** What the page says, without its markup. */
export const textOfPage = ({ html }: Page): string => textOf(html.slice(html.indexOf("<main>")));

const textOf = (html: string): string =>
  html
    .replace(/<[^>]+>/g, " ")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&")
    .replace(/\s+/g, " ")
    .replaceAll(" ,", ",")
    .trim();

/** The cells of a table, row by row. */
export function tableOfPage({ html }: Page, name: string): readonly (readonly string[])[] {
  const found = html.split(`aria-label="${name}"`)[1]?.split("</table>")[0]?.split("<tbody>")[1] ?? "";
  return found
    .split("</tr>")
    .slice(0, -1)
    .map((row) => [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell = ""]) => textOf(cell)));
}
