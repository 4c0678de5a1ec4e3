import { detailOf, occurrencesOf } from "../../audit.ts";
import type { Client } from "../../protocol/client.ts";
import { type Grant, isLive } from "../../protocol/grant.ts";
import type { PresentedToken, Token } from "../../protocol/token.ts";
import type { ClientCount, EventCount, Held, KnownToken, Range, Reach, Reached, Reports } from "../reports.ts";
import type { MemoryAudit } from "./audit.ts";

export type KeptToken = Token & Pick<PresentedToken, "revokedAt" | "spentAt" | "answer"> & { readonly id: number };

/** What is kept in memory, by its ids. */
export interface MemoryTables {
  readonly clients: ReadonlyMap<string, Client>;
  readonly grants: ReadonlyMap<string, Grant>;
  readonly tokens: ReadonlyMap<string, KeptToken>;
  /** What people call their personal tokens. */
  readonly names: ReadonlyMap<string, string>;
  readonly uses: ReadonlyMap<string, number>;
  readonly revokedBefore: ReadonlyMap<string, number>;
  /** What came to its own end, and has been removed since. */
  readonly expired: readonly Expired[];
}

export interface Expired {
  readonly at: number;
  readonly kind: keyof Held;
}

const mostNamed = 20;

/** Every report looks at everything there is: what is in memory is little. */
export function memoryReports(tables: MemoryTables, audit: MemoryAudit): Reports {
  const { clients, grants, tokens, names, uses } = tables;
  let counted = 0;
  const within = ({ from, until }: Range) => audit.events.filter(({ at }) => at >= from && at < until);
  const tally = (keys: readonly (readonly [string, number])[]): ReadonlyMap<string, number> => {
    const sums = new Map<string, number>();
    for (const [key, count] of keys) sums.set(key, (sums.get(key) ?? 0) + count);
    return sums;
  };
  const ranked = (sums: ReadonlyMap<string, number>, most: number): readonly ClientCount[] =>
    [...sums]
      .map(([clientId, count]) => ({ clientId, name: clients.get(clientId)?.name, count }))
      .sort((a, b) => b.count - a.count || (a.clientId < b.clientId ? -1 : 1))
      .slice(0, most);
  const usedAt = (clientId: string): number | undefined => {
    const times = [...grants.values()].filter((grant) => grant.clientId === clientId).flatMap(({ id }) => uses.get(id) ?? []);
    return times.length === 0 ? undefined : Math.max(...times);
  };

  return {
    countEvents: async (most) => {
      const next = Math.min(most, audit.events.length - counted);
      counted += next;
      return next;
    },
    sweepCounts: async () => 0,
    counts: async (range) => {
      const keyed = within(range).map(
        (event) => [JSON.stringify([event.at - (event.at % range.period), event.type, detailOf(event)]), occurrencesOf(event)] as const,
      );
      return [...tally(keyed)]
        .map(([key, count]) => {
          const [at, type, detail] = JSON.parse(key) as [number, EventCount["type"], string];
          return { at, type, detail, count };
        })
        .sort((a, b) => a.at - b.at || order(a.type, b.type) || order(a.detail, b.detail));
    },
    busiestClients: async (range, types, most) =>
      ranked(
        tally(
          within(range).flatMap((event) =>
            types.includes(event.type) && "clientId" in event && event.clientId !== undefined
              ? [[event.clientId, occurrencesOf(event)] as const]
              : [],
          ),
        ),
        most,
      ),
    countsOfClients: async (range, clientIds, types) =>
      tally(
        within(range).flatMap((event) =>
          types.includes(event.type) && "clientId" in event && clientIds.includes(event.clientId ?? "")
            ? [[event.clientId ?? "", occurrencesOf(event)] as const]
            : [],
        ),
      ),
    totals: async (now) => {
      const states = tally(
        [...clients.values()].map(({ origin, disabledAt }) => [JSON.stringify([origin, disabledAt !== undefined]), 1] as const),
      );
      const connections = [...grants.values()].filter((grant) => grant.clientId !== undefined && isLive(grant, now));
      return {
        ...held(tables, () => true, now),
        clients: [...states]
          .map(([key, count]) => {
            const [origin, isDisabled] = JSON.parse(key) as [Client["origin"], boolean];
            return { origin, isDisabled, count };
          })
          .sort((a, b) => order(a.origin, b.origin) || Number(a.isDisabled) - Number(b.isDisabled)),
        connectionsByClient: ranked(tally(connections.map(({ clientId = "" }) => [clientId, 1] as const)), mostNamed),
      };
    },
    expired: async (from, until) => {
      const isWithin = (at: number | undefined): boolean => at !== undefined && at >= from && at < until;
      const ended = [...grants.values()].filter(({ endsAt, revokedAt }) => revokedAt === undefined && isWithin(endsAt));
      const own = [...tokens.values()].filter(({ grantId, revokedAt }) => grantId === undefined && revokedAt === undefined);
      const gone = (wanted: keyof Held): number => tables.expired.filter(({ at, kind }) => kind === wanted && isWithin(at)).length;
      return {
        connections: ended.filter(({ clientId }) => clientId !== undefined).length + gone("connections"),
        personalTokens: ended.filter(({ clientId }) => clientId === undefined).length + gone("personalTokens"),
        clientTokens: own.filter(({ expiresAt }) => isWithin(expiresAt)).length + gone("clientTokens"),
      };
    },
    clients: async ({ id, search, origin, isDisabled, after, most }, now) =>
      [...clients.values()]
        .filter(
          (client) =>
            (id === undefined || client.id === id) &&
            (search === undefined || [client.id, client.name].some((text) => lower(text).includes(lower(search)))) &&
            (origin === undefined || client.origin === origin) &&
            (isDisabled === undefined || (client.disabledAt !== undefined) === isDisabled),
        )
        .sort(newestFirst)
        .filter((client) => after === undefined || newestFirst(after, client) < 0)
        .slice(0, most)
        .map((client) => ({
          client,
          connections: held(tables, ({ clientId }) => clientId === client.id, now).connections,
          usedAt: usedAt(client.id),
        })),
    grants: async ({ id, clientId, subject, kind, isLive: mustLive, after, most }, now) =>
      [...grants.values()]
        .filter(
          (grant) =>
            (id === undefined || grant.id === id) &&
            (clientId === undefined || grant.clientId === clientId) &&
            (subject === undefined || grant.subject === subject) &&
            (kind === undefined || (kind === "personal") === (grant.clientId === undefined)) &&
            (mustLive === undefined || isLive(grant, now) === mustLive),
        )
        .sort(newestFirst)
        .filter((grant) => after === undefined || newestFirst(after, grant) < 0)
        .slice(0, most)
        .map((grant) => ({
          grant,
          name: clients.get(grant.clientId ?? "")?.name ?? names.get(grant.id),
          usedAt: uses.get(grant.id),
        })),
    tokens: async ({ clientId, subject, grantId, kind, before = Infinity, most, walk }) => {
      const walked = [...tokens.values()]
        .filter(({ id }) => id < before)
        .sort((a, b) => b.id - a.id)
        .slice(0, walk);
      const found = walked
        .map((token) => knownToken(token, grants))
        .filter(
          (token) =>
            (clientId === undefined || token.clientId === clientId) &&
            (subject === undefined || token.subject === subject) &&
            (grantId === undefined || token.grantId === grantId) &&
            (kind === undefined || token.kind === kind),
        )
        .slice(0, most);
      return { tokens: found, next: found.length === most ? found.at(-1)?.id : walked.at(-1)?.id };
    },
    reach: async (of, now) => memoryReach(tables, of, now),
  };
}

export function memoryReach(tables: MemoryTables, of: Reached, now: number): Reach {
  const isMeant = ({ id, clientId, subject }: Pick<Grant, "id" | "clientId" | "subject">): boolean => {
    if ("clientId" in of) return clientId === of.clientId;
    return "subject" in of ? subject === of.subject : id === of.grantId;
  };
  const meant = [...tables.grants.values()].filter((grant) => isMeant(grant) && isLive(grant, now));
  return { ...held(tables, isMeant, now), people: new Set(meant.map(({ subject }) => subject)).size };
}

/** Of whatever the condition holds for; a client's own tokens stand for themselves, without a subject. */
function held(
  { clients, grants, tokens, revokedBefore }: MemoryTables,
  isMeant: (of: Pick<Grant, "id" | "clientId" | "subject">) => boolean,
  now: number,
) {
  const live = [...grants.values()].filter((grant) => isMeant(grant) && isLive(grant, now));
  const own = [...tokens.values()].filter(
    ({ grantId, clientId = "", revokedAt, expiresAt, issuedAt }) =>
      grantId === undefined &&
      clients.has(clientId) &&
      revokedAt === undefined &&
      (expiresAt === undefined || expiresAt > now) &&
      issuedAt > (revokedBefore.get(clientId) ?? Number.NEGATIVE_INFINITY) &&
      isMeant({ id: "", clientId, subject: "" }),
  );
  return {
    connections: live.filter(({ clientId }) => clientId !== undefined).length,
    personalTokens: live.filter(({ clientId }) => clientId === undefined).length,
    clientTokens: own.length,
  };
}

function knownToken(token: KeptToken, grants: ReadonlyMap<string, Grant>): KnownToken {
  const { id, kind, grantId, scope, audience, issuedAt, expiresAt, revokedAt, spentAt } = token;
  const grant = grants.get(grantId ?? "");
  return {
    id,
    kind,
    grantId,
    scope,
    audience,
    issuedAt,
    expiresAt,
    revokedAt,
    spentAt,
    clientId: grant?.clientId ?? token.clientId,
    subject: grant?.subject,
    grantRevokedAt: grant?.revokedAt,
    grantEndsAt: grant?.endsAt,
  };
}

const order = (a: string, b: string): number => Number(a > b) - Number(a < b);

const newestFirst = (a: { createdAt: number; id: string }, b: { createdAt: number; id: string }): number =>
  b.createdAt - a.createdAt || order(b.id, a.id);

/** As SQLite folds: ASCII alone. */
const lower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
