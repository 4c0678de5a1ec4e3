import { type Check, finding, ok, quoted, warning } from "./check.ts";
import { isRedirect, outcomeOf } from "./document.ts";
import { isAnswer } from "./exchange.ts";
import type { Visit } from "./visit.ts";

/** Where a deployment sends whoever comes: nowhere with metadata, and to https from http. */
export function checkRedirects({ server, resource }: Visit): readonly Check[] {
  return [
    ...checkEndpoints([server?.token, server?.tokenPreflight, server?.registrationPreflight, server?.keys, resource?.announced]),
    ...checkInClear(server),
  ];
}

function checkEndpoints(exchanges: readonly Parameters<typeof isRedirect>[0][]): readonly Check[] {
  if (exchanges.every((exchange) => exchange === undefined)) return [];
  const redirected = exchanges.find(isRedirect);
  if (redirected === undefined) return [ok("redirects", "No endpoint redirects programs.")];
  const { url, headers } = redirected;
  return [
    finding(
      "redirects",
      `${url} redirects to ${quoted(headers.location)}, where a POST does not follow.`,
      `announce ${URL.parse(headers.location ?? "", url)?.href ?? url} itself`,
      "MCP authorization",
    ),
  ];
}

function checkInClear(server: Visit["server"]): readonly Check[] {
  const inClear = server?.inClear;
  if (server === undefined || inClear === undefined) return [];
  const name = "http to https";
  const change = "server { listen 80; return 308 https://$host$request_uri; }";
  if (!isAnswer(inClear)) return [ok(name, "Nothing answers in the clear.")];
  if (isRedirect(inClear)) {
    const target = URL.parse(inClear.headers.location ?? "", inClear.url);
    if (target?.protocol === "https:") return [ok(name, "http leads to https.")];
    return [
      finding(name, `${inClear.url} redirects to ${quoted(inClear.headers.location)}, which is not https.`, change, "OAuth 2.1 §1.5"),
    ];
  }
  if (inClear.status >= 400) return [ok(name, `Nothing is served in the clear (${outcomeOf(inClear)}).`)];
  return [warning(name, `${inClear.url} answers ${outcomeOf(inClear)} in the clear.`, change, "OAuth 2.1 §1.5")];
}
