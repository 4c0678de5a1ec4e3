import type { AuditEvent } from "../../audit.ts";
import type { Store, SweepLimits, Swept } from "../store.ts";
import { all, get, run, type SqlDatabase, type Work } from "./database.ts";
import { type Parameters, pushedRequestFromRow, signingKeyFromRow, signingKeyToRow, text } from "./rows.ts";
import { statements } from "./statements.ts";

type Records = Pick<
  Store,
  | "pushedRequests"
  | "registrationTokens"
  | "spendAssertion"
  | "signingKeys"
  | "changeSigningKeys"
  | "setting"
  | "changeSetting"
  | "lease"
  | "sweep"
>;

/** The claim to clients that led to no grant: none of them may be swept while its first grant is opened. */
export const unusedClients = "unused clients";

/** What stands beside clients, grants and tokens. `change` writes, and records the event if that changed anything. */
export const sqlRecords = (
  database: SqlDatabase,
  change: (statement: string, parameters: Parameters, event: AuditEvent) => Promise<boolean>,
): Records => ({
  pushedRequests: {
    add: async (request) => {
      await database.commit(() => run(statements.addPushedRequest, { ...request }));
    },
    find: async (id) => {
      const row = await database.get(statements.pushedRequest, { id });
      return row && pushedRequestFromRow(row);
    },
  },
  registrationTokens: {
    add: async (token, event) => {
      await change(statements.addRegistrationToken, { ...token }, event);
    },
    list: async () =>
      (await database.all(statements.registrationTokens)).map(([id, usesLeft, createdAt]) => ({
        id: text(id),
        usesLeft: Number(usesLeft),
        createdAt: Number(createdAt),
      })),
    revoke: (id, event) => change(statements.removeRegistrationToken, { id }, event),
    isUsable: async (hash) => (await database.get(statements.usableRegistrationToken, { hash })) !== undefined,
  },

  spendAssertion: async (hash, expiresAt) => (await database.commit(() => run(statements.spendAssertion, { hash, expiresAt }))) > 0,

  signingKeys: async () => (await database.all(statements.signingKeys)).map(signingKeyFromRow),
  changeSigningKeys: (was, keys, event) =>
    database.commit(
      function* (record) {
        const kept = (yield* all(statements.signingKeys)).map(([id]) => text(id));
        if (kept.length !== was.length || !kept.every((id) => was.includes(id))) return false;
        yield* run(statements.removeSigningKeys);
        for (const key of keys) yield* run(statements.addSigningKey, signingKeyToRow(key));
        if (event !== undefined) record(event);
        return true;
      },
      { alone: ["signing keys"] },
    ),

  setting: (name, value) =>
    database.commit(function* () {
      yield* run(statements.addSetting, { name, value });
      return text((yield* get(statements.setting, { name }))?.[0]);
    }),
  changeSetting: async (name, value) => {
    await database.commit(() => run(statements.changeSetting, { name, value }));
  },

  lease: async (name, holder, duration) => {
    // Mostly somebody else has it, and to find that out takes no turn at writing.
    const [other, remaining] = (await database.get(statements.lease, { name })) ?? [];
    if (other !== undefined && other !== holder && Number(remaining) > 0) return false;
    return (await database.commit(() => run(statements.takeLease, { name, holder, duration }))) > 0;
  },

  sweep: (limits, isRehearsal = false) =>
    database
      .commit(() => sweep(limits, isRehearsal), { alone: [unusedClients], isBulk: true })
      .catch((error: unknown) => {
        if (error instanceof Rehearsed) return error.swept;
        throw error;
      }),
});

function* sweep({ now, answersBefore, unusedClientsBefore, pushedRequestsBefore }: SweepLimits, isRehearsal: boolean): Work<Swept> {
  const swept = {
    clients: yield* run(statements.sweepClients, { before: unusedClientsBefore }),
    decisions: yield* run(statements.sweepDecisions, { now }),
    pushedRequests: yield* run(statements.sweepPushedRequests, { before: pushedRequestsBefore }),
    assertions: yield* run(statements.sweepAssertions, { now }),
    refreshAnswers: yield* run(statements.sweepAnswers, { before: answersBefore }),
  };
  if (isRehearsal) throw new Rehearsed(swept);
  return swept;
}

/** Thrown by a sweep that was only to say what it would remove, so that all of it is undone. */
class Rehearsed extends Error {
  readonly swept: Swept;

  constructor(swept: Swept) {
    super("undone");
    this.name = "Rehearsed";
    this.swept = swept;
  }
}
