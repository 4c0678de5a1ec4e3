import { type Flow, type FlowOutcome, type FlowStep, type Flows, flowAfter, type KeptStep, mostSteps } from "../flows.ts";
import { get, run, type SqlDatabase, type Work } from "./database.ts";
import { type FlowCondition, listFlows } from "./report-statements.ts";
import { optionalText, type Row, text } from "./rows.ts";
import { statements } from "./statements.ts";

const latest = Number.MAX_SAFE_INTEGER;

export const sqlFlows = (database: SqlDatabase): Flows => ({
  note: (steps) =>
    database.commit(
      function* () {
        for (const step of steps) yield* note(step);
      },
      // Steps of one flow come from several processes, each with its own idea of what it was before.
      { alone: ["flows"], isBulk: true },
    ),
  list: async ({ clientId, outcome, from = 0, until = latest, after, most }) => {
    const given = { clientId, outcome, after };
    const conditions = (Object.keys(given) as FlowCondition[]).filter((name) => given[name] !== undefined);
    const parameters = { clientId, outcome, from, until, afterAt: after?.beganAt, afterId: after?.id, most };
    return (await database.report(listFlows(conditions), parameters)).map(flowFromRow);
  },
  find: async (id) => {
    const [row] = await database.report(statements.flow, { id });
    if (row === undefined) return undefined;
    const steps = (await database.report(statements.flowSteps, { id })).map(([step]) => JSON.parse(text(step)) as KeptStep);
    return { ...flowFromRow(row), steps };
  },
  sweep: (before, most) =>
    database.commit(
      function* () {
        yield* run(statements.sweepFlowSteps, { before, most });
        return yield* run(statements.sweepFlows, { before, most });
      },
      { alone: ["flows"], isBulk: true },
    ),
});

function* note({ flowId, client, ...step }: FlowStep): Work<void> {
  const row =
    flowId === undefined ? yield* get(statements.flowOfGrant, { grantId: step.grantId }) : yield* get(statements.flow, { id: flowId });
  const flow = flowAfter(row && flowFromRow(row), { flowId, client }, step);
  if (flow === undefined) return;
  const { id } = flow;
  yield* run(statements.keepFlow, { ...flow });
  const [steps] = (yield* get(statements.countFlowSteps, { id })) ?? [];
  if (Number(steps) < mostSteps) yield* run(statements.addFlowStep, { id, at: step.at, step: JSON.stringify(step) });
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
