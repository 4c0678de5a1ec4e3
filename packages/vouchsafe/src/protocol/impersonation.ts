import type { Brand } from "./brands.ts";

/** Makes one spelling of all that look alike. Unicode Technical Standard 39 §4 */
export type Skeleton = (text: string) => string;

/** A brand as names are compared with it. */
export interface FoldedBrand extends Brand {
  readonly words: readonly string[];
  /** The words of all brands of the same hosts: whoever makes it may stand beside it. */
  readonly kin: ReadonlySet<string>;
}

export function foldBrands(brands: readonly Brand[], skeleton: Skeleton): readonly FoldedBrand[] {
  const folded = brands.map((brand) => ({ ...brand, words: foldName(brand.name, skeleton) }));
  return folded.map((brand) => {
    const kin = folded.filter(({ hosts }) => hosts.some((host) => brand.hosts.includes(host)));
    return { ...brand, kin: new Set(kin.flatMap(({ words }) => words)) };
  });
}

/**
 * The words of a name as an eye reads them: letter case, accents, look-alikes of other scripts and invisible characters make
 * no difference.
 */
export function foldName(name: string, skeleton: Skeleton): readonly string[] {
  const visible = withoutMarks(name.replace(tradeMarks, "").replace(lettersOnTiles, letterOnTile));
  const alike = (text: string): string => withoutMarks(skeleton(text)).replace(/[ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋĸʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ]/g, largeLetter);
  const letters = visible.replace(/./gsu, (character) => plainForm(character, alike(character)));
  // Once more without case: folding it may make another look-alike, as a small m is to r and n.
  const plain = alike(letters.toLowerCase()).toLowerCase();
  // A capital I is an l to the eye, and an i to whoever writes in capitals.
  return plain
    .replaceAll("i", "l")
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
}

/** Small capitals, which Unicode takes for no look-alikes. It does take the Cyrillic letters that look like them. */
const smallCapitals = "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋĸʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ";
const largeLetter = (letter: string): string => "abcdefghijkklmnoprstuvwyz"[smallCapitals.indexOf(letter)] ?? letter;

/** Without what nobody sees, and what only adorns letters: accents and strokes. */
const withoutMarks = (text: string): string => text.replace(/[\p{Cf}\p{Cc}\p{M}\p{Default_Ignorable_Code_Point}]/gu, "");

/** What the eye takes it for comes first: the compatibility form makes another letter of U+03F9, a sigma that looks like a C. */
const plainForm = (character: string, alike: string): string =>
  /^[A-Za-z0-9]+$/.test(alike) ? alike : withoutMarks(character.normalize("NFKD"));

const tradeMarks = /[\u2120\u2122]/g;

/** A to Z in white on circles, on squares, and as the halves of flags, which Unicode takes for no letters. */
const lettersOnTiles = /[\u{1F150}-\u{1F169}\u{1F170}-\u{1F189}\u{1F1E6}-\u{1F1FF}]/gu;
const tiles = [0x1f1e6, 0x1f170, 0x1f150];

function letterOnTile(tile: string): string {
  const code = tile.codePointAt(0) ?? 0;
  return String.fromCharCode(65 + code - (tiles.find((first) => code >= first) ?? code));
}

/** Words that anybody adds to a name without making it another one. */
const fillers =
  "a ai an and android app application assistant beta by chat cli client code com connect connector desktop dev extension for from ide http https inc integration ios iphone linux llc login mac macos mcp mobile of official online plugin plus pro s secure server service sign signin support team the tool unofficial verified web windows with www your my";

/** The fillers, folded like the names they are looked for in. */
export const foldFillers = (skeleton: Skeleton): ReadonlySet<string> => new Set(foldName(fillers, skeleton));

/**
 * Whether a name pretends to be a brand: nothing is left of it but the brand's own words, its kin's and fillers, or it is the
 * brand spelled apart or together. "Claude (official)", "Claude by Anthropic" and "Cl аude" do, "Clause counter" does not.
 */
export function pretendsToBe(words: readonly string[], { words: own, kin }: FoldedBrand, fillers: ReadonlySet<string>): boolean {
  if (own.length === 0) return false;
  const isNamed =
    own.every((word) => words.includes(word)) && words.every((word) => kin.has(word) || fillers.has(word) || /^\d+$/.test(word));
  return isNamed || words.join("") === own.join("");
}

/** Whether a host is the brand's own, or below one of its own. */
export function isHostOf(host: string, { hosts }: Brand): boolean {
  const name = host.replace(/:\d+$/, "");
  return hosts.some((own) => name === own || name.endsWith(`.${own}`));
}
