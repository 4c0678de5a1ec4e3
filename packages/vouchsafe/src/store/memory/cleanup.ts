import type { Client, ClientIdentity } from "../../protocol/client.ts";
import type { Agreement, Grant } from "../../protocol/grant.ts";
import { type Cleanup, type SweepLimits, type Swept, type SweptKind, sweptKinds } from "../cleanup.ts";
import type { Decision } from "../store.ts";
import type { Expired, KeptToken } from "./reports.ts";

/** What takes one row away. */
export type Removal = () => unknown;

/** Those rows that are past their time, the oldest first. */
type Past = (limits: SweepLimits) => readonly Removal[];

export interface SweptTables {
  readonly clients: Map<string, Client>;
  readonly grants: Map<string, Grant>;
  readonly tokens: Map<string, KeptToken>;
  readonly decisions: Map<string, Decision>;
  readonly subjects: Map<string, { readonly disabledAt: number | undefined; readonly codesVoidBefore: number }>;
  readonly disconnections: Map<string, number>;
  readonly names: Map<string, string>;
  readonly uses: Map<string, number>;
  readonly agreements: Map<string, Agreement>;
  readonly identities: Map<string, ClientIdentity>;
  readonly expired: Expired[];
}

/** What is kept elsewhere knows by itself what is past its time. */
type Others = Readonly<Record<"pushedRequests" | "assertions" | "registrationTokens" | "deliveries", Past>>;

export function memoryCleanup(tables: SweptTables, others: Others): Cleanup {
  const { clients, grants, tokens, decisions, subjects, disconnections, names, uses, agreements, identities, expired } = tables;
  const isNeeded = ({ revokedAt, endsAt, redeemedAt }: Grant, { grantsBefore, codesBefore }: SweepLimits): boolean =>
    (revokedAt ?? endsAt ?? Number.POSITIVE_INFINITY) >= grantsBefore || redeemedAt >= codesBefore;
  const isDead = ({ expiresAt, revokedAt, grantId, clientId = "" }: KeptToken, limits: SweepLimits): boolean => {
    const grant = grantId === undefined ? undefined : grants.get(grantId);
    return (
      (expiresAt ?? Number.POSITIVE_INFINITY) < limits.tokensBefore ||
      (revokedAt ?? Number.POSITIVE_INFINITY) < limits.revokedTokensBefore ||
      (grantId === undefined ? !clients.has(clientId) : grant === undefined || !isNeeded(grant, limits))
    );
  };
  /** The newest of all stays. */
  const deadTokens = (among: readonly (readonly [string, KeptToken])[], limits: SweepLimits): readonly Removal[] => {
    const newest = [...tokens.keys()].at(-1);
    const dead = among.filter(([key, token]) => key !== newest && isDead(token, limits));
    return dead.map(([hash, { grantId, expiresAt, revokedAt }]) => () => {
      tokens.delete(hash);
      if (grantId === undefined && revokedAt === undefined && expiresAt !== undefined && expiresAt < limits.tokensBefore)
        expired.push({ at: expiresAt, kind: "clientTokens" });
    });
  };
  const removeGrant = (id: string): void => {
    const { clientId = "", endsAt, revokedAt } = grants.get(id) ?? {};
    if (endsAt !== undefined && revokedAt === undefined)
      expired.push({ at: endsAt, kind: clientId === "" ? "personalTokens" : "connections" });
    const identity = agreements.get(id)?.identity;
    for (const table of [grants, names, uses, agreements]) table.delete(id);
    const isAgreedTo = [...grants.values()].some((one) => one.clientId === clientId && agreements.get(one.id)?.identity === identity);
    if (identity !== undefined && !isAgreedTo) identities.delete(JSON.stringify([clientId, identity]));
  };
  const isUnused = ({ id, origin, disabledAt, grantedAt, createdAt }: Client, before: number): boolean =>
    origin !== "operator" &&
    disabledAt === undefined &&
    grantedAt === undefined &&
    createdAt < before &&
    ![...tokens.values()].some(({ clientId, revokedAt }) => clientId === id && revokedAt === undefined);

  const past: Readonly<Record<SweptKind, Past>> = {
    clients: ({ unusedClientsBefore }) => removals(clients, (client) => isUnused(client, unusedClientsBefore)),
    grants: (limits) =>
      [...grants]
        .filter(([, grant]) => !isNeeded(grant, limits))
        .map(
          ([id]) =>
            () =>
              removeGrant(id),
        ),
    decisions: ({ now }) => removals(decisions, ({ expiresAt }) => expiresAt <= now),
    refreshAnswers: ({ answersBefore }) =>
      [...tokens]
        .filter(([, { answer, spentAt = 0 }]) => answer !== undefined && spentAt < answersBefore)
        .map(
          ([hash, token]) =>
            () =>
              tokens.set(hash, { ...token, answer: undefined }),
        ),
    disconnections: ({ codesBefore }) => removals(disconnections, (at) => at < codesBefore),
    subjects: ({ codesBefore }) =>
      removals(subjects, ({ disabledAt, codesVoidBefore }) => disabledAt === undefined && codesVoidBefore < codesBefore),
    // Each process counts its own limits.
    rateLimits: () => [],
    ...others,
  };
  const remove = (due: readonly Removal[]): number => {
    for (const removal of due) removal();
    return due.length;
  };

  return {
    sweep: async (kind, limits, most) => remove(past[kind](limits).slice(0, most)),
    sweepTokens: async (after, limits, most) => {
      const looked = [...tokens].filter(([, { id }]) => id > after).slice(0, most);
      return { removed: remove(deadTokens(looked, limits)), next: looked.length === most ? looked.at(-1)?.[1].id : undefined };
    },
    count: async (limits) => {
      const counts = sweptKinds.map((kind) => [kind, past[kind](limits).length] as const);
      return { ...(Object.fromEntries(counts) as Omit<Swept, "tokens">), tokens: deadTokens([...tokens], limits).length };
    },
  };
}

const removals = <Kept>(table: Map<string, Kept>, isPast: (kept: Kept) => boolean): readonly Removal[] =>
  [...table]
    .filter(([, kept]) => isPast(kept))
    .map(
      ([key]) =>
        () =>
          table.delete(key),
    );
