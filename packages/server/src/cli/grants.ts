import type { Command } from "commander";
import type { GrantListing } from "../operator/operator.ts";
import { endingCommand, listingCommand } from "./command.ts";
import { printListed, readPages } from "./listing.ts";
import { type EndingFlags, printReach } from "./reach.ts";
import { type OperatorFlags, questionOf, withOperator } from "./session.ts";

/** What people allowed: connections of apps, and personal tokens. */
export function addGrantCommands(program: Command): void {
  const grants = program.command("grants").description("What people allowed: connections of apps, and personal tokens.");
  listingCommand(grants, "list", "Lists them, the newest first.", "vouchsafe grants list --user ada@example.com --state all")
    .option("--client <id>", "of this client")
    .option("--user <email>", "of this person, by e-mail address or id")
    .option("--kind <kind>", "connection or personal")
    .option("--state <state>", "live, ended or all (default: live)")
    .action(listGrants);
  endingCommand(grants, "revoke <id>", "Ends one, with every token of it.", "vouchsafe grants revoke ID").action(revokeGrant);
}

async function listGrants(flags: OperatorFlags & Omit<GrantListing, "limit"> & { readonly limit: string }): Promise<void> {
  const grants = await withOperator(flags, (operator) => readPages(flags, (page) => operator.grants({ ...questionOf(flags), ...page })));
  printListed(grants, flags, (grant) => ({
    id: grant.id,
    kind: grant.kind,
    who: grant.email ?? grant.subject,
    what: grant.client_name ?? grant.name ?? grant.client_id,
    scope: grant.scope,
    state: grant.state,
    created_at: grant.created_at,
    ends_at: grant.ends_at,
    last_used_at: grant.last_used_at,
  }));
}

async function revokeGrant(id: string, flags: OperatorFlags & EndingFlags): Promise<void> {
  const reach = await withOperator(flags, (operator) => operator.revokeGrant(id, flags.dryRun === true));
  printReach(reach, flags, `Grant ${id} is ended`);
}
