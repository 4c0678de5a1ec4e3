import type { Command } from "commander";
import type { ClientListing } from "../operator/operator.ts";
import { addClientCreation } from "./client-creation.ts";
import { endingCommand, listingCommand, operatorCommand } from "./command.ts";
import { printListed, readPages } from "./listing.ts";
import { printFacts, printJson, printLine, say } from "./output.ts";
import { type EndingFlags, printReach } from "./reach.ts";
import { type OperatorFlags, questionOf, withOperator } from "./session.ts";

/** The applications that may ask. */
export function addClientCommands(program: Command): void {
  const clients = program.command("clients").description("The applications that may ask.");
  addClientCreation(clients);
  listingCommand(clients, "list", "Lists clients, the newest first.", "vouchsafe clients list --registered dynamic --search budget")
    .option("--search <text>", "part of a name or id")
    .option("--registered <how>", "operator, dynamic or document")
    .option("--state <state>", "enabled or disabled")
    .action(listClients);
  operatorCommand(clients, "show <id>", "Shows a client.", "vouchsafe clients show ID").action(showClient);
  operatorCommand(clients, "secret <id>", "Gives a client a new secret; it is printed once.", "vouchsafe clients secret ID --keep-old 24h")
    .option("--keep-old <time>", "how long the old one stays good, so that the client can change over")
    .action(rotateSecret);
  endingCommand(clients, "disable <id>", "What it was granted stops working, until enabled again.", "vouchsafe clients disable ID").action(
    disableClient,
  );
  operatorCommand(clients, "enable <id>", "Undoes disable.", "vouchsafe clients enable ID").action(enableClient);
  endingCommand(
    clients,
    "revoke <id>",
    "Ends whatever was granted to it; people may let it in again.",
    "vouchsafe clients revoke ID --dry-run",
  ).action(revokeClient);
  endingCommand(clients, "delete <id>", "Ends it, with all that was granted to it.", "vouchsafe clients delete ID").action(deleteClient);
}

async function listClients(flags: OperatorFlags & Omit<ClientListing, "limit"> & { readonly limit: string }): Promise<void> {
  const clients = await withOperator(flags, (operator) => readPages(flags, (page) => operator.clients({ ...questionOf(flags), ...page })));
  printListed(clients, flags, (client) => ({
    client_id: client.client_id,
    client_name: client.client_name,
    registered: client.registered,
    state: client.disabled_at === undefined ? "enabled" : "disabled",
    connections: client.connections,
    failures_24h: client.failures_24h,
    last_used_at: client.last_used_at,
  }));
}

/** `clients show`: what is known of a client, and no secret. */
async function showClient(id: string, flags: OperatorFlags): Promise<void> {
  const client = await withOperator(flags, (operator) => operator.client(id));
  if (flags.json === true) printJson(client);
  else printFacts({ ...client });
}

/** `clients secret`: a new one, printed once; the old one ends at once, or after `--keep-old`. */
async function rotateSecret(id: string, flags: OperatorFlags & { readonly keepOld?: string }): Promise<void> {
  const { keepOld } = flags;
  const rotated = await withOperator(flags, (operator) => operator.rotateSecret(id, keepOld));
  if (flags.json === true) printJson(rotated);
  else printLine(rotated.client_secret);
  say(`The secret is shown this once. ${keepOld === undefined ? "The old one has ended." : `The old one ends in ${keepOld}.`}`);
}

/** `clients disable`: what it was granted stops working, and comes back with `clients enable`. */
async function disableClient(id: string, flags: OperatorFlags & EndingFlags): Promise<void> {
  await withOperator(flags, async (operator) => {
    if (flags.dryRun === true) return printReach(await operator.revokeClient(id, true), flags, "");
    const client = await operator.setClientDisabled(id, true);
    if (flags.json === true) printJson(client);
    say(`Client ${id} is disabled.`);
  });
}

async function enableClient(id: string, flags: OperatorFlags): Promise<void> {
  const client = await withOperator(flags, (operator) => operator.setClientDisabled(id, false));
  if (flags.json === true) printJson(client);
  say(`Client ${id} is enabled.`);
}

async function revokeClient(id: string, flags: OperatorFlags & EndingFlags): Promise<void> {
  const reach = await withOperator(flags, (operator) => operator.revokeClient(id, flags.dryRun === true));
  printReach(reach, flags, `Ended for client ${id}`);
}

async function deleteClient(id: string, flags: OperatorFlags & EndingFlags): Promise<void> {
  const reach = await withOperator(flags, (operator) => operator.deleteClient(id, flags.dryRun === true));
  printReach(reach, flags, `Client ${id} is deleted, and with it ended`);
}
