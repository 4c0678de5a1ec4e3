import type { VisitedServer } from "./authorization-server.ts";
import { type Check, finding, ok, quoted, warning } from "./check.ts";
import { documentOf, objectIn, outcomeOf, textIn } from "./document.ts";
import { type Exchange, isAnswer } from "./exchange.ts";
import { isInternal, isLoopback } from "./hosts.ts";

/** Whether the endpoints are where the metadata says they are, and answer as clients read them. */
export function checkEndpoints(server: VisitedServer): readonly Check[] {
  if (server.document === undefined) return [];
  return [...checkPlaces(server), ...checkAuthorization(server), ...checkToken(server), ...checkKeys(server)];
}

const members = ["authorization_endpoint", "token_endpoint", "registration_endpoint", "revocation_endpoint", "jwks_uri"];

function checkPlaces(server: VisitedServer): readonly Check[] {
  for (const member of members) {
    const place = textIn(server.document, member);
    const trouble = place === undefined ? undefined : checkPlace(server, member, place);
    if (trouble !== undefined) return [trouble];
  }
  return [ok("endpoints", "All are on the issuer's origin.")];
}

/** What is wrong about the URL of an endpoint; undefined where nothing is. */
function checkPlace({ issuer: identifier, isOurs }: VisitedServer, member: string, place: string): Check | undefined {
  const name = "endpoints";
  const source = "RFC 8414 §2";
  const [issuer, url] = [new URL(identifier), URL.parse(place)];
  const prefix = issuer.pathname.replace(/\/$/, "");
  /** What to change: all of ours follow from one setting, and others' are members, or made of headers that a proxy must send. */
  const change = (path: string, header?: string): string => {
    const other = `"${member}": ${JSON.stringify(`${issuer.origin}${path}`)}`;
    return isOurs ? `OAUTH_ISSUER=${identifier}` : header === undefined ? other : `proxy_set_header ${header}; or ${other}`;
  };
  if (url === null || !/^https?:$/.test(url.protocol))
    return finding(name, `${member} is ${quoted(place)}, which is no http URL.`, change("/…"), source);
  const path = url.pathname;
  const seen = `${member} is ${quoted(place)}`;
  if (url.protocol === "http:" && (issuer.protocol === "https:" || !isLoopback(url)))
    return finding(
      name,
      `${seen}, and not https: behind the proxy, the server takes itself for http.`,
      change(path, "X-Forwarded-Proto $scheme"),
      "OAuth 2.1 §1.5",
    );
  if (isInternal(url) && !isInternal(issuer))
    return finding(name, `${seen}, which nobody outside can reach.`, change(path, "Host $host"), source);
  if (prefix !== "" && path.startsWith(`${prefix}${prefix}/`))
    return finding(name, `${seen}, with ${prefix} twice.`, change(path.slice(prefix.length)), source);
  if (url.origin === issuer.origin) return undefined;
  return warning(name, `${seen}, and the issuer ${quoted(issuer.origin)}: some clients take both for one.`, change(path), "RFC 9700 §2.1");
}

function checkAuthorization({ authorization, isOurs, issuer }: VisitedServer): readonly Check[] {
  const name = "authorization endpoint";
  if (authorization === undefined) return [];
  if (isGone(authorization) || (isAnswer(authorization) && authorization.status >= 500))
    return [
      finding(
        name,
        `${authorization.url} answers ${outcomeOf(authorization)} to a person's browser.`,
        pathChange(issuer, isOurs, "authorization_endpoint"),
        "OAuth 2.1 §3.1",
      ),
    ];
  if (isAnswer(authorization) && authorization.headers["access-control-allow-origin"] !== undefined)
    return [
      finding(
        name,
        "It lets web pages read it, which none has a reason to.",
        "no Access-Control-Allow-Origin at the authorization endpoint",
        "OAuth 2.1 §3.1",
      ),
    ];
  return [ok(name, `It answers ${outcomeOf(authorization)} to a request without a client.`)];
}

/** An empty request must be refused in JSON. RFC 6749 §5.2 */
function checkToken({ token, tokenElsewhere, isOurs, issuer }: VisitedServer): readonly Check[] {
  const name = "token endpoint";
  if (token === undefined) return [];
  const change = '400 application/json: {"error": "invalid_request"}';
  const source = "OAuth 2.1 §3.2.4";
  const seen = `An empty request to ${token.url} is answered by ${outcomeOf(token)}`;
  if (!isAnswer(token)) return [finding(name, `${seen}.`, "open the way to the token endpoint", source)];
  if (isAnswer(tokenElsewhere) && typeof objectIn(tokenElsewhere)?.["error"] === "string")
    return [
      finding(
        name,
        `${seen}, and it is at ${tokenElsewhere.url}: the proxy strips or adds the issuer's path.`,
        "proxy_pass http://127.0.0.1:3000; with nothing after the port, so that the path stays whole",
        "RFC 8414 §2",
      ),
    ];
  if (isGone(token)) return [finding(name, `${seen}.`, pathChange(issuer, isOurs, "token_endpoint"), source)];
  if (token.status === 429) return [warning(name, `${seen}: this computer has asked too often.`, "ask again later")];
  const error = objectIn(token)?.["error"];
  if (typeof error !== "string") return [finding(name, `${seen}, without an error that a client can read.`, change, source)];
  if (token.status < 400 || token.status >= 500) return [finding(name, `${seen}, with the error ${quoted(error)}.`, change, source)];
  if (!isJson(token)) return [finding(name, `${seen}: a refusal is application/json.`, "Content-Type: application/json", source)];
  if (Object.values(objectIn(token) ?? {}).includes(null))
    return [finding(name, "Its refusals have a member that is null, which clients cannot read.", "leave out what is null", source)];
  const answered = ok(name, `An empty request is refused by ${token.status} ${quoted(error)}.`);
  if (/no-store/i.test(token.headers["cache-control"] ?? ""))
    return [answered, ok("token endpoint, no-store", "Its answers are kept by nobody.")];
  return [
    answered,
    warning(
      "token endpoint, no-store",
      "Its refusals have no Cache-Control: no-store; where its tokens have none either, caches keep them.",
      "Cache-Control: no-store",
      "OAuth 2.1 §3.2.3",
    ),
  ];
}

function checkKeys({ keys, isOurs }: VisitedServer): readonly Check[] {
  if (keys === undefined) return [];
  const name = "key set";
  const source = "RFC 7517 §5";
  const set = documentOf(keys)?.["keys"];
  if (!Array.isArray(set))
    return [
      finding(
        name,
        `${keys.url} answers ${outcomeOf(keys)}, and no key set.`,
        `200 application/json: {"keys": […]}, or no jwks_uri`,
        source,
      ),
    ];
  const each = set.filter((key: unknown): key is Record<string, unknown> => typeof key === "object" && key !== null);
  if (each.length === 0) return [finding(name, "The key set is empty.", isOurs ? "vouchsafe keys rotate" : "at least one key", source)];
  if (each.some((key) => key["d"] !== undefined || key["kty"] === "oct"))
    return [
      finding(
        name,
        "The key set has a private key in it: anybody can sign with it.",
        "publish the public members alone, and replace the key today",
        "RFC 7517 §9.2",
      ),
    ];
  if (each.some((key) => typeof key["kty"] !== "string")) return [finding(name, "A key has no kty.", '"kty": "EC"', "RFC 7517 §4.1")];
  const algorithms = [...new Set(each.map((key) => String(key["alg"] ?? key["kty"])))].join(", ");
  return [ok(name, `${each.length === 1 ? "One public key" : `${each.length} public keys`}: ${quoted(algorithms)}.`)];
}

const isJson = ({ headers }: { readonly headers: { readonly "content-type"?: string | undefined } }): boolean =>
  /^application\/(?:[\w.+-]+\+)?json\b/i.test(headers["content-type"] ?? "");

const isGone = (exchange: Exchange): boolean => !isAnswer(exchange) || exchange.status === 404 || exchange.status === 405;

const pathChange = (issuer: string, isOurs: boolean, member: string): string =>
  isOurs ? `location ${new URL(issuer).pathname} { proxy_pass http://127.0.0.1:3000; }` : `"${member}": where it is`;
