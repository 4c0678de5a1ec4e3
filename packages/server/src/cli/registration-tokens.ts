import { CommandError, exitCode } from "./exit.ts";
import { isoTime, printJson, printRows, say } from "./output.ts";
import { withStandalone } from "./session.ts";

/** `registration-tokens create`: whoever has it may register that many clients. */
export async function createRegistrationToken(flags: { readonly uses: string; readonly json?: boolean }): Promise<void> {
  const { id, token } = await withStandalone(({ oauth }) => oauth.admin.createRegistrationToken(Number(flags.uses)));
  if (flags.json === true) return printJson({ id, token });
  process.stdout.write(`${token}\n`);
  say(`Registration token ${id}, for ${flags.uses} registration(s), shown this once.`);
}

export async function listRegistrationTokens(flags: { readonly json?: boolean }): Promise<void> {
  const tokens = await withStandalone(({ oauth }) => oauth.admin.registrationTokens());
  printRows(
    tokens.map(({ id, usesLeft, createdAt }) => ({ id, uses_left: usesLeft, created_at: isoTime(createdAt) })),
    flags.json === true,
  );
}

export async function revokeRegistrationToken(id: string): Promise<void> {
  if (!(await withStandalone(({ oauth }) => oauth.admin.revokeRegistrationToken(id))))
    throw new CommandError(exitCode.notFound, `There is no registration token ${id}.`);
  say(`Registration token ${id} is revoked.`);
}
