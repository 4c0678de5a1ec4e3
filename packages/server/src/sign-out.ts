import type { AuthorizationServer, Person } from "vouchsafe";
import { pageResponse, readForm, redirect, refuseAsFormTooOld } from "vouchsafe/pages";
import { type Accounts, sessionCookie } from "./accounts.ts";
import { signOutPage } from "./pages/sign-out.ts";
import { frameFor } from "./pages/words.ts";
import type { Handler } from "./router.ts";
import { personOf } from "./sign-in.ts";

export interface SignOutOptions {
  readonly isSecure: boolean;
  readonly accounts: Accounts;
  readonly signedIn: (request: Request) => Promise<Person | undefined>;
  readonly oauth: () => AuthorizationServer;
}

/** People sign out: here, or everywhere, which also voids codes that are on their way to apps. */
export function createSignOut({ isSecure, accounts, signedIn, oauth }: SignOutOptions) {
  const cookie = sessionCookie(isSecure);

  const showSignOut: Handler = async (request) => {
    const person = await signedIn(request);
    if (person === undefined) return redirect("/");
    const { token, headers } = oauth().forms.token(request, "sign_out", person);
    return pageResponse(signOutPage({ frame: frameFor(oauth().look, request), person, hidden: { csrf: token } }), { headers });
  };

  const signOut: Handler = async (request) => {
    const fields = await readForm(request);
    const secret = cookie.read(request);
    const session = secret === undefined ? undefined : await accounts.session(secret);
    if (!oauth().forms.check(request, "sign_out", fields.get("csrf"), session && personOf(session)))
      refuseAsFormTooOld("the sign-out form is not of this session, or came from another site", "/sign_out");
    if (secret !== undefined && session !== undefined) {
      if (fields.get("everywhere") === "yes") {
        await accounts.signOutEverywhere(session.account);
        await oauth().admin.voidCodes(session.account.id);
      } else {
        await accounts.signOut(secret, session.account);
      }
    }
    return redirect("/sign_in", { "set-cookie": cookie.clear });
  };

  return { showSignOut, signOut };
}
