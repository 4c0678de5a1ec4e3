import type { AuditEvent } from "../../audit.ts";
import type { PushedRequest } from "../../protocol/pushed-request.ts";
import type { PushedRequests, RegistrationToken, RegistrationTokens, Store } from "../store.ts";

export interface MemoryRegistrationTokens extends RegistrationTokens {
  /** False: there is none of this hash with a use left. */
  readonly spend: (hash: Uint8Array) => boolean;
}

/** Initial access tokens in memory. */
export function memoryRegistrationTokens(record: (event: AuditEvent) => void): MemoryRegistrationTokens {
  const kept = new Map<string, RegistrationToken>();
  const find = (hash: Uint8Array): RegistrationToken | undefined =>
    [...kept.values()].find((token) => Buffer.compare(token.hash, hash) === 0 && token.usesLeft > 0);
  return {
    spend: (hash) => {
      const token = find(hash);
      if (token !== undefined) kept.set(token.id, { ...token, usesLeft: token.usesLeft - 1 });
      return token !== undefined;
    },
    add: async (token, event) => {
      kept.set(token.id, token);
      record(event);
    },
    list: async () => [...kept.values()].map(({ id, usesLeft, createdAt }) => ({ id, usesLeft, createdAt })),
    revoke: async (id, event) => {
      if (!kept.delete(id)) return false;
      record(event);
      return true;
    },
    isUsable: async (hash) => find(hash) !== undefined,
  };
}

export interface MemoryPushedRequests extends PushedRequests {
  /** How many had expired. */
  readonly sweep: (expiredBefore: number, isRehearsal: boolean) => number;
}

/** Pushed requests in memory. */
export function memoryPushedRequests(isDecided: (id: string) => boolean): MemoryPushedRequests {
  const kept = new Map<string, PushedRequest>();
  return {
    add: async (request) => {
      kept.set(request.id, request);
    },
    find: async (id) => {
      const request = kept.get(id);
      return request && { ...request, isDecided: isDecided(id) };
    },
    sweep: (expiredBefore, isRehearsal) => {
      const expired = [...kept.values()].filter(({ expiresAt }) => expiresAt <= expiredBefore);
      if (!isRehearsal) for (const { id } of expired) kept.delete(id);
      return expired.length;
    },
  };
}

/** Assertions of clients that were spent, until they have expired. */
export function memoryAssertions() {
  const kept = new Map<string, number>();
  return {
    /** False: it was spent before. */
    spend: (hash: Uint8Array, expiresAt: number): boolean => {
      const key = Buffer.from(hash).toString("base64url");
      if (kept.has(key)) return false;
      kept.set(key, expiresAt);
      return true;
    },
    /** How many had expired. */
    sweep: (now: number, isRehearsal: boolean): number => {
      const expired = [...kept].filter(([, expiresAt]) => expiresAt <= now);
      if (!isRehearsal) for (const [key] of expired) kept.delete(key);
      return expired.length;
    },
  };
}

/** Leases by this computer's clock. */
export function memoryLeases(): Store["lease"] {
  const leases = new Map<string, { readonly holder: string; readonly endsAt: number }>();
  return async (name, holder, duration) => {
    const known = leases.get(name);
    if (known !== undefined && known.holder !== holder && known.endsAt > Date.now()) return false;
    leases.set(name, { holder, endsAt: Date.now() + duration });
    return true;
  };
}
