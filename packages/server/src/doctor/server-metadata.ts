import type { VisitedServer } from "./authorization-server.ts";
import { type Check, finding, ok, quoted, warning } from "./check.ts";
import { documentOf, insertedPath, isRedirect, listIn, nullsIn, outcomeOf, textIn } from "./document.ts";
import { isAnswer } from "./exchange.ts";

/** The document from which clients know everything else. RFC 8414 */
export function checkServerMetadata(server: VisitedServer): readonly Check[] {
  return [checkDocument(server), ...(server.document === undefined ? [] : checkContent(server)), ...server.openid.flatMap(checkOpenid)];
}

function checkDocument({ issuer, metadata, misplaced, document }: VisitedServer): Check {
  const name = "server metadata";
  const place = insertedPath("oauth-authorization-server", issuer);
  const change = `200 application/json at ${place}`;
  if (documentOf(metadata) !== undefined) return ok(name, `${place} has it.`);
  if (isRedirect(metadata))
    return finding(
      name,
      `${place} redirects to ${quoted(metadata.headers.location)}, where clients may not follow.`,
      change,
      "RFC 8414 §3.2",
    );
  if (isAnswer(metadata) && metadata.status >= 500)
    return finding(name, `${place} answers ${metadata.status}, and clients give up.`, change, "RFC 8414 §3.2");
  if (isAnswer(metadata) && metadata.status === 200)
    return finding(name, `${place} answers ${outcomeOf(metadata)}, which is no JSON object.`, change, "RFC 8414 §3.2");
  if (documentOf(misplaced) !== undefined)
    return finding(
      name,
      `${misplaced?.url} has it, and ${place} answers ${outcomeOf(metadata)}: .well-known stands before the issuer's path.`,
      `location ${new URL(place).pathname} { proxy_pass http://127.0.0.1:3000; }`,
      "RFC 8414 §3.1",
    );
  if (document !== undefined)
    return warning(name, `${place} answers ${outcomeOf(metadata)}; only OpenID Connect discovery is there.`, change, "RFC 8414 §3");
  return finding(name, `${place} answers ${outcomeOf(metadata)}.`, change, "RFC 8414 §3");
}

function checkContent(server: VisitedServer): readonly Check[] {
  const { document = {} } = server;
  return [checkMembers(document), checkPkce(document), checkIss(document), checkRegistration(document), checkMethods(document)];
}

function checkMembers(document: Readonly<Record<string, unknown>>): Check {
  const name = "server metadata, members";
  const nulls = nullsIn(document);
  if (nulls.length > 0)
    return finding(name, `${nulls.join(", ")} is null, which clients refuse.`, `leave out ${nulls.join(", ")}`, "RFC 8414 §3.2");
  const missing = ["authorization_endpoint", "token_endpoint"].filter((member) => textIn(document, member) === undefined);
  if (missing.length > 0) return finding(name, `${missing.join(", ")} is missing.`, `"${missing[0]}": "https://…"`, "RFC 8414 §2");
  if (listIn(document, "response_types_supported")?.some((type) => type.split(" ").includes("code")) !== true)
    return finding(
      name,
      `response_types_supported is ${quoted(document["response_types_supported"])}, without code.`,
      '"response_types_supported": ["code"]',
      "RFC 8414 §2",
    );
  const grantTypes = listIn(document, "grant_types_supported");
  if (grantTypes !== undefined && !grantTypes.includes("authorization_code"))
    return finding(
      name,
      `grant_types_supported is ${quoted(grantTypes)}, without authorization_code.`,
      '"grant_types_supported": ["authorization_code", "refresh_token"]',
      "RFC 8414 §2",
    );
  return ok(name, "They have what clients cannot do without.");
}

function checkPkce(document: Readonly<Record<string, unknown>>): Check {
  const methods = listIn(document, "code_challenge_methods_supported");
  const change = '"code_challenge_methods_supported": ["S256"]';
  if (methods === undefined)
    return finding("PKCE", "It is not announced, and MCP clients refuse a server without.", change, "OAuth 2.1 §7.5.2, MCP authorization");
  if (!methods.includes("S256")) return finding("PKCE", `${quoted(methods)} is announced, without S256.`, change, "OAuth 2.1 §4.1.1");
  if (methods.includes("plain")) return warning("PKCE", "plain is announced beside S256, and protects nobody.", change, "RFC 9700 §2.1.1");
  return ok("PKCE", "S256 is announced.");
}

function checkIss(document: Readonly<Record<string, unknown>>): Check {
  if (document["authorization_response_iss_parameter_supported"] === true) return ok("iss", "It is announced for authorization responses.");
  return warning(
    "iss",
    "It is not announced: a client of several servers cannot tell whose answer it got.",
    'iss in every authorization response, and "authorization_response_iss_parameter_supported": true',
    "RFC 9207 §3",
  );
}

function checkRegistration(document: Readonly<Record<string, unknown>>): Check {
  const hasEndpoint = textIn(document, "registration_endpoint") !== undefined;
  const takesDocuments = document["client_id_metadata_document_supported"] === true;
  if (hasEndpoint || takesDocuments)
    return ok(
      "registration",
      `Clients can come by ${[...(hasEndpoint ? ["dynamic registration"] : []), ...(takesDocuments ? ["metadata document"] : [])].join(" and by ")}.`,
    );
  return warning(
    "registration",
    "Neither dynamic registration nor client metadata documents are announced: each client must be registered by hand.",
    '"registration_endpoint": "https://…", or "client_id_metadata_document_supported": true',
    "RFC 7591 §3",
  );
}

/** Clients without a secret, which most MCP clients are, need `none`. */
function checkMethods(document: Readonly<Record<string, unknown>>): Check {
  const name = "client authentication";
  const methods = listIn(document, "token_endpoint_auth_methods_supported");
  const change = '"token_endpoint_auth_methods_supported": ["none", …]';
  if (methods?.includes("none") === true) return ok(name, `${methods.join(", ")}.`);
  const seen =
    methods === undefined
      ? "It is not announced, which means client_secret_basic alone."
      : `${quoted(methods)} is announced, without none.`;
  return warning(name, `${seen} Clients that keep no secret do not come.`, change, "RFC 8414 §2");
}

/** OpenID Connect discovery is there whole, or not at all: clients that look at it first go no further. */
function checkOpenid(exchange: VisitedServer["openid"][number], index: number): Check {
  const name = index === 0 ? "OpenID discovery" : "OpenID discovery, appended";
  const change = `404 at ${exchange.url}, or the whole document`;
  if (!isAnswer(exchange) || (exchange.status >= 400 && exchange.status < 500))
    return ok(name, `${exchange.url} answers ${outcomeOf(exchange)}.`);
  const document = documentOf(exchange);
  if (document === undefined)
    return finding(
      name,
      `${exchange.url} answers ${outcomeOf(exchange)}, which is neither a document nor its absence.`,
      change,
      "OpenID Connect Discovery §4.2",
    );
  const members = ["jwks_uri", "subject_types_supported", "id_token_signing_alg_values_supported", "code_challenge_methods_supported"];
  const missing = members.filter((member) => document[member] === undefined);
  if (missing.length > 0)
    return finding(
      name,
      `${exchange.url} is half there: ${missing.join(", ")} is missing.`,
      change,
      "OpenID Connect Discovery §3, MCP authorization",
    );
  return ok(name, `${exchange.url} has a whole document.`);
}
