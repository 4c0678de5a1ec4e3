/** Reading the value of a flag, or saying what it must be. */

/** @throws Error */
export function oneOf<const Word extends string>(flag: string, value: string, words: readonly Word[]): Word {
  const found = words.find((word) => word === value);
  if (found === undefined) throw new Error(`--${flag} is ${words.join(" or ")}`);
  return found;
}

/** @throws Error */
export function wholeNumber(flag: string, value: string, most: number): number {
  if (!/^\d+$/.test(value)) throw new Error(`--${flag} is a whole number`);
  return numberUpTo(flag, value, most);
}

/** @throws Error */
export function numberUpTo(flag: string, value: string, most: number): number {
  const number = Number(value);
  if (!(number > 0 && number <= most)) throw new Error(`--${flag} is a number above 0 and at most ${most}`);
  return number;
}
