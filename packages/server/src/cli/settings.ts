import { checkConfiguration } from "vouchsafe";
import { memory } from "vouchsafe/memory";
import { createAccounts } from "../accounts.ts";
import { readEnvironment } from "../environment.ts";
import { libraryOptions, openStore, patience } from "../main.ts";
import { describeSettings } from "../settings.ts";
import { printRows, say } from "./output.ts";

/** `config print`: every value and where it came from, secrets masked; problems all at once. */
export async function printConfiguration(flags: { readonly json?: boolean }): Promise<void> {
  const environment = await readEnvironment();
  const { issuer } = environment.values;
  printRows(
    describeSettings(environment).map((setting) => (setting.variable === "OAUTH_ISSUER" ? { ...setting, value: issuer } : setting)),
    flags.json === true,
  );
  for (const warning of environment.warnings) say(warning);
  const secret = environment.values.secret ?? ["a secret is made at the first start"];
  checkConfiguration({ ...libraryOptions({ ...environment, secret: () => secret }, false), store: memory(), signedIn: () => undefined });
}

/** `migrate`: takes the schema to the newest step. */
export async function migrate(): Promise<void> {
  const environment = await readEnvironment();
  const store = openStore(environment, patience);
  createAccounts(store, { idle: 0, lifetime: 0 });
  await store.close();
  say(`${environment.databasePath} has the newest schema.`);
}
