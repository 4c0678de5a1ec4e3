import type { JSONWebKeySet } from "jose";
import type { Configuration } from "../config.ts";
import type { Client } from "../protocol/client.ts";
import { isAffordableKey } from "../protocol/client-assertion.ts";
import { isFetchableUrl } from "../protocol/document-url.ts";
import { OAuthError } from "../protocol/errors.ts";
import { freshnessOf } from "./freshness.ts";
import { guardedFetch } from "./guarded-fetch.ts";

/** The most bytes of a key set. */
const longestKeySet = 16_384;

/** The most key sets that are remembered, and that are fetched at once. */
const mostKept = 1000;
const mostAtOnce = 8;

/** How long nobody can make us ask once more for a key that was not there, and after an error at all, in milliseconds. */
const cooldown = 30_000;
const pause = 5000;

interface Kept {
  /** Undefined: there was never anything but errors. */
  readonly keys: JSONWebKeySet | undefined;
  readonly freshUntil: number;
  /** From when a missing key is reason enough to ask before that. */
  readonly askAgainFrom: number;
}

/** The public keys of clients that sign assertions: those they registered, or those at their `jwks_uri`. RFC 7591 §2 */
export class ClientKeys {
  readonly #config: Configuration;
  readonly #kept = new Map<string, Kept>();
  readonly #underWay = new Map<string, Promise<Kept>>();

  constructor(config: Configuration) {
    this.#config = config;
  }

  /**
   * `isMissing`: a key was not in the set that was given before. Undefined where there are none, or no other, to be had.
   * @throws OAuthError `temporarily_unavailable` where too many are fetched already
   */
  async of(client: Client, now: number, isMissing = false): Promise<JSONWebKeySet | undefined> {
    const { jwks, jwks_uri: uri } = client.metadata;
    if (jwks !== undefined) return isMissing ? undefined : (jwks as JSONWebKeySet);
    if (typeof uri !== "string" || !isFetchableUrl(uri, this.#config.registration.documentUrls)) return undefined;
    const kept = this.#kept.get(uri);
    if (isMissing && kept !== undefined && now < kept.askAgainFrom) return undefined;
    if (!isMissing && kept !== undefined && now < kept.freshUntil) return kept.keys;
    return (await this.#fetch(uri, now, isMissing)).keys;
  }

  #fetch(uri: string, now: number, isMissing: boolean): Promise<Kept> {
    const underWay = this.#underWay.get(uri);
    if (underWay !== undefined) return underWay;
    if (this.#underWay.size >= mostAtOnce) throw new OAuthError("temporarily_unavailable", "too many key sets at once", { retryAfter: 5 });
    const fetching = this.#load(uri, now, isMissing).finally(() => this.#underWay.delete(uri));
    this.#underWay.set(uri, fetching);
    return fetching;
  }

  async #load(uri: string, now: number, isMissing: boolean): Promise<Kept> {
    const fetched = await guardedFetch(uri, {
      longestBody: longestKeySet,
      allowLoopback: this.#config.registration.documentUrls.allowLoopback,
      lookup: this.#config.lookup,
    });
    const kept = "failure" in fetched ? undefined : parseKeySet(fetched.body);
    const freshFor = "failure" in fetched ? 0 : freshnessOf(fetched.cacheControl);
    return this.#keep(uri, kept === undefined ? this.#afterError(uri, now) : keptSet(kept, now, freshFor, isMissing));
  }

  /** Whatever goes wrong, what was good stays good for as long as it would have: a stranger can make us ask. */
  #afterError(uri: string, now: number): Kept {
    const former = this.#kept.get(uri);
    return { keys: former?.keys, freshUntil: Math.max(former?.freshUntil ?? 0, now + pause), askAgainFrom: now + cooldown };
  }

  #keep(uri: string, kept: Kept): Kept {
    this.#kept.delete(uri);
    this.#kept.set(uri, kept);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > mostKept && oldest !== undefined) this.#kept.delete(oldest);
    return kept;
  }
}

/** A set that was fetched a moment ago, or because a key was missing, is not asked for again at once. */
const keptSet = (keys: JSONWebKeySet, now: number, freshFor: number, isMissing: boolean): Kept => ({
  keys,
  freshUntil: now + freshFor,
  askAgainFrom: isMissing || freshFor === 0 ? now + cooldown : now,
});

function parseKeySet(body: string): JSONWebKeySet | undefined {
  try {
    const set: unknown = JSON.parse(body);
    if (typeof set !== "object" || set === null || !("keys" in set) || !Array.isArray(set.keys)) return undefined;
    return { keys: (set as JSONWebKeySet).keys.filter(isAffordableKey) };
  } catch {
    return undefined;
  }
}
