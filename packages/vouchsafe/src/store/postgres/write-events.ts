import type { AuditEvent } from "../../audit.ts";
import { mostPairs, pairOfChains } from "../../protocol/audit-chain.ts";
import { chainClaim } from "../sql/audit.ts";
import type { Step } from "../sql/database.ts";
import { type Entry, entryToRow, type Journal } from "../sql/journal.ts";
import type { Row } from "../sql/rows.ts";
import { statements } from "../sql/statements.ts";
import { claimKey, takeClaims, tryClaim } from "./claims.ts";
import type { PostgresParameters } from "./client.ts";
import { settledStatements } from "./settled-events.ts";
import type { PostgresTransaction } from "./transaction.ts";

/** All events of a transaction as one statement: a list for each column. */
export const recordAll = `
  INSERT INTO audit_events (at, type, detail, count, client_id, subject, grant_id, flow_id, event, chain, position, mark)
  SELECT * FROM unnest(CAST(:at AS BIGINT[]), CAST(:type AS TEXT[]), CAST(:detail AS TEXT[]), CAST(:count AS BIGINT[]),
    CAST(:clientId AS TEXT[]), CAST(:subject AS TEXT[]), CAST(:grantId AS TEXT[]), CAST(:flowId AS TEXT[]), CAST(:event AS TEXT[]),
    CAST(:chain AS TEXT[]), CAST(:position AS BIGINT[]), CAST(:mark AS TEXT[]))
  RETURNING id`;

/** A pair of chains, by its number, that a writer asks for first: mostly nobody else has it. */
export interface PairPreference {
  pair: number;
}

export const anyPair = (): PairPreference => ({ pair: 1 + Math.floor(Math.random() * mostPairs) });

/** What is asked for before it is known whether there will be events, so that they wait for no journey of their own. */
export interface PairRequest {
  readonly isTaken: Promise<boolean>;
  readonly heads: Promise<readonly Row[]>;
}

export const requestPair = (transaction: PostgresTransaction, { pair }: PairPreference): PairRequest => {
  const chains = pairOfChains(pair);
  return {
    isTaken: transaction.all(tryClaim, { key: claimKey(chainClaim(chains.main)) }).then(([row]) => String(row?.[0]) === "t"),
    heads: transaction.all(statements.pairHeads, { ...chains }),
  };
};

interface ToWrite {
  readonly events: readonly AuditEvent[];
  /** Undefined: nothing was asked for before. */
  readonly request: PairRequest | undefined;
  readonly preference: PairPreference;
}

/** Sends what writes the events down, and does not wait for the answers: the commit can be sent behind it. */
export async function writeEvents(
  transaction: PostgresTransaction,
  journal: Journal,
  written: ToWrite,
): Promise<readonly Promise<unknown>[]> {
  const { entries, moves } = await place(transaction, journal, written);
  const mark = transaction.all(settledStatements.mark);
  const ids = transaction.all(recordAll, columnsOf(entries));
  const sent: Promise<unknown>[] = [mark, ids];
  const subscribers = entries.map(({ event }) => journal.subscribersOf(event));
  if (subscribers.some((names) => names.length > 0)) {
    const [, given] = await Promise.all([mark, ids]);
    for (const [index, { event }] of entries.entries())
      for (const subscription of subscribers[index] ?? [])
        sent.push(transaction.run(statements.addDelivery, { eventId: given[index]?.[0], subscription, dueAt: event.at }));
  }
  for (const { statement, parameters } of moves) sent.push(transaction.run(statement, parameters));
  return sent;
}

async function place(
  transaction: PostgresTransaction,
  journal: Journal,
  { events, request, preference }: ToWrite,
): Promise<{ readonly entries: readonly Entry[]; readonly moves: readonly Step[] }> {
  const { signer } = journal;
  if (signer === undefined) return { entries: events.map((event) => ({ event, text: JSON.stringify(event), place: {} })), moves: [] };
  const rows = request !== undefined && (await request.isTaken) ? await request.heads : await takeAnother(transaction, preference);
  const heads = await transaction.drive(journal.headsOf(pairOfChains(preference.pair), rows, signer));
  return journal.extend(events, heads, signer);
}

/** The first pair that nobody has; where others have all, one of them as soon as it is free. */
async function takeAnother(transaction: PostgresTransaction, preference: PairPreference): Promise<readonly Row[]> {
  for (let tried = 1; tried < mostPairs; tried++) {
    preference.pair = (preference.pair % mostPairs) + 1;
    const another = requestPair(transaction, preference);
    const [isTaken, heads] = await Promise.all([another.isTaken, another.heads]);
    if (isTaken) return heads;
  }
  const chains = pairOfChains(preference.pair);
  await transaction.all(takeClaims, { claims: JSON.stringify([{ key: claimKey(chainClaim(chains.main)), alone: true }]) });
  return transaction.all(statements.pairHeads, { ...chains });
}

function columnsOf(entries: readonly Entry[]): PostgresParameters {
  const rows = entries.map((entry) => entryToRow(entry));
  const column = <Name extends keyof (typeof rows)[number]>(name: Name) => rows.map((row) => row[name]);
  return {
    at: column("at"),
    type: column("type"),
    detail: column("detail"),
    count: column("count"),
    clientId: column("clientId"),
    subject: column("subject"),
    grantId: column("grantId"),
    flowId: column("flowId"),
    event: column("event"),
    chain: column("chain"),
    position: column("position"),
    mark: column("mark"),
  };
}
