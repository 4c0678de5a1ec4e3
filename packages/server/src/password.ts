import { type AuthorizationServer, addressBlock, clientAddress, type Person } from "vouchsafe";
import { pageResponse, readForm, redirect, refuseAsTooOld } from "vouchsafe/pages";
import { type Accounts, isAcceptablePassword, sessionCookie } from "./accounts.ts";
import { passwordPage } from "./pages/password.ts";
import { frameFor } from "./pages/words.ts";
import type { Handler } from "./router.ts";

export interface PasswordOptions {
  readonly isSecure: boolean;
  readonly accounts: Accounts;
  readonly trustProxy: number | readonly string[];
  readonly signedIn: (request: Request) => Person | undefined;
  readonly oauth: () => AuthorizationServer;
}

/** Where the page is. */
const path = "/my/password";

/** People change their password: with the one they have, which is limited like a sign-in. All other sessions end. */
export function createPasswordChange({ isSecure, accounts, trustProxy, signedIn, oauth }: PasswordOptions) {
  const cookie = sessionCookie(isSecure);

  const form = (request: Request, person: Person, status: number, problem?: string): Response => {
    const { token, headers } = oauth().forms.token(request, "password", person);
    const page = passwordPage({ frame: frameFor(oauth().look, request), person, problem, hidden: { csrf: token }, action: path });
    return pageResponse(page, { status, headers });
  };

  const showPassword: Handler = (request) => {
    const person = signedIn(request);
    return person === undefined ? redirect(`/sign_in?return_to=${encodeURIComponent(path)}`) : form(request, person, 200);
  };

  const changePassword: Handler = async (request, info) => {
    const person = signedIn(request);
    if (person === undefined) return redirect(`/sign_in?return_to=${encodeURIComponent(path)}`);
    const fields = await readForm(request);
    if (!oauth().forms.check(request, "password", fields.get("csrf"), person))
      refuseAsTooOld("the password form is not of this session, or came from another site");
    const { words } = frameFor(oauth().look, request);
    const email = person.email ?? "";
    const address = clientAddress(info.address, request.headers.get("x-forwarded-for"), trustProxy);
    const key = `${email} ${addressBlock(address)}`;
    const { limits } = oauth();
    const wait = await limits.signIn.exhausted(key);
    if (wait !== undefined) return form(request, person, 429, words.tooMany(wait));
    const account = await accounts.verify(email, (fields.get("current_password") ?? "").slice(0, 1024));
    if (account === undefined) {
      await limits.signIn.count(key);
      return form(request, person, 401, words.wrongPassword);
    }
    const password = fields.get("password") ?? "";
    if (!isAcceptablePassword(password)) return form(request, person, 400, words.unusablePassword);
    await accounts.changePassword(account.id, password);
    await oauth().admin.voidCodes(account.id);
    const secret = await accounts.signIn(account, cookie.read(request), address);
    return redirect("/?password=changed", { "set-cookie": cookie.set(secret) });
  };

  return { showPassword, changePassword };
}
