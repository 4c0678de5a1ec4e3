import type { Command } from "commander";
import type { TokenListing } from "../operator/operator.ts";
import { endingCommand, listingCommand, operatorCommand } from "./command.ts";
import { printListed, readPages } from "./listing.ts";
import { printJson, printLine, say } from "./output.ts";
import { type EndingFlags, printNumbers } from "./reach.ts";
import { type OperatorFlags, questionOf, withOperator } from "./session.ts";

/** Tokens, of which nobody but their holder has the value. */
export function addTokenCommands(program: Command): void {
  const tokens = program.command("tokens").description("Access, refresh and personal tokens.");
  operatorCommand(
    tokens,
    "create <email>",
    "Makes somebody a personal token; it is printed once.",
    'vouchsafe tokens create ada@example.com --name "nightly export" --scope read --ends 30d',
  )
    .requiredOption("--name <name>", "what it is for")
    .option("--scope <names>", "with spaces between the names")
    .option("--ends <time>", "30d, a date, or never")
    .action(createToken);
  listingCommand(
    tokens,
    "list",
    "Lists tokens, the newest first, without their values.",
    "vouchsafe tokens list --user ada@example.com --kind personal",
  )
    .option("--client <id>", "of this client")
    .option("--user <email>", "of this person, by e-mail address or id")
    .option("--grant <id>", "of this grant")
    .option("--kind <kind>", "access, refresh or personal")
    .action(listTokens);
  endingCommand(tokens, "revoke <id>", "Ends one, by the id it is listed under.", "vouchsafe tokens revoke 17").action(revokeToken);
}

interface CreationFlags extends OperatorFlags {
  readonly name: string;
  readonly scope?: string;
  readonly ends?: string;
}

/** `tokens create`: the value is on stdout and nowhere else. */
async function createToken(email: string, flags: CreationFlags): Promise<void> {
  const created = await withOperator(flags, (operator) => operator.createToken({ user: email, ...questionOf(flags) }));
  if (flags.json === true) printJson(created);
  else printLine(created.token);
  const end = created.ends_at === undefined ? "It does not end by itself." : `It ends ${created.ends_at}.`;
  say(
    `The token ${JSON.stringify(created.name ?? flags.name)} of ${created.email ?? created.subject} (${created.scope}), shown this once. ${end}`,
  );
}

async function listTokens(flags: OperatorFlags & Omit<TokenListing, "limit"> & { readonly limit: string }): Promise<void> {
  const tokens = await withOperator(flags, (operator) => readPages(flags, (page) => operator.tokens({ ...questionOf(flags), ...page })));
  printListed(tokens, flags, (token) => ({
    id: token.id,
    kind: token.kind,
    who: token.email ?? token.subject,
    client_id: token.client_id,
    scope: token.scope,
    state: token.state,
    issued_at: token.issued_at,
    expires_at: token.expires_at,
  }));
}

/** `tokens revoke`: one alone; a personal one with its grant. */
async function revokeToken(id: string, flags: OperatorFlags & EndingFlags): Promise<void> {
  const reach = await withOperator(flags, (operator) => operator.revokeToken(id, flags.dryRun === true));
  printNumbers(reach, flags);
  const wasActive = reach.people + reach.client_tokens > 0;
  if (!wasActive) say(`Token ${id} had ended already.`);
  else say(flags.dryRun === true ? `Nothing was changed. It would end token ${id}.` : `Token ${id} is ended.`);
}
