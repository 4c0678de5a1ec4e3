import { type VisitedServer, visitAuthorizationServer } from "./authorization-server.ts";
import { type Document, documentOf, insertedPath, isDocument, isRedirect, listIn, textIn } from "./document.ts";
import { type Answer, type Ask, type Exchange, isAnswer } from "./exchange.ts";
import { emptyMessage, firstRequest, mayAsk, metadataRequest, preflightOf } from "./questions.ts";
import { bearerParameters } from "./www-authenticate.ts";

/** Everything that was fetched of a deployment, in the order in which clients discover it. The checks only read it. */
export interface Visit {
  readonly url: string;
  /** What answers there: an authorization server, something that is guarded by one, or neither. */
  readonly role: "issuer" | "resource" | "nothing";
  readonly front: Exchange;
  /** The 401 of a resource. */
  readonly challenge: Answer | undefined;
  readonly resource: VisitedResource | undefined;
  readonly server: VisitedServer | undefined;
}

export interface VisitedResource {
  /** The document that the challenge names. */
  readonly announced: Exchange | undefined;
  /** The document at its well-known place. */
  readonly atPath: Exchange;
  /** The document at the well-known place of the origin, where neither of the others is there. */
  readonly atRoot: Exchange | undefined;
  /** The first of them that is usable. */
  readonly answer: Answer | undefined;
  readonly document: Document | undefined;
  readonly preflight: Exchange | undefined;
}

/**
 * Visits a URL as clients do. `issuer`: it is known to be one, and this is how it is spelled; otherwise what it is gets
 * found out: a challenge, or resource metadata, makes it a resource.
 */
export async function visit(url: string, ask: Ask, issuer?: string): Promise<Visit> {
  const front = await ask(url, firstRequest);
  const nothing = { url, role: "nothing", front, challenge: undefined, resource: undefined, server: undefined } as const;
  if (!isAnswer(front)) return nothing;
  if (issuer === undefined && bearerParameters(front) !== undefined) return visitResource(url, front, front, ask);
  const named = issuer ?? (await issuerAt(url, ask));
  if (named !== undefined) return visitIssuer(named, nothing, ask);
  if (front.status === 401) return visitResource(url, front, front, ask);
  if (isRedirect(front)) return nothing;
  const posted = await ask(url, emptyMessage);
  if (isAnswer(posted) && posted.status === 401) return visitResource(url, front, posted, ask);
  const resource = await resourceOf(url, undefined, ask);
  if (resource.document !== undefined) return visitResource(url, front, undefined, ask);
  return (await hasServerMetadata(url, ask)) ? visitIssuer(url, nothing, ask) : nothing;
}

async function visitIssuer(issuer: string, seen: Omit<Visit, "role">, ask: Ask): Promise<Visit> {
  const resource = await resourceOf(seen.url, undefined, ask);
  const server = await visitAuthorizationServer(issuer, ask);
  return { ...seen, role: "issuer", resource: resource.document === undefined ? undefined : resource, server };
}

/** Whether there is metadata at all, be it of another issuer, or at a place where only some clients look. */
async function hasServerMetadata(url: string, ask: Ask): Promise<boolean> {
  const inside = url.replace(/\/$/, "");
  for (const place of [insertedPath("oauth-authorization-server", url), ...wellKnownNames.map((name) => `${inside}/.well-known/${name}`)])
    if (textIn(documentOf(await ask(place, metadataRequest)), "issuer") !== undefined) return true;
  return false;
}

const wellKnownNames = ["oauth-authorization-server", "openid-configuration"] as const;

/**
 * The issuer that a URL is, spelled as the metadata spells it where only a final slash differs: that may be how it was
 * typed. A metadata document of another issuer counts only at an origin, since many servers answer every path.
 */
async function issuerAt(url: string, ask: Ask): Promise<string | undefined> {
  const typed = url.replace(/\/$/, "");
  for (const name of wellKnownNames) {
    const exchange = await ask(insertedPath(name, url), metadataRequest);
    const issuer = textIn(documentOf(exchange), "issuer");
    if (issuer?.replace(/\/$/, "") === typed) return issuer;
    if (issuer !== undefined && new URL(url).pathname === "/") return typed;
  }
  return undefined;
}

async function visitResource(url: string, front: Answer, challenge: Answer | undefined, ask: Ask): Promise<Visit> {
  const resource = await resourceOf(url, challenge && bearerParameters(challenge)?.["resource_metadata"], ask);
  // Before there was resource metadata, the server's own origin was the issuer: clients still try that.
  const [issuer = new URL(url).origin] = listIn(resource.document, "authorization_servers") ?? [];
  const server = mayAsk(url, issuer) ? await visitAuthorizationServer(issuer, ask) : undefined;
  const preflight = await ask(url, preflightOf("POST"));
  return { url, role: "resource", front, challenge, resource: { ...resource, preflight }, server };
}

async function resourceOf(url: string, named: string | undefined, ask: Ask): Promise<VisitedResource> {
  const announced = named !== undefined && mayAsk(url, named) ? await ask(named, metadataRequest) : undefined;
  const atPath = await ask(insertedPath("oauth-protected-resource", url), metadataRequest);
  const isFound = [announced, atPath].some((exchange) => isDocument(documentOf(exchange)));
  const root = `${new URL(url).origin}/.well-known/oauth-protected-resource`;
  const atRoot = isFound || new URL(url).pathname === "/" ? undefined : await ask(root, metadataRequest);
  const answer = [announced, atPath, atRoot].find((exchange) => documentOf(exchange) !== undefined);
  return { announced, atPath, atRoot, answer: isAnswer(answer) ? answer : undefined, document: documentOf(answer), preflight: undefined };
}
