import { BadInput } from "../operator/operator.ts";
import { noteField, proofField } from "./notes.ts";
import { type RangeName, ranges } from "./pages/filters.ts";

/** The filters of a page's address: those that were filled in. @throws BadInput with what is not understood */
export function readQuery<Name extends string>(url: string, names: readonly Name[]): { readonly [Each in Name]?: string } {
  const query: { [Each in Name]?: string } = {};
  for (const [name, value] of new URL(url).searchParams) {
    if (name === noteField || name === proofField || value === "") continue;
    const known = names.find((one) => one === name);
    if (known === undefined) throw new BadInput(`There is no filter ${name}: this page has ${names.join(", ")}.`);
    if (query[known] !== undefined) throw new BadInput(`${name} is there twice.`);
    query[known] = value;
  }
  return query;
}

/** @throws BadInput */
export function rangeOf(url: string): RangeName {
  const { range = "24h" } = readQuery(url, ["range"]);
  const known = ranges.find(([name]) => name === range);
  if (known === undefined)
    throw new BadInput(`range is one of ${ranges.map(([name]) => name).join(", ")}, and not ${JSON.stringify(range)}.`);
  return known[0];
}
