import { type Flow, type FlowStep, type Flows, mostSteps, outcomeAfter } from "./flows.ts";

/** Flows in memory, oldest first. */
export function memoryFlows(): Flows {
  const flows = new Map<string, Flow>();
  const stepsOf = new Map<string, Omit<FlowStep, "flowId" | "clientId" | "clientName">[]>();

  const note = ({ flowId, clientId, clientName, ...step }: FlowStep): void => {
    const id = flowId ?? [...flows.values()].find(({ grantId }) => grantId !== undefined && grantId === step.grantId)?.id;
    if (id === undefined) return;
    const was = flows.get(id);
    flows.set(id, {
      id,
      clientId: was?.clientId ?? clientId,
      clientName: was?.clientName ?? clientName,
      subject: step.subject ?? was?.subject,
      grantId: step.grantId ?? was?.grantId,
      beganAt: was?.beganAt ?? step.at,
      lastAt: step.at,
      outcome: outcomeAfter(was?.outcome, step.name),
    });
    const steps = stepsOf.get(id) ?? [];
    if (steps.length < mostSteps) stepsOf.set(id, [...steps, step]);
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
