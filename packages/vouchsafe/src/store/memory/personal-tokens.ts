import type { AuditEvent } from "../../audit.ts";
import { type Grant, isLive } from "../../protocol/grant.ts";
import type { Token } from "../../protocol/token.ts";
import type { PersonalTokens } from "../store.ts";

interface Tables {
  readonly grants: Map<string, Grant>;
  readonly names: Map<string, string>;
  readonly uses: ReadonlyMap<string, number>;
}

/** Personal access tokens in memory: grants without a client. */
export function memoryPersonalTokens(
  { grants, names, uses }: Tables,
  insertTokens: (tokens: readonly Token[]) => void,
  record: (event: AuditEvent) => void,
): PersonalTokens {
  const live = (subject: string, now: number): readonly Grant[] =>
    [...grants.values()].filter((grant) => grant.subject === subject && grant.clientId === undefined && isLive(grant, now));
  return {
    add: async ({ grant, name }, token, most, event) => {
      if (grants.has(grant.id)) return "repeated";
      if (live(grant.subject, grant.createdAt).length >= most) return "full";
      grants.set(grant.id, grant);
      names.set(grant.id, name);
      insertTokens([token]);
      record(event);
      return "added";
    },
    list: async (subject, now) =>
      live(subject, now)
        .map((grant) => ({ grant, name: names.get(grant.id) ?? "", usedAt: uses.get(grant.id) }))
        .sort((a, b) => b.grant.createdAt - a.grant.createdAt),
  };
}
