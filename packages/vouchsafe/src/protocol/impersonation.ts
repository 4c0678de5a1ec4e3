import type { Brand } from "./brands.ts";

/** Makes one spelling of all that look alike. Unicode Technical Standard 39 §4 */
export type Skeleton = (text: string) => string;

/** A brand as names are compared with it. */
export interface FoldedBrand extends Brand {
  readonly words: readonly string[];
}

export const foldBrand = (brand: Brand, skeleton: Skeleton): FoldedBrand => ({ ...brand, words: foldName(brand.name, skeleton) });

/**
 * The words of a name as an eye reads them: letter case, accents, look-alikes of other scripts and invisible characters make
 * no difference.
 */
export function foldName(name: string, skeleton: Skeleton): readonly string[] {
  const visible = name.normalize("NFKD").replace(/[\p{Cf}\p{Cc}\p{M}]/gu, "");
  // Once before and once after the case is folded: a look-alike may be of either case, and folding may make another one.
  const plain = skeleton(skeleton(visible).toLowerCase()).toLowerCase();
  return plain.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
}

/** Words that anybody adds to a name without making it another one. */
const fillers =
  "a ai an app application assistant beta by chat cli client code com connect connector desktop dev extension for from ide inc integration ios llc login mac mcp mobile of official online plugin pro secure server service sign signin support team the tool unofficial verified web windows with";

/** The fillers, folded like the names they are looked for in. */
export const foldFillers = (skeleton: Skeleton): ReadonlySet<string> => new Set(foldName(fillers, skeleton));

/**
 * Whether a name pretends to be a brand: nothing is left of it but the brand's own words and fillers, or it is the brand
 * spelled apart or together. "Claude (official)" and "Cl аude" do, "Clause counter" does not.
 */
export function pretendsToBe(words: readonly string[], { words: own }: FoldedBrand, fillers: ReadonlySet<string>): boolean {
  if (own.length === 0) return false;
  const isNamed = own.every((word) => words.includes(word)) && words.every((word) => own.includes(word) || fillers.has(word));
  return isNamed || words.join("") === own.join("");
}

/** Whether a host is the brand's own, or below one of its own. */
export function isHostOf(host: string, { hosts }: Brand): boolean {
  const name = host.replace(/:\d+$/, "");
  return hosts.some((own) => name === own || name.endsWith(`.${own}`));
}
