import type { SigningAlgorithm, SigningKey } from "vouchsafe";
import { signingAlgorithms, stateOfSigningKey } from "vouchsafe";
import { CommandError, exitCode } from "./exit.ts";
import { isoTime, printJson, printRows, say } from "./output.ts";
import { withStandalone } from "./session.ts";

/** `keys list`: every published key, and what it does now. */
export async function listKeys(flags: { readonly json?: boolean }): Promise<void> {
  const keys = await withStandalone(({ oauth }) => oauth.admin.signingKeys());
  printRows(keys.map(rowOf), flags.json === true);
}

/** `keys rotate`: the next key signs from now on; the one before stays published while its tokens live. */
export async function rotateKeys(flags: { readonly algorithm?: string; readonly json?: boolean }): Promise<void> {
  const key = await withStandalone(({ oauth }) => oauth.admin.rotateSigningKey(algorithmOf(flags.algorithm)));
  if (flags.json === true) printJson(rowOf(key));
  else process.stdout.write(`${key.id}\n`);
  say("This key signs from now on. The one before is published until its last token has ended.");
}

function algorithmOf(name: string | undefined): SigningAlgorithm | undefined {
  const known = signingAlgorithms.find((algorithm) => algorithm === name);
  if (name !== undefined && known === undefined)
    throw new CommandError(exitCode.usage, `There is no --algorithm ${name}: ${signingAlgorithms.join(", ")}.`);
  return known;
}

const rowOf = (key: SigningKey) => ({
  kid: key.id,
  algorithm: key.algorithm,
  state: stateOfSigningKey(key),
  created_at: isoTime(key.createdAt),
  ...(key.retiredAt === undefined ? {} : { retired_at: isoTime(key.retiredAt) }),
});
