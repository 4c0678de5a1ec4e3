const second = 1000;

/** The bounds between which a document's own word counts, in milliseconds. */
const shortest = 60 * second;
const longest = 86_400 * second;

/**
 * For how long a document need not be fetched again, in milliseconds. One that is not to be stored is fetched each time; one
 * that says nothing, or wants to be asked about, is kept for as short as may be.
 * Client ID Metadata Document §4.4, RFC 9111 §5.2.2
 */
export function freshnessOf(cacheControl: string): number {
  const directives = cacheControl
    .toLowerCase()
    .split(",")
    .map((directive) => directive.trim());
  if (directives.includes("no-store")) return 0;
  if (directives.some((directive) => /^no-cache(?:=|$)/.test(directive))) return shortest;
  const maxAge = directives.map((directive) => /^max-age="?(\d+)"?$/.exec(directive)?.[1]).find((value) => value !== undefined);
  return Math.min(Math.max(Number(maxAge ?? 0) * second, shortest), longest);
}
