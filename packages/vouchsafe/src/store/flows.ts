import type { Client } from "../protocol/client.ts";

/**
 * Attempts to connect, step by step, so that "it did not connect" can be answered. They are told in batches and are no
 * record of what holds: that is the audit's. Nothing on the way of a request waits for them.
 */
export interface Flows {
  /**
   * Adds steps. The first of a flow makes its record, where it says who asks; other steps only continue one that is there.
   * Processes that share a store tell theirs in any order. A second `first_used` says nothing new, and is not added.
   */
  note(steps: readonly FlowStep[]): Promise<void>;
  /** The newest first. */
  list(filter: FlowFilter): Promise<readonly Flow[]>;
  find(id: string): Promise<FlowWithSteps | undefined>;
  /** Forgets flows that began before this, at most so many. Resolves to how many there were. */
  sweep(before: number, most: number): Promise<number>;
}

/** What happened to an attempt. */
export interface FlowStep {
  /** Undefined: it is known by its grant alone. */
  readonly flowId: string | undefined;
  /** Undefined where the step only continues a flow. */
  readonly client: Pick<Client, "id" | "name"> | undefined;
  readonly at: number;
  readonly name: FlowStepName;
  readonly subject?: string;
  readonly grantId?: string;
  readonly requestId?: string;
  readonly address?: string;
  /** What asked, by the first product of its User-Agent, such as `claude-code`; a browser by its name. */
  readonly family?: string;
  /** Of a refusal: where, with which error, and the private reason. */
  readonly endpoint?: string;
  readonly error?: string;
  readonly reason?: string;
}

/** In the order in which an attempt takes them. */
export const flowStepNames = ["requested", "sign_in", "consent_shown", "allowed", "denied", "redeemed", "first_used", "refused"] as const;
export type FlowStepName = (typeof flowStepNames)[number];

/** The most steps of one flow that are kept: whoever repeats one for ever fills no disk with it. */
export const mostSteps = 50;

/** How far it came, or how it ended. */
export type FlowOutcome = "under_way" | "allowed" | "denied" | "connected" | "used" | "refused";

export interface Flow {
  readonly id: string;
  readonly clientId: string;
  /** As the client was called when it asked. */
  readonly clientName: string;
  readonly subject: string | undefined;
  readonly grantId: string | undefined;
  readonly beganAt: number;
  readonly lastAt: number;
  readonly outcome: FlowOutcome;
}

/** A step as it is kept with its flow. */
export type KeptStep = Omit<FlowStep, "flowId" | "client">;

/** The steps in the order in which they happened. */
export interface FlowWithSteps extends Flow {
  readonly steps: readonly KeptStep[];
}

export interface FlowFilter {
  readonly clientId?: string;
  readonly outcome?: FlowOutcome;
  /** By when they began; milliseconds. */
  readonly from?: number;
  readonly until?: number;
  /** The flow after which the page begins. */
  readonly after?: { readonly beganAt: number; readonly id: string };
  readonly most: number;
}

/** A flow's record after a step; undefined where the step is not to be added. */
export function flowAfter(
  was: Flow | undefined,
  { flowId, client }: Pick<FlowStep, "flowId" | "client">,
  { at, name, subject, grantId }: KeptStep,
): Flow | undefined {
  const id = was?.id ?? flowId;
  const clientId = was?.clientId ?? client?.id;
  const clientName = was?.clientName ?? client?.name;
  if (id === undefined || clientId === undefined || clientName === undefined) return undefined;
  if (name === "first_used" && was?.outcome === "used") return undefined;
  return {
    id,
    clientId,
    clientName,
    subject: subject ?? was?.subject,
    grantId: grantId ?? was?.grantId,
    beganAt: Math.min(at, was?.beganAt ?? at),
    lastAt: Math.max(at, was?.lastAt ?? at),
    outcome: outcomeAfter(was?.outcome, name, was !== undefined && at < was.lastAt),
  };
}

/**
 * How a step changes the outcome. Whoever was let in stays so, whatever is refused later; a step that is told late takes back
 * nothing that happened since.
 */
function outcomeAfter(was: FlowOutcome | undefined, step: FlowStepName, isLate: boolean): FlowOutcome {
  if (step === "first_used") return "used";
  if (step === "redeemed") return was === "used" ? "used" : "connected";
  if (was !== undefined && (isLate || was === "used" || was === "connected")) return was;
  if (step === "allowed" || step === "denied" || step === "refused") return step;
  return was === undefined || was === "refused" ? "under_way" : was;
}
