import { counted, listed } from "../counted.ts";
import type { ReachDocument } from "../operator/operator.ts";
import { printFacts, printJson, say } from "./output.ts";

export interface EndingFlags {
  readonly json?: boolean;
  readonly dryRun?: boolean;
}

/** What an end touches, as numbers on stdout and as a sentence on stderr. `done`: what has happened, without a full stop. */
export function printReach(reach: ReachDocument, flags: EndingFlags, done: string): void {
  printNumbers(reach, flags);
  const touched = inWords(reach);
  if (flags.dryRun === true)
    say(
      touched === ""
        ? "Nothing was changed, and nothing would end: none of it is live."
        : `Nothing was changed. It would touch ${touched}.`,
    );
  else say(touched === "" ? `${done}: there was nothing live.` : `${done}: ${touched}.`);
}

export function printNumbers(reach: ReachDocument, flags: EndingFlags): void {
  if (flags.json === true) printJson(reach);
  else printFacts({ ...reach });
}

function inWords({ connections, personal_tokens, client_tokens, people }: ReachDocument): string {
  const parts = [
    connections === 0 ? [] : [counted(connections, "connection")],
    personal_tokens === 0 ? [] : [counted(personal_tokens, "personal token")],
    client_tokens === 0 ? [] : [counted(client_tokens, "token of a client's own", "tokens of a client's own")],
  ].flat();
  if (people === 0) return listed(parts);
  return parts.length === 0 ? "" : `${listed(parts)}, of ${people === 1 ? "one person" : `${people} people`}`;
}
