import type { Command } from "commander";
import { createAccounts } from "../accounts.ts";
import { nameOfDatabase, readEnvironment } from "../environment.ts";
import { checkSettings, openStore, patience } from "../main.ts";
import { describeSettings } from "../settings.ts";
import { command } from "./command.ts";
import { printJson, printRows, say } from "./output.ts";

/** The configuration of this place, and the schema of its database. */
export function addSettingsCommands(program: Command): void {
  const config = program.command("config").description("The configuration.");
  command(config, "print", "Shows every value and where it came from.", "vouchsafe config print")
    .option("--json", "data as JSON on stdout")
    .action(printConfiguration);
  command(program, "migrate", "Takes the database to the newest schema.", "vouchsafe migrate")
    .option("--json", "data as JSON on stdout")
    .action(migrate);
}

/** `config print`: every value and where it came from, secrets masked; problems all at once. */
async function printConfiguration(flags: { readonly json?: boolean }): Promise<void> {
  const environment = await readEnvironment();
  const checked = checkSettings(environment);
  /** What follows from other settings where nothing is said. */
  const following: Readonly<Record<string, string>> = {
    OAUTH_ISSUER: checked.issuer,
    OAUTH_NAME: checked.branding.name,
    OAUTH_SECRET: "made at the first start, beside the database",
    OAUTH_DEFAULT_SCOPE: checked.defaultScope.join(","),
    OAUTH_RESOURCES: [...checked.resources.values()].map(({ uri }) => uri).join(","),
    LOG_FORMAT: "pretty on a terminal, else json",
  };
  const rows = describeSettings(environment).map((row) => (row.value === "" ? { ...row, value: following[row.variable] ?? "" } : row));
  printRows(rows, flags.json === true);
  for (const warning of environment.warnings) say(warning);
}

/** `migrate`: takes the schema to the newest step. */
async function migrate(flags: { readonly json?: boolean }): Promise<void> {
  const environment = await readEnvironment();
  const store = await openStore(environment, { busyTimeout: patience });
  try {
    await createAccounts(store, { idle: 0, lifetime: 0 });
  } finally {
    await store.close();
  }
  const database = nameOfDatabase(environment.database);
  if (flags.json === true) printJson({ database });
  say(`${database} has the newest schema.`);
}
