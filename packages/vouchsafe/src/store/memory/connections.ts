import type { Client } from "../../protocol/client.ts";
import { type Agreement, type Grant, isClientGrant, isLive } from "../../protocol/grant.ts";
import type { Connection, Store } from "../store.ts";

interface Tables {
  readonly clients: ReadonlyMap<string, Client>;
  readonly grants: ReadonlyMap<string, Grant>;
  readonly agreements: ReadonlyMap<string, Agreement>;
  readonly uses: ReadonlyMap<string, number>;
}

/** What a subject has connected, and what has ended. */
export function memoryConnections({ clients, grants, agreements, uses }: Tables): Pick<Store, "connections" | "endedConnections"> {
  const connectionOf = (grant: Grant): readonly Connection[] => {
    const client = isClientGrant(grant) ? clients.get(grant.clientId) : undefined;
    if (!isClientGrant(grant) || client === undefined) return [];
    const { id, name, origin, firstParty } = client;
    return [{ grant, client: { id, name, origin, firstParty }, usedAt: uses.get(grant.id), browser: agreements.get(grant.id)?.browser }];
  };
  return {
    connections: async (subject, now) =>
      [...grants.values()]
        .filter((grant) => grant.subject === subject && isLive(grant, now))
        .flatMap(connectionOf)
        .sort((a, b) => b.grant.createdAt - a.grant.createdAt),
    endedConnections: async (subject, after, now) => {
      const endOf = (grant: Grant): number => grant.revokedAt ?? grant.endsAt ?? 0;
      const ended = [...grants.values()].filter((grant) => grant.subject === subject && !isLive(grant, now) && endOf(grant) > after);
      return ended
        .flatMap(connectionOf)
        .sort((a, b) => endOf(b.grant) - endOf(a.grant))
        .slice(0, 1000);
    },
  };
}
