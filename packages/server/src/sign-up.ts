import { type AuthorizationServer, addressBlock, clientAddress } from "vouchsafe";
import { OAuthError, pageResponse, readForm, redirect, refuseAsFormTooOld } from "vouchsafe/pages";
import { type Accounts, isAcceptablePassword, isEmail, sessionCookie } from "./accounts.ts";
import { signUpPage } from "./pages/sign-up.ts";
import { frameFor, type Words } from "./pages/words.ts";
import { type Handler, marksOf } from "./router.ts";
import { localPath, signInUrl } from "./sign-in.ts";

export interface SignUpOptions {
  readonly isSecure: boolean;
  readonly accounts: Accounts;
  readonly trustProxy: number | readonly string[];
  readonly oauth: () => AuthorizationServer;
}

/** People make accounts of their own; the request that led here goes on afterwards. */
export function createSignUp({ isSecure, accounts, trustProxy, oauth }: SignUpOptions) {
  const cookie = sessionCookie(isSecure);

  const form = async (
    request: Request,
    returnTo: string,
    status: number,
    filled: { email?: string; problem?: (words: Words) => string },
  ): Promise<Response> => {
    const { token, headers } = oauth().forms.token(request, "sign_up");
    const asking = await oauth().describeRequest(returnTo);
    const frame = frameFor(oauth().look, request, asking?.uiLocales);
    const page = signUpPage({
      frame,
      asking,
      email: filled.email ?? "",
      problem: filled.problem?.(frame.words),
      hidden: { csrf: token, return_to: returnTo },
      signInPath: `/sign_in?${new URLSearchParams({ return_to: returnTo }).toString()}`,
    });
    return pageResponse(page, { status, headers });
  };

  const showSignUp: Handler = async (request, _info, mark) => {
    const returnTo = localPath(new URL(request.url).searchParams.get("return_to"));
    mark.flowId = await oauth().flowIdOf(returnTo);
    return form(request, returnTo, 200, {});
  };

  const signUp: Handler = async (request, info, mark) => {
    const fields = await readForm(request);
    const returnTo = localPath(fields.get("return_to"));
    mark.flowId = await oauth().flowIdOf(returnTo);
    if (!oauth().forms.check(request, "sign_up", fields.get("csrf")))
      refuseAsFormTooOld("the sign-up form is not of this browser, or came from another site", "/sign_up");
    const address = clientAddress(info.address, request.headers.get("x-forwarded-for"), trustProxy);
    const wait = await oauth().limits.register.count(`account ${addressBlock(address)}`);
    if (wait !== undefined) throw new OAuthError("slow_down", "too many accounts from one address", { retryAfter: wait });
    const [email, password] = [fields.get("email") ?? "", fields.get("password") ?? ""];
    if (!isEmail(email.trim()))
      return form(request, returnTo, 400, { email: email.slice(0, 254), problem: (words) => words.unusableEmail });
    if (!isAcceptablePassword(password)) return form(request, returnTo, 400, { email, problem: (words) => words.unusablePassword });
    const circumstances = { address, ...marksOf(mark) };
    const added = await accounts.add(email, password, false, circumstances);
    if (added === undefined) return form(request, returnTo, 400, { email, problem: (words) => words.taken });
    const secret = await accounts.signIn(added, cookie.read(request), circumstances);
    return secret === undefined ? redirect(signInUrl(returnTo, {})) : redirect(returnTo, { "set-cookie": cookie.set(secret) });
  };

  return { showSignUp, signUp };
}
