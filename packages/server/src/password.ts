import { type AuthorizationServer, addressBlock, clientAddress, type Person } from "vouchsafe";
import { hiddenFields, html, layout, pageResponse, readForm, redirect } from "vouchsafe/pages";
import { type Accounts, isAcceptablePassword, sessionCookie } from "./accounts.ts";
import type { Handler } from "./router.ts";
import { refuseForm } from "./sign-in.ts";
import { wordsFor } from "./words.ts";

export interface PasswordOptions {
  readonly hostName: string;
  readonly isSecure: boolean;
  readonly accounts: Accounts;
  readonly trustProxy: number | readonly string[];
  readonly signedIn: (request: Request) => Person | undefined;
  readonly oauth: () => AuthorizationServer;
}

/** Where the page is. */
const path = "/my/password";

/** People change their password: with the one they have, which is limited like a sign-in. All other sessions end. */
export function createPasswordChange({ hostName, isSecure, accounts, trustProxy, signedIn, oauth }: PasswordOptions) {
  const cookie = sessionCookie(isSecure);

  const form = (request: Request, person: Person, status: number, note?: { words: string; isProblem: boolean }): Response => {
    const { words, messages } = wordsFor(request);
    const { token, headers } = oauth().forms.token(request, "password", person);
    const main = html`<h1>${words.changePassword}</h1>
${note === undefined ? "" : html`<p class="note" role="${note.isProblem ? "alert" : "status"}">${note.words}</p>`}
<form method="post" action="${path}">
${hiddenFields({ csrf: token })}
<label class="field">${words.currentPassword}<input type="password" name="current_password" autocomplete="current-password" required></label>
<label class="field">${words.newPassword}<input type="password" name="password" autocomplete="new-password" minlength="8" maxlength="256" required></label>
<div class="actions"><button class="primary">${words.changePassword}</button></div>
</form>`;
    return pageResponse(layout({ hostName, messages, title: words.changePassword, aside: person.email ?? person.name, main }), {
      isSecure,
      isOwn: true,
      status,
      headers,
    });
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
      refuseForm("the password form is not of this session, or came from another site");
    const { words } = wordsFor(request);
    const email = person.email ?? "";
    const address = clientAddress(info.address, request.headers.get("x-forwarded-for"), trustProxy);
    const key = `${email} ${addressBlock(address)}`;
    const { limits } = oauth();
    const wait = await limits.signIn.exhausted(key);
    if (wait !== undefined) return form(request, person, 429, { words: words.tooMany(wait), isProblem: true });
    const account = await accounts.verify(email, (fields.get("current_password") ?? "").slice(0, 1024));
    if (account === undefined) {
      await limits.signIn.count(key);
      return form(request, person, 401, { words: words.wrongPassword, isProblem: true });
    }
    const password = fields.get("password") ?? "";
    if (!isAcceptablePassword(password)) return form(request, person, 400, { words: words.unusablePassword, isProblem: true });
    await accounts.changePassword(account.id, password);
    await oauth().admin.voidCodes(account.id);
    const secret = await accounts.signIn(account, cookie.read(request), address);
    return redirect("/?password=changed", { "set-cookie": cookie.set(secret) });
  };

  return { showPassword, changePassword };
}
