import { createAccounts } from "../accounts.ts";
import { readEnvironment } from "../environment.ts";
import { checkSettings, openStore, patience } from "../main.ts";
import { describeSettings } from "../settings.ts";
import { printRows, say } from "./output.ts";

/** `config print`: every value and where it came from, secrets masked; problems all at once. */
export async function printConfiguration(flags: { readonly json?: boolean }): Promise<void> {
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
export async function migrate(): Promise<void> {
  const environment = await readEnvironment();
  const store = openStore(environment, { busyTimeout: patience });
  createAccounts(store, { idle: 0, lifetime: 0 });
  await store.close();
  say(`${environment.databasePath} has the newest schema.`);
}
