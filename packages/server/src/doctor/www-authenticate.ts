import type { Answer } from "./exchange.ts";

/** The parameters of an answer's Bearer challenge; undefined where there is none. RFC 9110 §11.6.1, RFC 6750 §3 */
export function bearerParameters({ headers }: Answer): Readonly<Record<string, string>> | undefined {
  const [, parameters] = /(?:^|,\s*)bearer(?:\s+(.*)|\s*)$/is.exec(headers["www-authenticate"] ?? "") ?? [undefined, undefined];
  if (!/(?:^|,\s*)bearer(?:\s|$)/i.test(headers["www-authenticate"] ?? "")) return undefined;
  const found = [...(parameters ?? "").matchAll(/([a-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/gi)];
  return Object.fromEntries(
    found.map(([, name = "", inQuotes, bare = ""]) => [name.toLowerCase(), inQuotes?.replace(/\\(.)/g, "$1") ?? bare]),
  );
}
