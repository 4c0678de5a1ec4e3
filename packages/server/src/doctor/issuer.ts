import type { VisitedServer } from "./authorization-server.ts";
import { otherName } from "./authorization-server.ts";
import { type Check, finding, ok, quoted, warning } from "./check.ts";
import { documentOf, insertedPath, textIn } from "./document.ts";
import { isAnswer } from "./exchange.ts";
import { isInternal, isLoopback } from "./hosts.ts";

const source = "RFC 8414 §3.3";

/** Whether the issuer is one and the same, byte for byte, and what proxies do to it. */
export function checkIssuer(server: VisitedServer): readonly Check[] {
  if (server.document === undefined) return [];
  return [checkIdentity(server), checkOtherDocuments(server), checkSafety(server), checkOtherName(server)];
}

/** What says the issuer: our setting, or the metadata's member. */
const lineFor = (server: VisitedServer, issuer: string): string =>
  server.isOurs ? `OAUTH_ISSUER=${issuer}` : `"issuer": ${JSON.stringify(issuer)}`;

function checkIdentity(server: VisitedServer): Check {
  const found = textIn(server.document, "issuer");
  const { issuer } = server;
  if (found === issuer) return ok("issuer", `${quoted(issuer)}, byte for byte.`);
  const change = lineFor(server, issuer);
  const seen = `The metadata says ${quoted(found)} where clients expect ${quoted(issuer)}`;
  const url = found === undefined ? null : URL.parse(found);
  const expected = new URL(issuer);
  if (url === null) return finding("issuer", `${seen}.`, change, source);
  if (url.protocol === "http:" && expected.protocol === "https:" && url.host === expected.host)
    return finding(
      "issuer",
      `${seen}: behind the proxy, the server takes itself for http.`,
      server.isOurs ? change : `proxy_set_header X-Forwarded-Proto $scheme; or ${change}`,
      source,
    );
  if (url.host !== expected.host && isInternal(url))
    return finding(
      "issuer",
      `${seen}: the proxy's own name for the server shows.`,
      server.isOurs ? change : `proxy_set_header Host $host; or ${change}`,
      source,
    );
  if (url.origin === expected.origin && expected.pathname === "/" && url.pathname !== "/")
    return finding(
      "issuer",
      `${seen}: it is below this origin.`,
      `${change}; or, where that is right: vouchsafe doctor ${url.href}`,
      source,
    );
  if (url.origin === expected.origin && url.pathname !== expected.pathname && found?.replace(/\/$/, "") !== issuer.replace(/\/$/, ""))
    return finding(
      "issuer",
      `${seen}: a path is lost, or doubled, on the way.`,
      `${change}, with nothing after the port in proxy_pass http://127.0.0.1:3000;`,
      source,
    );
  return finding("issuer", `${seen}: clients compare each byte, a final slash too.`, change, source);
}

/** Both kinds of discovery must tell of the same server. */
function checkOtherDocuments(server: VisitedServer): Check {
  const name = "issuer, everywhere";
  const others = [server.metadata, server.misplaced, ...server.openid]
    .filter((exchange) => exchange !== undefined)
    .filter((exchange) => documentOf(exchange) !== undefined);
  const different = others.find((exchange) => textIn(documentOf(exchange), "issuer") !== textIn(server.document, "issuer"));
  if (different === undefined)
    return ok(name, `${others.length === 1 ? "One document says it." : `${others.length} documents say the same.`}`);
  return finding(
    name,
    `${different.url} says ${quoted(documentOf(different)?.["issuer"])}.`,
    `"issuer": ${JSON.stringify(server.issuer)} in both`,
    source,
  );
}

function checkSafety(server: VisitedServer): Check {
  const name = "issuer, form";
  const url = new URL(server.issuer);
  if (url.protocol === "http:" && !isLoopback(url))
    return finding(
      name,
      `${quoted(server.issuer)} is not https.`,
      lineFor(server, server.issuer.replace(/^http:/, "https:")),
      "RFC 8414 §2",
    );
  if (url.search !== "" || url.hash !== "")
    return finding(
      name,
      `${quoted(server.issuer)} has a query or a fragment.`,
      lineFor(server, `${url.origin}${url.pathname}`),
      "RFC 8414 §2",
    );
  return ok(name, url.protocol === "https:" ? "It is https." : "It is this computer's own.");
}

/** A server that takes its issuer out of the request lets whoever reaches it under another name move it. */
function checkOtherName(server: VisitedServer): Check {
  const name = "issuer, by another Host";
  const { underOtherName } = server;
  const issuer = textIn(documentOf(underOtherName), "issuer");
  if (issuer?.includes(otherName) === true)
    return finding(
      name,
      `Asked as ${otherName}, the server says its issuer is ${quoted(issuer)}: it takes it out of the request.`,
      lineFor(server, server.issuer),
      "RFC 8414 §6.2",
    );
  if (isAnswer(underOtherName) && underOtherName.status >= 500)
    return warning(
      name,
      `Asked as ${otherName}, the server answers ${underOtherName.status}.`,
      `404 at ${insertedPath("oauth-authorization-server", server.issuer)} for unknown hosts`,
    );
  return ok(name, "It does not follow the request.");
}
