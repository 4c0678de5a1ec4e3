import type { Command } from "commander";
import { counted } from "../counted.ts";
import { CommandError, exitCode } from "../exit.ts";
import { operatorCommand } from "./command.ts";
import { printListed } from "./listing.ts";
import { printJson, printLine, say } from "./output.ts";
import { type OperatorFlags, withOperator } from "./session.ts";

/** Initial access tokens, for `OAUTH_REGISTRATION=token`. */
export function addRegistrationTokenCommands(program: Command): void {
  const tokens = program.command("registration-tokens").description("Initial access tokens, for OAUTH_REGISTRATION=token.");
  operatorCommand(tokens, "create", "Makes one; it is printed once.", "vouchsafe registration-tokens create --uses 1")
    .option("--uses <number>", "how many registrations", "1")
    .action(createRegistrationToken);
  operatorCommand(tokens, "list", "Lists them.", "vouchsafe registration-tokens list").action(listRegistrationTokens);
  operatorCommand(tokens, "revoke <id>", "Revokes one.", "vouchsafe registration-tokens revoke ID").action(revokeRegistrationToken);
}

/** `registration-tokens create`: whoever has it may register that many clients. */
async function createRegistrationToken(flags: OperatorFlags & { readonly uses: string }): Promise<void> {
  const uses = Number(flags.uses);
  if (!Number.isSafeInteger(uses) || uses < 1)
    throw new CommandError(exitCode.usage, `--uses is a number from 1, and not ${JSON.stringify(flags.uses)}.`);
  const { id, token } = await withOperator(flags, (operator) => operator.createRegistrationToken(uses));
  if (flags.json === true) return printJson({ id, token });
  printLine(token);
  say(`Registration token ${id}, for ${counted(uses, "registration")}, shown this once.`);
}

async function listRegistrationTokens(flags: OperatorFlags): Promise<void> {
  const tokens = await withOperator(flags, (operator) => operator.registrationTokens());
  printListed(tokens, flags, ({ id, uses_left, created_at }) => ({ id, uses_left, created_at }));
}

async function revokeRegistrationToken(id: string, flags: OperatorFlags): Promise<void> {
  await withOperator(flags, (operator) => operator.revokeRegistrationToken(id));
  if (flags.json === true) printJson({ id });
  say(`Registration token ${id} is revoked.`);
}
