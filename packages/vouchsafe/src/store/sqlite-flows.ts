import { type Flow, type FlowOutcome, type FlowStep, type Flows, flowAfter, type KeptStep, mostSteps } from "./flows.ts";
import { type FlowCondition, listFlows } from "./report-statements.ts";
import { optionalText, type Row, text } from "./rows.ts";
import type { SqliteDatabase, Transaction } from "./sqlite-database.ts";
import type { SqliteReader } from "./sqlite-reader.ts";
import { statements } from "./statements.ts";

const latest = Number.MAX_SAFE_INTEGER;

export const sqliteFlows = (database: SqliteDatabase, reader: SqliteReader): Flows => ({
  note: (steps) =>
    database.commit((transaction) => {
      for (const step of steps) note(transaction, step);
    }),
  list: async ({ clientId, outcome, from = 0, until = latest, after, most }) => {
    const given = { clientId, outcome, after };
    const conditions = (Object.keys(given) as FlowCondition[]).filter((name) => given[name] !== undefined);
    const parameters = { clientId, outcome, from, until, afterAt: after?.beganAt, afterId: after?.id, most };
    return (await reader.all(listFlows(conditions), parameters)).map(flowFromRow);
  },
  find: async (id) => {
    const [row] = await reader.all(statements.flow, { id });
    if (row === undefined) return undefined;
    const steps = (await reader.all(statements.flowSteps, { id })).map(([step]) => JSON.parse(text(step)) as KeptStep);
    return { ...flowFromRow(row), steps };
  },
  sweep: (before, most) =>
    database.commit((transaction) => {
      transaction.run(statements.sweepFlowSteps, { before, most });
      return transaction.run(statements.sweepFlows, { before, most });
    }),
});

function note(transaction: Transaction, { flowId, client, ...step }: FlowStep): void {
  const row =
    flowId === undefined
      ? transaction.get(statements.flowOfGrant, { grantId: step.grantId })
      : transaction.get(statements.flow, { id: flowId });
  const flow = flowAfter(row && flowFromRow(row), { flowId, client }, step);
  if (flow === undefined) return;
  const { id } = flow;
  transaction.run(statements.keepFlow, { ...flow });
  const [steps] = transaction.get(statements.countFlowSteps, { id }) ?? [];
  if (Number(steps) < mostSteps) transaction.run(statements.addFlowStep, { id, at: step.at, step: JSON.stringify(step) });
}

const flowFromRow = ([id, clientId, clientName, subject, grantId, beganAt, lastAt, outcome]: Row): Flow => ({
  id: text(id),
  clientId: text(clientId),
  clientName: text(clientName),
  subject: optionalText(subject),
  grantId: optionalText(grantId),
  beganAt: Number(beganAt),
  lastAt: Number(lastAt),
  outcome: text(outcome) as FlowOutcome,
});
