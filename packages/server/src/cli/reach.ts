import type { ReachDocument } from "../operator/operator.ts";
import { counted, listed } from "./counted.ts";
import { printFacts, printJson, say } from "./output.ts";

export interface EndingFlags {
  readonly json?: boolean;
  readonly dryRun?: boolean;
}

/** What an end touches, as numbers on stdout and as a sentence on stderr. `done`: what has happened, without a full stop. */
export function printReach(reach: ReachDocument, flags: EndingFlags, done: string): void {
  if (flags.json === true) printJson(reach);
  else printFacts({ ...reach });
  say(flags.dryRun === true ? `Nothing was changed. It would touch ${inWords(reach)}.` : `${done}: ${inWords(reach)}.`);
}

function inWords({ connections, personal_tokens, client_tokens, people }: ReachDocument): string {
  const parts = [
    counted(connections, "connection"),
    counted(personal_tokens, "personal token"),
    counted(client_tokens, "token of a client's own", "tokens of a client's own"),
  ].filter((part) => !part.startsWith("no "));
  if (parts.length === 0) return "nothing that is live";
  return people === 0 ? listed(parts) : `${listed(parts)}, of ${people === 1 ? "one person" : `${people} people`}`;
}
