import { randomBytes } from "node:crypto";
import { type Account, isAcceptablePassword, isEmail } from "../accounts.ts";
import type { Standalone } from "../main.ts";
import { CommandError, exitCode } from "./exit.ts";
import { printJson, printRows, say } from "./output.ts";
import { readStdin, withStandalone } from "./session.ts";

interface Flags {
  readonly admin?: boolean;
  readonly passwordStdin?: boolean;
  readonly json?: boolean;
}

/** `users add EMAIL`: with `--password-stdin` the password on stdin, else one that is made and printed once. */
export async function addUser(email: string, flags: Flags): Promise<void> {
  if (!isEmail(email)) throw new CommandError(exitCode.usage, `${JSON.stringify(email)} is no e-mail address.`);
  const { password, made } = await choosePassword(flags);
  const account = await withStandalone(({ accounts }) => accounts.add(email, password, flags.admin === true));
  if (account === undefined) throw new CommandError(exitCode.failure, `There is an account ${email} already.`);
  if (flags.json === true) printJson({ ...shown(account), ...(made ? { password } : {}) });
  else say(made ? `Account ${account.email} with the password ${password} (shown this once).` : `Account ${account.email}.`);
}

export async function listUsers(flags: Flags): Promise<void> {
  const accounts = await withStandalone(async (standalone) => standalone.accounts.list());
  printRows(accounts.map(shown), flags.json === true);
}

/** Whatever the person granted stops at once, and their sessions end. */
export const disableUser = (email: string): Promise<void> =>
  withUser(email, async (account, { accounts, oauth }) => {
    await oauth.admin.disableSubject(account.id);
    await accounts.setDisabled(account.id, true);
    say(`${account.email} is disabled: sessions ended, connected apps refused.`);
  });

export const enableUser = (email: string): Promise<void> =>
  withUser(email, async (account, { accounts, oauth }) => {
    await accounts.setDisabled(account.id, false);
    await oauth.admin.enableSubject(account.id);
    say(`${account.email} is enabled.`);
  });

/** Ends the person's sessions, and voids the codes on their way. */
export const changePassword = (email: string, flags: Flags): Promise<void> =>
  withUser(email, async (account, { accounts, oauth }) => {
    const { password, made } = await choosePassword(flags);
    await accounts.changePassword(account.id, password);
    await oauth.admin.voidCodes(account.id);
    say(made ? `The new password of ${account.email} is ${password} (shown this once).` : `The password of ${account.email} is changed.`);
  });

export function setAdmin(email: string, state: string): Promise<void> {
  if (state !== "on" && state !== "off") throw new CommandError(exitCode.usage, "users admin EMAIL on|off");
  return withUser(email, async (account, { accounts }) => {
    await accounts.setAdmin(account.id, state === "on");
    say(`${account.email} is ${state === "on" ? "an administrator" : "no administrator"}.`);
  });
}

async function withUser(email: string, work: (account: Account, standalone: Standalone) => Promise<void>): Promise<void> {
  await withStandalone(async (standalone) => {
    const account = standalone.accounts.find(email);
    if (account === undefined) throw new CommandError(exitCode.notFound, `There is no account ${email}.`);
    await work(account, standalone);
  });
}

async function choosePassword(flags: Flags): Promise<{ password: string; made: boolean }> {
  if (flags.passwordStdin !== true) return { password: randomBytes(12).toString("base64url"), made: true };
  const password = await readStdin();
  if (!isAcceptablePassword(password)) throw new CommandError(exitCode.usage, "A password has 8 to 256 characters.");
  return { password, made: false };
}

const shown = ({ id, email, isAdmin, disabledAt }: Account) => ({ id, email, admin: isAdmin, disabled: disabledAt !== undefined });
