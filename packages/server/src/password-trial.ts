import { type AuthorizationServer, addressBlock } from "vouchsafe";
import type { Accounts, Proven } from "./accounts.ts";
import { marksOf, type RequestMark } from "./router.ts";

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
  readonly mark: RequestMark;
}

/** Whose it is; or that it is nobody's; or, after too many of these, the seconds to wait. */
export type Trial = { readonly proven: Proven } | { readonly wait: number } | "wrong";

/** How long a try on an account under attack waits, in milliseconds: slow for whoever guesses, bearable for its owner. */
const slowTry = 2000;

/** Tries passwords under the limits of failed sign-ins: the same ones wherever a password is asked for. */
export function createPasswordTrial({ accounts, oauth }: PasswordTrialOptions): (sent: SentPassword) => Promise<Trial> {
  return async ({ endpoint, email, password, address, mark }) => {
    const { limits, noteRefusal } = oauth();
    const network = addressBlock(address);
    const circumstances = { at: Date.now(), ...marksOf(mark), address, endpoint };
    const tries = await countTry(limits, email, network);
    if (tries.wait !== undefined) {
      noteRefusal(`rate.limited ${endpoint} ${network}`, { ...circumstances, type: "rate.limited", reason: "too many wrong passwords" });
      return { wait: tries.wait };
    }
    if (tries.isSlow) await new Promise((resolve) => setTimeout(resolve, slowTry));
    const proven = await verify(accounts, email, password, tries);
    if (proven !== undefined) return { proven };
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

interface Tries {
  readonly wait: number | undefined;
  /** The account has failed too often, from wherever. */
  readonly isSlow: boolean;
  readonly takeBack: () => Promise<void>;
}

/** Counts a try as a failure before the password is looked at: of many guesses sent at once, no more than the limit are looked at. */
async function countTry(limits: AuthorizationServer["limits"], email: string, network: string): Promise<Tries> {
  const here = await limits.signIn.attempt(`${email} ${network}`);
  if (here.wait !== undefined) return { ...here, isSlow: false };
  const fromNetwork = await limits.signInAddress.attempt(network);
  if (fromNetwork.wait !== undefined) {
    await here.takeBack();
    return { ...fromNetwork, isSlow: false };
  }
  const onAccount = await limits.signInAccount.attempt(email);
  const takeBack = async (): Promise<void> => void (await Promise.all([here, fromNetwork, onAccount].map((attempt) => attempt.takeBack())));
  return { wait: undefined, isSlow: onAccount.wait !== undefined, takeBack };
}

/** Whose password it is. Only a wrong one stays counted. */
async function verify(accounts: Accounts, email: string, password: string, tries: Tries): Promise<Proven | undefined> {
  if (password.length > longestPassword) return undefined;
  try {
    const proven = await accounts.verify(email, password);
    if (proven !== undefined) await tries.takeBack();
    return proven;
  } catch (error) {
    await tries.takeBack();
    throw error;
  }
}

/** More than any password has: hashing it would be work for nothing. */
const longestPassword = 1024;
