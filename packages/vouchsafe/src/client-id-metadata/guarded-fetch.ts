import { lookup as systemLookup } from "node:dns";
import { type IncomingMessage, request as requestByHttp } from "node:http";
import { request as requestByHttps } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { isLoopbackName } from "../protocol/document-url.ts";
import { isLoopback, isSpecialUse } from "./special-use-address.ts";

export interface GuardedFetchOptions {
  /** The most bytes of a body. */
  readonly longestBody: number;
  /** Hosts named as this computer may be asked, and then nothing but this computer. */
  readonly allowLoopback: boolean;
  /** How names are resolved. Default: by the system. */
  readonly lookup: LookupFunction | undefined;
}

interface Fetched {
  readonly body: string;
  readonly cacheControl: string;
}

type Answer = Fetched | { readonly failure: string };

/** In milliseconds, from the look-up of the name to the last byte. */
const deadline = 5000;

/**
 * Fetches JSON that a client points to, as somebody would who expects a trap: no redirect is followed, only 200 counts, the
 * body and the time are bounded, and no connection is made to an address that is not of the public internet. Addresses are
 * checked in the look-up whose answer is connected to, so that a name cannot change its mind in between.
 * Client ID Metadata Document §6.5, §6.6
 * @returns the document, or the reason why there is none
 */
export function guardedFetch(url: string, options: GuardedFetchOptions): Promise<Answer> {
  return new Promise((resolve) => {
    const fail = (failure: string): void => resolve({ failure });
    const { protocol, hostname } = new URL(url);
    const mayConnect = options.allowLoopback && isLoopbackName(hostname) ? isLoopback : (address: string) => !isSpecialUse(address);
    const literal = hostname.replace(/^\[|\]$/g, "");
    if (isIP(literal) !== 0 && !mayConnect(literal)) return fail(refusedAddress);

    const signal = AbortSignal.timeout(deadline);
    const request = (protocol === "https:" ? requestByHttps : requestByHttp)(url, {
      agent: false,
      headers: { accept: "application/json", "accept-encoding": "identity", "user-agent": "vouchsafe" },
      lookup: guardedLookup(options.lookup ?? systemLookup, mayConnect),
      signal,
    });
    request.on("response", (response) => {
      void readAnswer(response, options.longestBody).then((answer) => {
        resolve(answer);
        request.destroy();
      });
    });
    request.on("error", (error) => fail(reasonOf(error)));
    // Whatever the other end does, there is an end: a connection that was upgraded, say, answers nothing and fails nothing.
    request.on("close", () => fail(cutOff));
    signal.addEventListener("abort", () => fail(late));
    request.end();
  });
}

async function readAnswer(response: IncomingMessage, longestBody: number): Promise<Answer> {
  const { statusCode, headers } = response;
  if (statusCode !== 200) return { failure: `the answer has status ${statusCode}` };
  if (!isJson(headers["content-type"] ?? "")) return { failure: "the answer is not JSON by its content type" };
  if ((headers["content-encoding"] ?? "identity") !== "identity") return { failure: "the answer is compressed" };
  const chunks: Buffer[] = [];
  if (Number(headers["content-length"] ?? 0) > longestBody) return { failure: tooLong };
  let length = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > longestBody) return { failure: tooLong };
      chunks.push(chunk);
    }
  } catch (error) {
    return { failure: reasonOf(error as Error) };
  }
  if (!response.complete) return { failure: cutOff };
  return { body: Buffer.concat(chunks).toString("utf8"), cacheControl: headers["cache-control"] ?? "" };
}

const isJson = (contentType: string): boolean => /^application\/(?:json|[\w.!#$&^+-]+\+json)\s*(?:;|$)/i.test(contentType);

const refusedAddress = "its address is not of the public internet";
const tooLong = "the answer is too long";
const cutOff = "the answer was cut off";
const late = "no answer in time";

/** Our own words, or a system's code: what else stands in a message, the other end may have chosen. */
function reasonOf({ name, message, code }: Error & { readonly code?: string }): string {
  if (name === "AbortError" || name === "TimeoutError") return late;
  return message === refusedAddress ? refusedAddress : `the connection failed: ${code ?? "unknown"}`;
}

/** One address that is not allowed spoils the whole answer: a name that has both kinds is a trap. */
export function guardedLookup(lookup: LookupFunction, mayConnect: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      const addresses = Array.isArray(found) ? found : [];
      const [first] = addresses;
      if (error !== null || first === undefined) return callback(error ?? Object.assign(new Error("no address"), { code: "ENODATA" }), []);
      if (!addresses.every(({ address }) => mayConnect(address))) return callback(new Error(refusedAddress), []);
      if (options.all === true) return callback(null, addresses);
      callback(null, first.address, first.family);
    });
  };
}
