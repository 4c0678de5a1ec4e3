import { lookup as systemLookup } from "node:dns";
import { request as requestByHttp } from "node:http";
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

export interface Fetched {
  readonly body: string;
  readonly cacheControl: string;
}

/** In milliseconds, from the look-up of the name to the last byte. */
const deadline = 5000;

/**
 * Fetches JSON that a client points to, as somebody would who expects a trap: no redirect is followed, only 200 counts, the
 * body and the time are bounded, and no connection is made to an address that is not of the public internet. Addresses are
 * checked in the look-up whose answer is connected to, so that a name cannot change its mind in between.
 * Client ID Metadata Document §6.5, §6.6
 * @returns the document, or the reason why there is none
 */
export function guardedFetch(url: string, options: GuardedFetchOptions): Promise<Fetched | { readonly failure: string }> {
  return new Promise((resolve) => {
    const fail = (failure: string): void => resolve({ failure });
    const { protocol, hostname } = new URL(url);
    const mayConnect = options.allowLoopback && isLoopbackName(hostname) ? isLoopback : (address: string) => !isSpecialUse(address);
    const literal = hostname.replace(/^\[|\]$/g, "");
    if (isIP(literal) !== 0 && !mayConnect(literal)) return fail(refusedAddress);

    const request = (protocol === "https:" ? requestByHttps : requestByHttp)(url, {
      agent: false,
      headers: { accept: "application/json", "accept-encoding": "identity", "user-agent": "vouchsafe" },
      lookup: guardedLookup(options.lookup ?? systemLookup, mayConnect),
      signal: AbortSignal.timeout(deadline),
    });
    request.on("error", (error: NodeJS.ErrnoException) => fail(isTimeout(error) ? "no answer in time" : reasonOf(error)));
    request.on("response", (response) => {
      const refuse = (failure: string): void => {
        fail(failure);
        request.destroy();
      };
      const { statusCode, headers } = response;
      if (statusCode !== 200) return refuse(`the answer has status ${statusCode}`);
      if (!isJson(headers["content-type"] ?? "")) return refuse("the answer is not JSON by its content type");
      if ((headers["content-encoding"] ?? "identity") !== "identity") return refuse("the answer is compressed");
      if (Number(headers["content-length"] ?? 0) > options.longestBody) return refuse(tooLong);
      const chunks: Buffer[] = [];
      let length = 0;
      response.on("data", (chunk: Buffer) => {
        length += chunk.length;
        if (length > options.longestBody) return refuse(tooLong);
        chunks.push(chunk);
      });
      response.on("end", () => {
        if (response.complete) resolve({ body: Buffer.concat(chunks).toString("utf8"), cacheControl: headers["cache-control"] ?? "" });
      });
      response.on("error", (error) => fail(reasonOf(error)));
      response.on("close", () => fail("the answer was cut off"));
    });
    request.end();
  });
}

const isTimeout = ({ name }: Error): boolean => name === "AbortError" || name === "TimeoutError";

/** Our own words, or a system's code: what else stands in a message, the other end may have chosen. */
const reasonOf = (error: NodeJS.ErrnoException): string =>
  error.message === refusedAddress ? refusedAddress : `the connection failed: ${error.code ?? "unknown"}`;

const refusedAddress = "its address is not of the public internet";
const tooLong = "the answer is too long";

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

const isJson = (contentType: string): boolean => /^application\/(?:json|[\w.!#$&^+-]+\+json)\s*(?:;|$)/i.test(contentType);
