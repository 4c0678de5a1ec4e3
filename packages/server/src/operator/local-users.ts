import { randomBytes } from "node:crypto";
import type { Admin } from "vouchsafe";
import { type Account, isAcceptablePassword, isEmail } from "../accounts.ts";
import { reachDocument, userDocument } from "./documents.ts";
import { limitOf } from "./listing.ts";
import { BadInput, Conflict, type Operator, quote, type UserDocument } from "./operator.ts";
import { requireAccount, type Standing } from "./standing.ts";

/** The accounts of this server. */
export const localUsers = ({
  admin,
  accounts,
  by,
}: Standing): Pick<Operator, "users" | "user" | "addUser" | "setPassword" | "setAdmin" | "setUserDisabled" | "revokeUser"> => ({
  users: async (filter) => {
    const limit = limitOf(filter);
    const found = await accounts.page(filter.search ?? "", filter.after ?? "", limit + 1);
    const last = found.length > limit ? found[limit - 1] : undefined;
    return {
      items: await Promise.all(found.slice(0, limit).map((account) => oneUser(admin, account))),
      ...(last === undefined ? {} : { next: last.email }),
    };
  },
  user: async (name) => oneUser(admin, await requireAccount(accounts, name)),
  addUser: async ({ email, password, admin: isAdmin = false }) => {
    if (!isEmail(email)) throw new BadInput(`${quote(email)} is no e-mail address.`);
    const chosen = chosenPassword(password);
    const account = (await accounts.add(email, chosen, isAdmin, by))?.account;
    if (account === undefined) throw new Conflict(`There is an account ${email} already.`);
    return { ...(await oneUser(admin, account)), ...(password === undefined ? { password: chosen } : {}) };
  },
  setPassword: async (name, password) => {
    const account = await requireAccount(accounts, name);
    const chosen = chosenPassword(password);
    await accounts.setPassword(account.id, chosen, by);
    await admin.voidCodes(account.id);
    return { ...(await oneUser(admin, account)), ...(password === undefined ? { password: chosen } : {}) };
  },
  setAdmin: async (name, isAdmin) => {
    const { id } = await requireAccount(accounts, name);
    if (!(await accounts.setAdmin(id, isAdmin, by))) throw nobodyLeft(name);
    return oneUser(admin, await requireAccount(accounts, id));
  },
  setUserDisabled: async (name, isDisabled) => {
    const { id } = await requireAccount(accounts, name);
    if (isDisabled && (await accounts.isLastAdmin(id))) throw nobodyLeft(name);
    // What was granted stops first: whatever happens in between, nobody's app goes on without them.
    if (isDisabled) await admin.disableSubject(id);
    const isDone = await accounts.setDisabled(id, isDisabled, by);
    // Also where the other administrator was disabled in between: whoever stays enabled keeps what they granted.
    if (!isDisabled || !isDone) await admin.enableSubject(id);
    if (!isDone) throw nobodyLeft(name);
    return oneUser(admin, await requireAccount(accounts, id));
  },
  revokeUser: async (name, isRehearsal) => {
    const { id } = await requireAccount(accounts, name);
    return reachDocument(await (isRehearsal ? admin.reach({ subject: id }) : admin.revokeSubject(id)));
  },
});

const oneUser = async (admin: Admin, account: Account): Promise<UserDocument> =>
  userDocument(account, await admin.reach({ subject: account.id }));

/** The one that is given, or one that is made. @throws BadInput */
function chosenPassword(password: string | undefined): string {
  if (password === undefined) return randomBytes(12).toString("base64url");
  if (!isAcceptablePassword(password)) throw new BadInput("A password has 8 to 256 characters.");
  return password;
}

const nobodyLeft = (name: string): Conflict => new Conflict(`${name} is the only administrator: make somebody else one first.`);
