import { type Flow, type FlowStep, type Flows, flowAfter, type KeptStep, mostSteps } from "../flows.ts";

/** Flows in memory, oldest first. */
export function memoryFlows(): Flows {
  const flows = new Map<string, Flow>();
  const stepsOf = new Map<string, KeptStep[]>();

  const note = ({ flowId, client, ...step }: FlowStep): void => {
    const known =
      flowId === undefined
        ? [...flows.values()].find(({ grantId }) => grantId !== undefined && grantId === step.grantId)
        : flows.get(flowId);
    const flow = flowAfter(known, { flowId, client }, step);
    if (flow === undefined) return;
    flows.set(flow.id, flow);
    const steps = stepsOf.get(flow.id) ?? [];
    if (steps.length < mostSteps) stepsOf.set(flow.id, [...steps, step]);
  };

  return {
    note: async (steps) => steps.forEach(note),
    list: async ({ clientId, outcome, from = 0, until = Infinity, after, most }) =>
      [...flows.values()]
        .filter(
          (flow) =>
            (clientId === undefined || flow.clientId === clientId) &&
            (outcome === undefined || flow.outcome === outcome) &&
            flow.beganAt >= from &&
            flow.beganAt < until,
        )
        .sort(newestFirst)
        .filter((flow) => after === undefined || newestFirst(after, flow) < 0)
        .slice(0, most),
    find: async (id) => {
      const flow = flows.get(id);
      return flow && { ...flow, steps: (stepsOf.get(id) ?? []).toSorted((a, b) => a.at - b.at) };
    },
    sweep: async (before, most) => {
      const old = [...flows.values()].filter(({ beganAt }) => beganAt < before).slice(0, most);
      for (const { id } of old) if (flows.delete(id)) stepsOf.delete(id);
      return old.length;
    },
  };
}

const newestFirst = (a: Pick<Flow, "beganAt" | "id">, b: Pick<Flow, "beganAt" | "id">): number =>
  b.beganAt - a.beganAt || Number(b.id > a.id) - Number(b.id < a.id);
