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
export function requireAccount(accounts: Accounts, name: string): Account {
  const account = name.includes("@") ? accounts.find(name) : accounts.byId(name);
  if (account === undefined) throw new NotFound(`There is no account ${name}.`);
  return account;
}

/** The client and person that a list is about. Somebody without an account of ours is known by their subject. */
export function ofWhom(
  accounts: Accounts,
  { client, user }: { readonly client?: string; readonly user?: string },
): { readonly clientId?: string; readonly subject?: string } {
  return {
    ...(client === undefined ? {} : { clientId: client }),
    ...(user === undefined ? {} : { subject: user.includes("@") ? requireAccount(accounts, user).id : user }),
  };
}

export const accountOf = (accounts: Accounts, subject: string | undefined): Account | undefined =>
  subject === undefined ? undefined : accounts.byId(subject);
