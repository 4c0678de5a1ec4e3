import type { VisitedServer } from "./authorization-server.ts";
import { type Check, finding, ok, quoted, warning } from "./check.ts";
import { outcomeOf } from "./document.ts";
import { type Answer, type Exchange, isAnswer } from "./exchange.ts";
import type { Visit } from "./visit.ts";

const source = "Fetch §3.2.5";

/** Whether clients that are web pages may ask, and none of them with people's cookies. */
export function checkCors(seen: Visit): readonly Check[] {
  const { resource, server } = seen;
  return [
    ...(resource?.answer === undefined ? [] : [readable("CORS, resource metadata", resource.answer)]),
    ...(server?.answer === undefined ? [] : checkServer(server, server.answer)),
    ...(seen.challenge === undefined ? [] : [checkChallengeReading(seen.challenge)]),
    ...(resource?.preflight === undefined
      ? []
      : [preflight("CORS, resource preflight", resource.preflight, ["authorization", "content-type", "mcp-protocol-version"])]),
  ];
}

function checkServer(
  { metadataPreflight, token, tokenPreflight, registrationPreflight }: VisitedServer,
  metadata: Answer,
): readonly Check[] {
  const hasToken = isAnswer(token) && token.status !== 404;
  return [
    readable("CORS, server metadata", metadata),
    preflight("CORS, metadata preflight", metadataPreflight, ["mcp-protocol-version"]),
    ...(hasToken ? [readable("CORS, token endpoint", token)] : []),
    ...(hasToken && tokenPreflight !== undefined
      ? [preflight("CORS, token preflight", tokenPreflight, ["authorization", "content-type"])]
      : []),
    ...(registrationPreflight === undefined ? [] : [preflight("CORS, registration preflight", registrationPreflight, ["content-type"])]),
  ];
}

const allowed = "Access-Control-Allow-Origin: *";

/** What any page may read must not be read with the cookies of whoever looks at the page. */
function readable(name: string, { headers, url }: Answer): Check {
  const origin = headers["access-control-allow-origin"];
  if (origin === undefined) return finding(name, `${url} may not be read by web pages.`, allowed, source);
  if (headers["access-control-allow-credentials"] === "true")
    return finding(
      name,
      `${url} may be read with people's cookies, by ${quoted(origin)}.`,
      `${allowed} without Access-Control-Allow-Credentials`,
      source,
    );
  if (origin !== "*" && origin !== "https://app.example")
    return finding(name, `${url} may be read by ${quoted(origin)} alone.`, allowed, source);
  return ok(name, "Any web page may read it, without cookies.");
}

function preflight(name: string, exchange: Exchange, wanted: readonly string[]): Check {
  const change = `204 to OPTIONS with ${allowed} and Access-Control-Allow-Headers: ${wanted.join(", ")}`;
  if (!isAnswer(exchange) || exchange.status < 200 || exchange.status > 299)
    return finding(name, `OPTIONS ${exchange.url} is answered by ${outcomeOf(exchange)}.`, change, source);
  const { headers } = exchange;
  if (headers["access-control-allow-origin"] === undefined)
    return finding(name, `OPTIONS ${exchange.url} allows no web page.`, change, source);
  if (headers["access-control-allow-credentials"] === "true")
    return finding(name, `OPTIONS ${exchange.url} allows people's cookies.`, "leave out Access-Control-Allow-Credentials", source);
  const given = (headers["access-control-allow-headers"] ?? "").toLowerCase().split(/\s*,\s*/);
  // A star does not cover Authorization: that one has to be named.
  const missing = wanted.filter((header) => !given.includes(header) && (header === "authorization" || !given.includes("*")));
  if (missing.length > 0)
    return finding(
      name,
      `OPTIONS ${exchange.url} does not allow ${missing.join(", ")}.`,
      `Access-Control-Allow-Headers: ${wanted.join(", ")}`,
      source,
    );
  return ok(name, `${wanted.join(", ")} may be sent.`);
}

function checkChallengeReading({ headers }: Answer): Check {
  const name = "CORS, challenge";
  const change = `${allowed} and Access-Control-Expose-Headers: WWW-Authenticate on the 401`;
  if (headers["access-control-allow-origin"] === undefined) return finding(name, "The 401 may not be read by web pages.", change, source);
  if (headers["access-control-allow-credentials"] === "true" && headers["access-control-allow-origin"] === "*")
    return finding(name, "The 401 allows people's cookies to anybody.", "leave out Access-Control-Allow-Credentials", source);
  if (!/www-authenticate|\*/i.test(headers["access-control-expose-headers"] ?? ""))
    return warning(
      name,
      "The 401 may be read by web pages, but not its challenge.",
      "Access-Control-Expose-Headers: WWW-Authenticate",
      source,
    );
  return ok(name, "Web pages may read it.");
}
