import { type IncomingHttpHeaders, type IncomingMessage, request as requestInClear } from "node:http";
import { request as requestSecurely } from "node:https";
import { isIP } from "node:net";
import { checkServerIdentity, TLSSocket } from "node:tls";

/** A request of the doctor's. It never carries a credential, nor a body that would change anything. */
export interface Question {
  readonly method?: "GET" | "POST" | "OPTIONS";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answer {
  readonly url: string;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** When it came, in milliseconds. */
  readonly at: number;
  readonly certificate: Certificate | undefined;
}

/** What the server showed of itself before it said anything. */
interface Certificate {
  /** Until when it is good, in milliseconds. */
  readonly validTo: number;
  /** Why it does not belong to the host; undefined where it does. */
  readonly wrongHost: string | undefined;
  /** Why its chain is not trusted; undefined where it is. */
  readonly untrusted: string | undefined;
}

/** A request that got no answer. */
interface Silence {
  readonly url: string;
  readonly failure: string;
}

export type Exchange = Answer | Silence;

/** Asks, and never rejects. */
export type Ask = (url: string, question?: Question) => Promise<Exchange>;

export const isAnswer = (exchange: Exchange | undefined): exchange is Answer => exchange !== undefined && "status" in exchange;

export interface AskLimits {
  /** How long one request may take, in milliseconds. */
  readonly timeout: number;
  readonly mostRequests: number;
  /** How much of a body is read, in bytes. */
  readonly longestBody: number;
}

const usualLimits: AskLimits = { timeout: 5000, mostRequests: 30, longestBody: 262_144 };

/**
 * Asks each thing once, a bounded number of things, and follows no redirect. A certificate that is not trusted is looked
 * at, and the request goes on: nothing that is sent is secret.
 */
export function createAsk(limits: Partial<AskLimits> = {}): Ask {
  const { timeout, mostRequests, longestBody } = { ...usualLimits, ...limits };
  const asked = new Map<string, Promise<Exchange>>();
  return (url, question = {}) => {
    const key = JSON.stringify([url, question]);
    const known = asked.get(key);
    if (known !== undefined) return known;
    const exchange: Promise<Exchange> =
      asked.size < mostRequests
        ? send(url, question, timeout, longestBody).catch((error: unknown) => ({ url, failure: failureOf(error, timeout) }))
        : Promise.resolve({ url, failure: `not asked: ${mostRequests} requests are the most` });
    asked.set(key, exchange);
    return exchange;
  };
}

const agentName = "vouchsafe-doctor";

function send(url: string, { method = "GET", headers = {}, body = "" }: Question, timeout: number, longestBody: number): Promise<Answer> {
  const { protocol, hostname } = new URL(url);
  const isSecure = protocol === "https:";
  // A length that is said: some servers wait for one, and some refuse a POST without.
  const length = method === "POST" ? { "content-length": String(Buffer.byteLength(body)) } : {};
  const sent = { "user-agent": agentName, "accept-encoding": "identity", ...length, ...headers };
  const deadline = AbortSignal.timeout(timeout);
  return new Promise((resolve, reject) => {
    const options = { method, headers: sent, agent: false as const, signal: deadline };
    const outgoing = isSecure
      ? requestSecurely(url, { ...options, rejectUnauthorized: false, ...(isIP(hostname) === 0 ? { servername: hostname } : {}) })
      : requestInClear(url, options);
    outgoing.once("error", reject);
    outgoing.once("response", (response) => {
      const { statusCode: status = 0, headers: received, socket } = response;
      const certificate = socket instanceof TLSSocket ? certificateOf(socket, hostname) : undefined;
      readBody(response, longestBody).then((text) => {
        outgoing.destroy();
        resolve({ url, status, headers: received, body: text, at: Date.now(), certificate });
      }, reject);
    });
    outgoing.end(body);
  });
}

/** At most so much of it; nothing of a stream of events, which has no end. */
async function readBody(response: IncomingMessage, longest: number): Promise<string> {
  if (/event-stream/i.test(response.headers["content-type"] ?? "")) return "";
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= longest) break;
  }
  return Buffer.concat(chunks).subarray(0, longest).toString("utf8");
}

function certificateOf(socket: TLSSocket, hostname: string): Certificate {
  const shown = socket.getPeerCertificate();
  const wrongHost = checkServerIdentity(hostname.replace(/^\[|\]$/g, ""), shown)?.message;
  // Node reports a wrong host by the same member; that is said by its own name.
  const reason = socket.authorized ? undefined : String(socket.authorizationError);
  const isOfHost = reason?.includes("ALTNAME") === true;
  return { validTo: Date.parse(shown.valid_to), wrongHost, untrusted: isOfHost ? undefined : reason };
}

function failureOf(error: unknown, timeout: number): string {
  const { name, code, message } = error as { name?: string; code?: string; message?: string };
  if (name === "AbortError" || name === "TimeoutError" || code === "ABORT_ERR") return `no answer within ${timeout / 1000} s`;
  return code ?? message ?? "no answer";
}
