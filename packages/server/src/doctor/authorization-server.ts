import { type Document, documentOf, insertedPath, textIn } from "./document.ts";
import { type Answer, type Ask, type Exchange, isAnswer, type Question } from "./exchange.ts";
import { emptyForm, mayAsk, metadataRequest, preflightOf } from "./questions.ts";

/** What an authorization server answered to what clients ask it before a person is there. */
export interface VisitedServer {
  /** The identifier that its metadata must have. RFC 8414 §3.3 */
  readonly issuer: string;
  readonly metadata: Exchange;
  /** The metadata below the issuer's path, where it is not where it belongs: before the path. */
  readonly misplaced: Exchange | undefined;
  /** The places of OpenID Connect discovery, in the order of clients. */
  readonly openid: readonly Exchange[];
  /** The document that clients end with. */
  readonly answer: Answer | undefined;
  readonly document: Document | undefined;
  /** Whether it is Vouchsafe: which line is to be changed depends on it. */
  readonly isOurs: boolean;
  /** The metadata, asked for under another name. */
  readonly underOtherName: Exchange | undefined;
  /** The site in the clear, where it is secure. */
  readonly inClear: Exchange | undefined;
  readonly metadataPreflight: Exchange;
  readonly token: Exchange | undefined;
  /** The token endpoint with the issuer's path added or taken away, where it does not answer as it is announced. */
  readonly tokenElsewhere: Exchange | undefined;
  readonly tokenPreflight: Exchange | undefined;
  readonly registrationPreflight: Exchange | undefined;
  readonly authorization: Exchange | undefined;
  readonly keys: Exchange | undefined;
}

/** A name that no site has. RFC 2606 §2 */
export const otherName = "doctor.invalid";

/** Asks what changes nothing: documents, preflights, an authorization request without a client, a token request without anything. */
export async function visitAuthorizationServer(issuer: string, ask: Ask): Promise<VisitedServer> {
  const { protocol, host, port } = new URL(issuer);
  const found = await discover(issuer, ask);
  const place = insertedPath("oauth-authorization-server", issuer);
  return {
    issuer,
    ...found,
    isOurs: isVouchsafe(found.document),
    underOtherName: await ask(place, { headers: { ...metadataRequest.headers, host: otherName } }),
    inClear: protocol === "https:" && port === "" ? await ask(`http://${host}/`) : undefined,
    metadataPreflight: await ask(found.answer?.url ?? place, preflightOf("GET")),
    ...(await askEndpoints(issuer, found.document, ask)),
  };
}

/** Looks in every place where clients look, also after one of them had it: what stands in another must not contradict it. */
async function discover(
  issuer: string,
  ask: Ask,
): Promise<Pick<VisitedServer, "metadata" | "misplaced" | "openid" | "answer" | "document">> {
  const metadata = await ask(insertedPath("oauth-authorization-server", issuer), metadataRequest);
  const below = new URL(issuer).pathname === "/" ? undefined : `${issuer.replace(/\/$/, "")}/.well-known`;
  const isMisplaced = below !== undefined && documentOf(metadata) === undefined;
  const misplaced = isMisplaced ? await ask(`${below}/oauth-authorization-server`, metadataRequest) : undefined;
  const openid = [await ask(insertedPath("openid-configuration", issuer), metadataRequest)];
  if (below !== undefined) openid.push(await ask(`${below}/openid-configuration`, metadataRequest));
  const answer = [metadata, ...openid, misplaced].find((exchange) => documentOf(exchange) !== undefined);
  return { metadata, misplaced, openid, answer: isAnswer(answer) ? answer : undefined, document: documentOf(answer) };
}

type Endpoints = Pick<VisitedServer, "token" | "tokenElsewhere" | "tokenPreflight" | "registrationPreflight" | "authorization" | "keys">;

async function askEndpoints(issuer: string, document: Document | undefined, ask: Ask): Promise<Endpoints> {
  const askNamed = async (member: string, question: Question): Promise<Exchange | undefined> => {
    const url = textIn(document, member);
    return url !== undefined && mayAsk(issuer, url) ? ask(url, question) : undefined;
  };
  const token = await askNamed("token_endpoint", emptyForm);
  const elsewhere = token !== undefined && isMissing(token) ? besidePrefix(token.url, new URL(issuer).pathname) : undefined;
  return {
    token,
    tokenElsewhere: elsewhere === undefined ? undefined : await ask(elsewhere, emptyForm),
    tokenPreflight: await askNamed("token_endpoint", preflightOf("POST")),
    registrationPreflight: await askNamed("registration_endpoint", preflightOf("POST")),
    authorization: await askNamed("authorization_endpoint", { headers: { accept: "text/html" } }),
    keys: await askNamed("jwks_uri", metadataRequest),
  };
}

const isMissing = (exchange: Exchange): boolean => isAnswer(exchange) && (exchange.status === 404 || exchange.status === 405);

/** The same endpoint with the issuer's path taken away, or added. */
function besidePrefix(endpoint: string, issuerPath: string): string | undefined {
  const prefix = issuerPath.replace(/\/$/, "");
  const { origin, pathname } = new URL(endpoint);
  if (prefix === "") return undefined;
  return pathname.startsWith(`${prefix}/`) ? `${origin}${pathname.slice(prefix.length)}` : `${origin}${prefix}${pathname}`;
}

/** By the paths of its endpoints, which together nobody else has. */
function isVouchsafe(document: Document | undefined): boolean {
  const paths = {
    authorization_endpoint: "/oauth/authorize",
    token_endpoint: "/oauth/token",
    pushed_authorization_request_endpoint: "/oauth/par",
    introspection_endpoint: "/oauth/introspect",
    jwks_uri: "/oauth/jwks",
  };
  return Object.entries(paths).every(([member, path]) => textIn(document, member)?.endsWith(path) === true);
}
