import { type AuthorizationServer, addressBlock, clientAddress } from "vouchsafe";
import { hiddenFields, html, layout, OAuthError, pageResponse, readForm, redirect } from "vouchsafe/pages";
import { type Accounts, isAcceptablePassword, isEmail, sessionCookie } from "./accounts.ts";
import type { Handler } from "./router.ts";
import { localPath, refuseForm, whoIsAsking } from "./sign-in.ts";
import { wordsFor } from "./words.ts";

export interface SignUpOptions {
  readonly hostName: string;
  readonly isSecure: boolean;
  readonly accounts: Accounts;
  readonly trustProxy: number | readonly string[];
  readonly oauth: () => AuthorizationServer;
}

/** People make accounts of their own; the request that led here goes on afterwards. */
export function createSignUp({ hostName, isSecure, accounts, trustProxy, oauth }: SignUpOptions) {
  const cookie = sessionCookie(isSecure);

  const form = async (
    request: Request,
    returnTo: string,
    status: number,
    filled: { email?: string; problem?: string },
  ): Promise<Response> => {
    const { words, messages } = wordsFor(request, returnTo);
    const { token, headers } = oauth().forms.token(request, "sign_up");
    const asking = await oauth().describeRequest(returnTo);
    const signIn = `/sign_in?${new URLSearchParams({ return_to: returnTo }).toString()}`;
    const main = html`<h1>${words.signUpTitle}</h1>
${asking === undefined ? "" : whoIsAsking(asking, words)}
${filled.problem === undefined ? "" : html`<p class="note" role="alert">${filled.problem}</p>`}
<form method="post" action="/sign_up">
${hiddenFields({ csrf: token, return_to: returnTo })}
<label class="field">${words.email}<input type="email" name="email" value="${filled.email ?? ""}" autocomplete="username" required></label>
<label class="field">${words.password}<input type="password" name="password" autocomplete="new-password" minlength="8" maxlength="256" required></label>
<div class="actions"><button class="primary">${words.signUp}</button></div>
</form>
<p class="soft">${words.haveAccount} <a href="${signIn}">${words.signIn}</a></p>`;
    return pageResponse(layout({ hostName, messages, title: words.signUpTitle, main }), { isSecure, status, headers });
  };

  const showSignUp: Handler = (request) => form(request, localPath(new URL(request.url).searchParams.get("return_to")), 200, {});

  const signUp: Handler = async (request, info) => {
    const fields = await readForm(request);
    const returnTo = localPath(fields.get("return_to"));
    if (!oauth().forms.check(request, "sign_up", fields.get("csrf")))
      refuseForm("the sign-up form is not of this browser, or came from another site");
    const address = clientAddress(info.address, request.headers.get("x-forwarded-for"), trustProxy);
    const wait = await oauth().limits.register.count(`account ${addressBlock(address)}`);
    if (wait !== undefined) throw new OAuthError("slow_down", "too many accounts from one address", { retryAfter: wait });
    const [email, password] = [fields.get("email") ?? "", fields.get("password") ?? ""];
    const { words } = wordsFor(request, returnTo);
    if (!isEmail(email.trim())) return form(request, returnTo, 400, { email: email.slice(0, 254), problem: words.unusableEmail });
    if (!isAcceptablePassword(password)) return form(request, returnTo, 400, { email, problem: words.unusablePassword });
    const account = await accounts.add(email, password);
    if (account === undefined) return form(request, returnTo, 400, { email, problem: words.taken });
    const secret = await accounts.signIn(account, cookie.read(request), address);
    return redirect(returnTo, { "set-cookie": cookie.set(secret) });
  };

  return { showSignUp, signUp };
}
