import type { Command } from "commander";
import { operatorCommand } from "./command.ts";
import { printListed } from "./listing.ts";
import { printJson, printLine, say } from "./output.ts";
import { type OperatorFlags, withOperator } from "./session.ts";

/** The keys that sign JWT access tokens. */
export function addKeyCommands(program: Command): void {
  const keys = program.command("keys").description("The keys that sign JWT access tokens.");
  operatorCommand(keys, "list", "Lists them.", "vouchsafe keys list").action(listKeys);
  operatorCommand(keys, "rotate", "Lets the next key sign.", "vouchsafe keys rotate")
    .option("--algorithm <name>", "ES256, RS256 or EdDSA; one that the next key does not have signs before it was published")
    .action(rotateKey);
}

/** `keys list`: every published key, and what it does now; the one that signs first. */
async function listKeys(flags: OperatorFlags): Promise<void> {
  const { items } = await withOperator(flags, (operator) => operator.keys());
  const keys = { items: items.toSorted((one, other) => states.indexOf(one.state) - states.indexOf(other.state)) };
  printListed(keys, flags, ({ kid, algorithm, state, created_at, retired_at }) => ({ kid, algorithm, state, created_at, retired_at }));
}

const states: readonly string[] = ["signing", "next", "retired"];

/** `keys rotate`: the next key signs from now on; the one before stays published while its tokens live. */
async function rotateKey(flags: OperatorFlags & { readonly algorithm?: string }): Promise<void> {
  const key = await withOperator(flags, (operator) => operator.rotateKey(flags.algorithm));
  if (flags.json === true) printJson(key);
  else printLine(key.kid);
  say("This key signs from now on. The one before is published until its last token has ended.");
}
