import { type AuthorizationServer, clientAddress, type Person } from "vouchsafe";
import { pageResponse, readForm, redirect, refuseAsFormTooOld } from "vouchsafe/pages";
import { type Accounts, isAcceptablePassword, sessionCookie } from "./accounts.ts";
import { passwordPage } from "./pages/password.ts";
import { frameFor } from "./pages/words.ts";
import type { SentPassword, Trial } from "./password-trial.ts";
import { type Handler, marksOf } from "./router.ts";
import { signInUrl } from "./sign-in.ts";

export interface PasswordOptions {
  readonly isSecure: boolean;
  readonly accounts: Accounts;
  readonly trustProxy: number | readonly string[];
  readonly tryPassword: (sent: SentPassword) => Promise<Trial>;
  readonly signedIn: (request: Request) => Promise<Person | undefined>;
  readonly oauth: () => AuthorizationServer;
}

/** Where the page is. */
const path = "/my/password";

/** What the next page says, to this browser alone. */
export const passwordChanged = "password-changed";

/** People change their password: with the one they have, which is limited like a sign-in. All other sessions end. */
export function createPasswordChange({ isSecure, accounts, tryPassword, trustProxy, signedIn, oauth }: PasswordOptions) {
  const cookie = sessionCookie(isSecure);

  const form = (
    request: Request,
    person: Person,
    status: number,
    { problem, headers: more }: { problem?: string; headers?: Record<string, string> },
  ): Response => {
    const { token, headers } = oauth().forms.token(request, "password", person);
    const page = passwordPage({ frame: frameFor(oauth().look, request), person, problem, hidden: { csrf: token }, action: path });
    return pageResponse(page, { status, headers: { ...headers, ...more } });
  };

  const showPassword: Handler = async (request) => {
    const person = await signedIn(request);
    return person === undefined ? redirect(`/sign_in?return_to=${encodeURIComponent(path)}`) : form(request, person, 200, {});
  };

  const changePassword: Handler = async (request, info, mark) => {
    const person = await signedIn(request);
    if (person === undefined) return redirect(`/sign_in?return_to=${encodeURIComponent(path)}`);
    const fields = await readForm(request);
    if (!oauth().forms.check(request, "password", fields.get("csrf"), person))
      refuseAsFormTooOld("the password form is not of this session, or came from another site", path);
    const { words } = frameFor(oauth().look, request);
    const email = person.email ?? "";
    const address = clientAddress(info.address, request.headers.get("x-forwarded-for"), trustProxy);
    const current = fields.get("current_password") ?? "";
    const trial = await tryPassword({ endpoint: "password", email, password: current, address, mark });
    const wrong = (): Response => form(request, person, 401, { problem: words.wrongPassword });
    if (trial === "wrong") return wrong();
    if ("wait" in trial)
      return form(request, person, 429, { problem: words.tooMany(trial.wait), headers: { "retry-after": String(trial.wait) } });
    const password = fields.get("password") ?? "";
    if (!isAcceptablePassword(password)) return form(request, person, 400, { problem: words.unusablePassword });
    const renewed = await accounts.changePassword(trial.proven, password);
    if (renewed === undefined) return wrong();
    await oauth().admin.voidCodes(renewed.account.id);
    const secret = await accounts.signIn(renewed, cookie.read(request), { address, ...marksOf(mark) });
    if (secret === undefined) return redirect(signInUrl(path, {}));
    const { token } = oauth().forms.token(request, passwordChanged);
    return redirect(`/?${passwordChanged}=${token}`, { "set-cookie": cookie.set(secret) });
  };

  return { showPassword, changePassword };
}
