import type { Command } from "commander";
import { CommandError, exitCode } from "../exit.ts";
import type { FlowDocument, FlowListing, FlowStepDocument } from "../operator/operator.ts";
import { listingCommand, rangeOptions } from "./command.ts";
import { printListed, readPages } from "./listing.ts";
import { printJson, printLine, printTable } from "./output.ts";
import { type OperatorFlags, questionOf, withOperator } from "./session.ts";
import { rangeOf } from "./time-range.ts";

type Flags = OperatorFlags & Omit<FlowListing, "limit"> & { readonly limit: string };

export function addFlowCommand(program: Command): void {
  rangeOptions(
    listingCommand(
      program,
      "flows [id]",
      "Lists attempts to connect, the newest first; with an id, what happened in that one.",
      "vouchsafe flows --outcome refused --since 1h",
    ),
  )
    .option("--client <id>", "of this client")
    .option("--outcome <outcome>", "under_way, allowed, denied, connected, used or refused")
    .action((id: string | undefined, flags: Flags) => (id === undefined ? listFlows(flags) : showFlow(id, flags)));
}

async function listFlows(flags: Flags): Promise<void> {
  const filter = { ...questionOf(flags), ...rangeOf(flags) };
  const flows = await withOperator(flags, (operator) => readPages(flags, (page) => operator.flows({ ...filter, ...page })));
  printListed(flows, flags, (flow) => ({
    id: flow.id,
    began_at: flow.began_at,
    client: flow.client_name,
    who: flow.email ?? flow.subject,
    outcome: flow.outcome,
  }));
}

/** `flows ID`: what happened in one attempt, step by step. */
async function showFlow(id: string, flags: Flags): Promise<void> {
  const { client, outcome, since, until } = flags;
  if ([client, outcome, since, until].some((filter) => filter !== undefined))
    throw new CommandError(exitCode.usage, "flows ID shows one attempt; --client, --outcome, --since and --until are for the list.");
  const flow = await withOperator(flags, (operator) => operator.flow(id));
  if (flags.json === true) printJson(flow);
  else printTimeline(flow);
}

function printTimeline(flow: FlowDocument): void {
  const person = flow.email ?? flow.subject;
  printLine(`${flow.client_name}${person === undefined ? "" : ` for ${person}`}: ${outcomes[flow.outcome] ?? flow.outcome}.`);
  printLine(`Client ${flow.client_id}${flow.grant_id === undefined ? "" : `, grant ${flow.grant_id}`}.`);
  printLine();
  printTable((flow.steps ?? []).map(stepRow));
}

const outcomes: Readonly<Record<string, string>> = {
  under_way: "it has not come to an end",
  allowed: "the person allowed it, and it has not fetched its tokens",
  denied: "the person said no",
  connected: "it is connected, and has not used its access yet",
  used: "it is connected, and has used its access",
  refused: "it was refused",
};

const stepRow = ({ at, step, family, address, endpoint, error, reason, request_id }: FlowStepDocument) => ({
  time: at,
  step: endpoint === undefined ? step : `${step} at ${endpoint}`,
  who: [family, address].filter((part) => part !== undefined).join(", "),
  reason: [error, reason].filter((part) => part !== undefined).join(": "),
  request: request_id,
});
