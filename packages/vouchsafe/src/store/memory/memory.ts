import type { AuditEvent } from "../../audit.ts";
import { type Client, type ClientIdentity, identityOf } from "../../protocol/client.ts";
import { type Agreement, type Grant, isClientGrant, isLive } from "../../protocol/grant.ts";
import type { SigningKey } from "../../protocol/signing-key.ts";
import type { Token } from "../../protocol/token.ts";
import type { Decision, Store } from "../store.ts";
import { MemoryAudit } from "./audit.ts";
import { memoryConnections } from "./connections.ts";
import { memoryFlows } from "./flows.ts";
import { memoryPersonalTokens } from "./personal-tokens.ts";
import { memoryAssertions, memoryLeases, memoryPushedRequests, memoryRegistrationTokens } from "./records.ts";
import { type KeptToken, memoryReach, memoryReports } from "./reports.ts";

/** A store in memory, for tests and for trying things out: what is in it ends with the process. */
export interface MemoryStore extends Store {
  /** Every event so far, oldest first. */
  readonly events: readonly AuditEvent[];
}

/** Every verb runs to its end before the next one starts, so that each is a transaction. */
export function memory(): MemoryStore {
  const clients = new Map<string, Client>();
  const decisions = new Map<string, Decision>();
  const grants = new Map<string, Grant>();
  const tokens = new Map<string, KeptToken>();
  const subjects = new Map<string, { disabledAt: number | undefined; codesVoidBefore: number }>();
  const disconnections = new Map<string, number>();
  const settings = new Map<string, string>();
  const identities = new Map<string, ClientIdentity>();
  const names = new Map<string, string>();
  const uses = new Map<string, number>();
  const revokedBefore = new Map<string, number>();
  const agreements = new Map<string, Agreement>();
  const tables = { clients, grants, tokens, names, uses, revokedBefore, agreements };
  const pushedRequests = memoryPushedRequests((id) => decisions.has(id));
  const assertions = memoryAssertions();
  let signingKeys: readonly SigningKey[] = [];
  const audit = new MemoryAudit();
  const listeners: ((event: AuditEvent) => void)[] = [];

  const record = (event: AuditEvent): void => {
    audit.append(event);
    for (const listener of listeners) listener(event);
  };
  const registrationTokens = memoryRegistrationTokens(record);
  const key = (hash: Uint8Array): string => Buffer.from(hash).toString("base64url");
  const pair = (subject: string, clientId: string): string => JSON.stringify([subject, clientId]);
  const subjectOf = (id: string) => subjects.get(id) ?? { disabledAt: undefined, codesVoidBefore: 0 };
  const voidCodesOf = (id: string, before: number) =>
    subjects.set(id, { ...subjectOf(id), codesVoidBefore: Math.max(before, subjectOf(id).codesVoidBefore) });
  const insertTokens = (added: readonly Token[]): void => {
    for (const token of added)
      tokens.set(key(token.hash), { ...token, id: tokens.size + 1, revokedAt: undefined, spentAt: undefined, answer: undefined });
  };
  const revoke = (grant: Grant, at: number): void => {
    grants.set(grant.id, { ...grant, revokedAt: at });
  };
  const isVoid = (grant: Grant): boolean => {
    const { disabledAt, codesVoidBefore } = subjectOf(grant.subject);
    const disconnectedAt = disconnections.get(pair(grant.subject, grant.clientId ?? "")) ?? 0;
    const client = clients.get(grant.clientId ?? "");
    return (
      disabledAt !== undefined ||
      codesVoidBefore > grant.createdAt ||
      disconnectedAt > grant.createdAt ||
      client === undefined ||
      client.disabledAt !== undefined ||
      client.createdAt > grant.createdAt ||
      (revokedBefore.get(client.id) ?? 0) > grant.createdAt
    );
  };

  return {
    events: audit.events,
    audit,
    ...memoryConnections(tables),
    reports: memoryReports(tables, audit),
    flows: memoryFlows(),
    deliveries: audit.deliveries,
    client: async (id) => clients.get(id),
    clientFor: async (id, subject, resources, now) => {
      const client = clients.get(id);
      if (client === undefined) return undefined;
      const given = [...grants.values()]
        .filter((grant) => grant.clientId === id && grant.subject === subject)
        .sort((a, b) => b.createdAt - a.createdAt);
      const agreed = ({ id: grantId }: Grant): Omit<Agreement, "browser"> => {
        const { identity = "", redirectUri = "" } = agreements.get(grantId) ?? {};
        return { identity, redirectUri };
      };
      const held = given.filter((grant) => grant.resources.join(" ") === resources.join(" ") && isLive(grant, now)).slice(0, 8);
      const [last] = given;
      return {
        client,
        held: held.map((grant) => ({ scope: grant.scope, endsAt: grant.endsAt, ...agreed(grant) })),
        lastAgreed: last && agreed(last).identity,
      };
    },
    addClient: async (client, event, spends) => {
      if (clients.has(client.id) || (spends !== undefined && !registrationTokens.spend(spends))) return false;
      clients.set(client.id, client);
      record(event);
      return true;
    },
    updateClient: async (client, event) => {
      const was = clients.get(client.id);
      if (was === undefined || was.revision !== client.revision) return false;
      const identity = identityOf(was);
      const isAgreedTo = [...grants.values()].some(({ id, clientId }) => clientId === was.id && agreements.get(id)?.identity === identity);
      if (identity !== identityOf(client) && isAgreedTo) identities.set(pair(was.id, identity), was);
      const { origin, firstParty, createdAt, grantedAt, disabledAt } = was;
      clients.set(client.id, { ...client, origin, firstParty, createdAt, grantedAt, disabledAt, revision: was.revision + 1 });
      if (event !== undefined) record(event);
      return true;
    },
    deleteClient: async (id, at, event) => {
      if (!clients.delete(id)) return false;
      revokedBefore.delete(id);
      for (const grant of grants.values()) if (grant.clientId === id && grant.revokedAt === undefined) revoke(grant, at);
      for (const name of identities.keys()) if (name.startsWith(pair(id, "").slice(0, -2))) identities.delete(name);
      record(event);
      return true;
    },
    disableClient: async (id, disabledAt, event) => {
      const client = clients.get(id);
      if (client === undefined) return false;
      clients.set(id, { ...client, disabledAt });
      record(event);
      return true;
    },
    formerIdentity: async (clientId, identity) => {
      const former = identities.get(pair(clientId, identity));
      return former && { name: former.name, redirectUris: former.redirectUris };
    },
    decide: async (decision, event) => {
      const earlier = decisions.get(decision.requestId);
      if (earlier !== undefined) return earlier.answer;
      decisions.set(decision.requestId, decision);
      record(event);
      return decision.answer;
    },
    grant: async (id) => grants.get(id),
    openGrant: async ({ grant, agreement, tokens: added, firstOfClient }, event) => {
      if (grants.has(grant.id)) return "spent";
      if (isVoid(grant)) return "void";
      grants.set(grant.id, grant);
      agreements.set(grant.id, agreement);
      insertTokens(added);
      const client = clients.get(grant.clientId);
      if (firstOfClient && client !== undefined) clients.set(client.id, { ...client, grantedAt: event.at });
      record(event);
      return "opened";
    },
    revokeGrant: async (id, at, event) => {
      const grant = grants.get(id);
      if (grant === undefined || grant.revokedAt !== undefined) return false;
      revoke(grant, at);
      record(event);
      return true;
    },
    disconnect: async (subject, clientId, at, event) => {
      const live = [...grants.values()].filter((grant) => grant.subject === subject && grant.clientId === clientId && isLive(grant, at));
      for (const grant of live) revoke(grant, at);
      disconnections.set(pair(subject, clientId), at);
      if (live.length > 0) record(event);
      return live.length;
    },
    narrowGrant: async (was, to, at, event) => {
      const grant = grants.get(was.id);
      const isUnchanged = grant?.scope.join(" ") === was.scope.join(" ") && grant.endsAt === was.endsAt;
      if (grant === undefined || !isLive(grant, at) || !isUnchanged) return false;
      grants.set(grant.id, { ...grant, ...to });
      record(event);
      return true;
    },
    disconnectAll: async (subject, at, event) => {
      const live = [...grants.values()].filter((grant) => grant.subject === subject && isClientGrant(grant) && isLive(grant, at));
      for (const grant of live) revoke(grant, at);
      voidCodesOf(subject, at);
      if (live.length > 0) record(event);
      return live.length;
    },
    token: async (hash) => {
      const token = tokens.get(key(hash));
      if (token === undefined) return undefined;
      const grant = token.grantId === undefined ? undefined : grants.get(token.grantId);
      const client = clients.get(grant?.clientId ?? token.clientId ?? "");
      const known = client && { ...client, revokedBefore: revokedBefore.get(client.id) };
      return { ...token, grant, client: known, subjectDisabledAt: grant && subjectOf(grant.subject).disabledAt };
    },
    issue: async (added, event) => {
      insertTokens(added);
      record(event);
    },
    rotate: async ({ hash, at, successors, answer }, event) => {
      const token = tokens.get(key(hash));
      const grant = token?.grantId === undefined ? undefined : grants.get(token.grantId);
      if (
        token === undefined ||
        token.spentAt !== undefined ||
        token.revokedAt !== undefined ||
        grant === undefined ||
        grant.revokedAt !== undefined
      )
        return false;
      tokens.set(key(hash), { ...token, spentAt: at, answer });
      insertTokens(successors);
      record(event);
      return true;
    },
    revokeToken: async (hash, at, event) => {
      const token = tokens.get(key(hash));
      if (token === undefined || token.revokedAt !== undefined) return false;
      tokens.set(key(hash), { ...token, revokedAt: at });
      record(event);
      return true;
    },
    disableSubject: async (subject, disabledAt, event) => {
      subjects.set(subject, { ...subjectOf(subject), disabledAt });
      record(event);
    },
    voidCodes: async (subject, before, event) => {
      voidCodesOf(subject, before);
      record(event);
    },
    noteUses: async (noted) => {
      for (const [id, at] of noted) uses.set(id, Math.max(at, uses.get(id) ?? 0));
    },
    revokeClient: async (id, at, event) => {
      if (!clients.has(id)) return undefined;
      const reach = memoryReach(tables, { clientId: id }, at);
      revokedBefore.set(id, Math.max(at, revokedBefore.get(id) ?? 0));
      for (const grant of grants.values()) if (grant.clientId === id && grant.revokedAt === undefined) revoke(grant, at);
      record(event(reach));
      return reach;
    },
    revokeSubject: async (subject, at, event) => {
      const reach = memoryReach(tables, { subject }, at);
      for (const grant of grants.values()) if (grant.subject === subject && isLive(grant, at)) revoke(grant, at);
      voidCodesOf(subject, at);
      record(event(reach));
      return reach;
    },
    revokeListedToken: async (id, at, event) => {
      const [hash, token] = [...tokens].find(([, one]) => one.id === id) ?? [];
      if (hash === undefined || token === undefined || token.revokedAt !== undefined) return false;
      tokens.set(hash, { ...token, revokedAt: at });
      record(event);
      return true;
    },
    personalTokens: memoryPersonalTokens(tables, insertTokens, record),
    pushedRequests,
    registrationTokens,
    spendAssertion: async (hash, expiresAt) => assertions.spend(hash, expiresAt),
    signingKeys: async () => signingKeys,
    changeSigningKeys: async (was, keys, event) => {
      if (signingKeys.length !== was.length || !signingKeys.every(({ id }) => was.includes(id))) return false;
      signingKeys = keys;
      if (event !== undefined) record(event);
      return true;
    },
    record: async (added) => {
      for (const event of added) record(event);
    },
    setting: async (name, value) => {
      const kept = settings.get(name) ?? value;
      settings.set(name, kept);
      return kept;
    },
    changeSetting: async (name, value) => {
      settings.set(name, value);
    },
    lease: memoryLeases(),
    sweep: async ({ now, answersBefore, unusedClientsBefore, pushedRequestsBefore }, isRehearsal = false) => {
      const unused = [...clients.values()].filter((client) => isUnused(client, unusedClientsBefore));
      const over = [...decisions].filter(([, { expiresAt }]) => expiresAt <= now);
      const answered = [...tokens].filter(([, { answer, spentAt = 0 }]) => answer !== undefined && spentAt < answersBefore);
      const counts = {
        clients: unused.length,
        decisions: over.length,
        pushedRequests: pushedRequests.sweep(pushedRequestsBefore, isRehearsal),
        assertions: assertions.sweep(now, isRehearsal),
        refreshAnswers: answered.length,
      };
      if (isRehearsal) return counts;
      for (const { id } of unused) clients.delete(id);
      for (const [id] of over) decisions.delete(id);
      for (const [id, token] of answered) tokens.set(id, { ...token, answer: undefined });
      return counts;
    },
    subscribe: (listener) => {
      listeners.push(listener);
    },
    check: async () => {},
    close: async () => {},
  };
}

const isUnused = ({ origin, disabledAt, grantedAt, createdAt }: Client, before: number): boolean =>
  origin !== "operator" && disabledAt === undefined && grantedAt === undefined && createdAt < before;
