import type { Command } from "commander";
import { CommandError, exitCode } from "../exit.ts";
import type { Passworded, UserDocument } from "../operator/operator.ts";
import { endingCommand, operatorCommand } from "./command.ts";
import { printListed, readPages } from "./listing.ts";
import { printJson, say } from "./output.ts";
import { type EndingFlags, printReach } from "./reach.ts";
import { type OperatorFlags, questionOf, withOperator } from "./session.ts";
import { readStdin } from "./stdin.ts";

/** The people of the standalone server. */
export function addUserCommands(program: Command): void {
  const users = program.command("users").description("The people of the standalone server.");
  operatorCommand(users, "add <email>", "Makes an account.", "vouchsafe users add ada@example.com --password-stdin < password.txt")
    .option("--admin", "as an administrator")
    .option("--password-stdin", "with the password on stdin, instead of one that is made")
    .action(addUser);
  operatorCommand(users, "list", "Lists the accounts.", "vouchsafe users list --json")
    .option("--search <text>", "part of an e-mail address")
    .option("--limit <number>", "at most so many")
    .action(listUsers);
  endingCommand(
    users,
    "disable <email>",
    "Ends sessions and refuses connected apps, until enabled again.",
    "vouchsafe users disable ada@example.com",
  ).action(disableUser);
  operatorCommand(users, "enable <email>", "Undoes disable.", "vouchsafe users enable ada@example.com").action(enableUser);
  operatorCommand(
    users,
    "password <email>",
    "Changes a password.",
    "vouchsafe users password ada@example.com --password-stdin < password.txt",
  )
    .option("--password-stdin", "the password on stdin, instead of one that is made")
    .action(changePassword);
  operatorCommand(
    users,
    "admin <email> <state>",
    "Makes an account an administrator, or not.",
    "vouchsafe users admin ada@example.com on",
  ).action(setAdmin);
  endingCommand(
    users,
    "revoke <email>",
    "Ends every connection and personal token of a person.",
    "vouchsafe users revoke ada@example.com --dry-run",
  ).action(revokeUser);
}

interface PasswordFlags extends OperatorFlags {
  readonly passwordStdin?: boolean;
}

/** `users add EMAIL`: with `--password-stdin` the password on stdin, else one that is made and printed once. */
async function addUser(email: string, flags: PasswordFlags & { readonly admin?: boolean }): Promise<void> {
  const password = await readPassword(flags);
  const order = { email, admin: flags.admin === true, ...(password === undefined ? {} : { password }) };
  const user = await withOperator(flags, (operator) => operator.addUser(order));
  const made = user.password === undefined ? "" : ` with the password ${user.password} (shown this once)`;
  tell(user, flags, `Account ${user.email}${made}.`);
}

async function listUsers(flags: OperatorFlags & { readonly search?: string; readonly limit?: string }): Promise<void> {
  const users = await withOperator(flags, (operator) => readPages(flags, (page) => operator.users({ ...questionOf(flags), ...page })));
  printListed(users, flags, ({ id, email, admin, disabled, connections, personal_tokens }) => ({
    id,
    email,
    admin,
    disabled,
    connections,
    personal_tokens,
  }));
}

/** `users disable`: whatever the person granted stops at once, and their sessions end. */
async function disableUser(email: string, flags: OperatorFlags & EndingFlags): Promise<void> {
  await withOperator(flags, async (operator) => {
    if (flags.dryRun === true) return printReach(await operator.revokeUser(email, true), flags, "");
    const user = await operator.setUserDisabled(email, true);
    tell(user, flags, `${user.email} is disabled: sessions ended, connected apps refused.`);
  });
}

async function enableUser(email: string, flags: OperatorFlags): Promise<void> {
  const user = await withOperator(flags, (operator) => operator.setUserDisabled(email, false));
  tell(user, flags, `${user.email} is enabled.`);
}

/** `users password`: ends the person's sessions, and voids the codes on their way. */
async function changePassword(email: string, flags: PasswordFlags): Promise<void> {
  const password = await readPassword(flags);
  const user = await withOperator(flags, (operator) => operator.setPassword(email, password));
  const { password: made } = user;
  tell(
    user,
    flags,
    made === undefined ? `The password of ${user.email} is changed.` : `The new password of ${user.email} is ${made} (shown this once).`,
  );
}

async function setAdmin(email: string, state: string, flags: OperatorFlags): Promise<void> {
  if (state !== "on" && state !== "off") throw new CommandError(exitCode.usage, "users admin EMAIL on|off");
  const user = await withOperator(flags, (operator) => operator.setAdmin(email, state === "on"));
  tell(user, flags, `${user.email} is ${user.admin ? "an administrator" : "no administrator"}.`);
}

async function revokeUser(email: string, flags: OperatorFlags & EndingFlags): Promise<void> {
  const reach = await withOperator(flags, (operator) => operator.revokeUser(email, flags.dryRun === true));
  printReach(reach, flags, `Ended for ${email}`);
}

function tell(user: UserDocument & Passworded, flags: OperatorFlags, words: string): void {
  if (flags.json === true) printJson(user);
  else say(words);
}

function readPassword(flags: PasswordFlags): Promise<string> | undefined {
  if (flags.passwordStdin !== true) return undefined;
  if (flags.adminTokenStdin === true)
    throw new CommandError(exitCode.usage, "Only one of them can be on stdin: give the token in VOUCHSAFE_ADMIN_TOKEN.");
  return readStdin();
}
