import { type AuthorizationServer, addressBlock } from "vouchsafe";
import type { Account, Accounts } from "./accounts.ts";

export interface PasswordTrialOptions {
  readonly accounts: Accounts;
  readonly oauth: () => AuthorizationServer;
}

/** A password that somebody sent for an account, and from where. */
export interface SentPassword {
  /** The page that it was sent to, for the audit. */
  readonly endpoint: string;
  readonly email: string;
  readonly password: string;
  readonly address: string;
  readonly requestId: string;
}

/** Whose it is; or that it is nobody's; or, after too many of these, the seconds to wait. */
export type Trial = { readonly account: Account } | { readonly wait: number } | "wrong";

/** How long a try on an account under attack waits, in milliseconds: slow for whoever guesses, bearable for its owner. */
const slowTry = 2000;

/** Tries passwords under the limits of failed sign-ins: the same ones wherever a password is asked for. */
export function createPasswordTrial({ accounts, oauth }: PasswordTrialOptions): (sent: SentPassword) => Promise<Trial> {
  return async ({ endpoint, email, password, address, requestId }) => {
    const { limits, noteRefusal } = oauth();
    const network = addressBlock(address);
    const circumstances = { at: Date.now(), requestId, address, endpoint };
    const wait = (await limits.signIn.exhausted(`${email} ${network}`)) ?? (await limits.signInAddress.exhausted(network));
    if (wait !== undefined) {
      noteRefusal(`rate.limited ${endpoint} ${network}`, { ...circumstances, type: "rate.limited", reason: "too many wrong passwords" });
      return { wait };
    }
    if ((await limits.signInAccount.exhausted(email)) !== undefined) await new Promise((resolve) => setTimeout(resolve, slowTry));
    const account = password.length > longestPassword ? undefined : await accounts.verify(email, password);
    if (account !== undefined) return { account };
    await Promise.all([limits.signIn.count(`${email} ${network}`), limits.signInAddress.count(network), limits.signInAccount.count(email)]);
    // Whose account it is shows who is attacked, also from many addresses.
    const subject = (await accounts.find(email))?.id;
    noteRefusal(`sign_in.failed ${endpoint} ${network} ${subject}`, {
      ...circumstances,
      type: "sign_in.failed",
      reason: "e-mail and password do not match",
      ...(subject === undefined ? {} : { subject }),
    });
    return "wrong";
  };
}

/** More than any password has: hashing it would be work for nothing. */
const longestPassword = 1024;
