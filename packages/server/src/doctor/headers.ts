import { type Check, finding, ok, quoted, warning } from "./check.ts";
import { type Answer, isAnswer } from "./exchange.ts";
import type { Visit } from "./visit.ts";

/** The longest that metadata may be kept before a change of it reaches clients, in seconds. */
const longestAge = 86_400;

/** How documents are labelled, kept and packed on their way. */
export function checkHeaders({ url, front, resource, server }: Visit): readonly Check[] {
  const documents = [resource?.answer, server?.answer].filter((answer) => answer !== undefined);
  if (documents.length === 0) return [];
  return [
    checkType(documents),
    checkPacking(documents),
    checkKeeping(documents),
    ...(new URL(url).protocol === "https:" && isAnswer(front) ? [checkTransportSecurity(documents.at(-1) ?? front)] : []),
  ];
}

function checkType(documents: readonly Answer[]): Check {
  const wrong = documents.find(({ headers }) => !/^application\/json\b/i.test(headers["content-type"] ?? ""));
  if (wrong === undefined) return ok("content type", "Metadata is application/json.");
  return finding(
    "content type",
    `${wrong.url} is ${quoted(wrong.headers["content-type"] ?? "")}.`,
    "Content-Type: application/json",
    "RFC 8414 §3.2, RFC 9728 §3.2",
  );
}

function checkPacking(documents: readonly Answer[]): Check {
  const packed = documents.find(({ headers }) => !["", "identity"].includes(headers["content-encoding"] ?? ""));
  if (packed === undefined) return ok("compression", "Nothing is compressed that was not asked for.");
  return finding(
    "compression",
    `${packed.url} is compressed (${quoted(packed.headers["content-encoding"])}) although nobody asked for it.`,
    "gzip off; at /.well-known/",
    "RFC 9110 §12.5.3",
  );
}

function checkKeeping(documents: readonly Answer[]): Check {
  const name = "caching";
  const source = "RFC 9111 §4.2";
  for (const { url, headers } of documents) {
    const age = Number(headers.age ?? 0);
    const most = Number(/(?:^|[\s,])max-age=(\d+)/i.exec(headers["cache-control"] ?? "")?.[1] ?? Number.NaN);
    if (age > (Number.isNaN(most) ? longestAge : most))
      return finding(
        name,
        `${url} comes from a cache that has kept it for ${age} s, longer than it may.`,
        "proxy_cache off; at /.well-known/",
        source,
      );
    if (most > longestAge)
      return warning(
        name,
        `${url} may be kept for ${most} s, in which no change reaches clients.`,
        "Cache-Control: public, max-age=300",
        source,
      );
  }
  return ok(name, "Metadata is kept no longer than a day.");
}

function checkTransportSecurity({ headers }: Answer): Check {
  if (headers["strict-transport-security"] !== undefined) return ok("HSTS", "Browsers keep to https.");
  return warning(
    "HSTS",
    "Browsers are not told to keep to https.",
    'add_header Strict-Transport-Security "max-age=31536000" always;',
    "RFC 6797 §7.2",
  );
}
