import type { Admin, Circumstances } from "vouchsafe";
import type { Account, Accounts } from "../accounts.ts";
import { NotFound } from "./operator.ts";

/** On what an operator stands: the library's operations and the accounts, under the operator's name. */
export interface Standing {
  readonly admin: Admin;
  readonly accounts: Accounts;
  readonly by: Pick<Circumstances, "operator" | "requestId" | "address">;
}

/** By e-mail address or id. @throws NotFound */
export async function requireAccount(accounts: Accounts, name: string): Promise<Account> {
  const account = await (name.includes("@") ? accounts.find(name) : accounts.byId(name));
  if (account === undefined) throw new NotFound(`There is no account ${name}.`);
  return account;
}

/** The client and person that a list is about. Somebody without an account of ours is known by their subject. */
export async function ofWhom(
  accounts: Accounts,
  { client, user }: { readonly client?: string; readonly user?: string },
): Promise<{ readonly clientId?: string; readonly subject?: string }> {
  return {
    ...(client === undefined ? {} : { clientId: client }),
    ...(user === undefined ? {} : { subject: user.includes("@") ? (await requireAccount(accounts, user)).id : user }),
  };
}

export const accountOf = async (accounts: Accounts, subject: string | undefined): Promise<Account | undefined> =>
  subject === undefined ? undefined : accounts.byId(subject);

/** The accounts that these subjects have, by subject: each is read once, however often it is there. */
export async function accountsOf(
  accounts: Accounts,
  subjects: readonly (string | undefined)[],
): Promise<ReadonlyMap<string | undefined, Account>> {
  const found = await Promise.all([...new Set(subjects)].map((subject) => accountOf(accounts, subject)));
  return new Map(found.flatMap((account) => (account === undefined ? [] : [[account.id, account]])));
}
