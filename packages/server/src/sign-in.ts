import { type AuthorizationServer, clientAddress, type Person } from "vouchsafe";
import { pageResponse, readForm, redirect, refuseAsFormTooOld } from "vouchsafe/pages";
import { type Accounts, normalEmail, type Session, sessionCookie } from "./accounts.ts";
import { signInPage } from "./pages/sign-in.ts";
import { frameFor, type Words } from "./pages/words.ts";
import type { SentPassword, Trial } from "./password-trial.ts";
import { type Handler, marksOf } from "./router.ts";

export interface SignInOptions {
  readonly isSecure: boolean;
  readonly accounts: Accounts;
  readonly trustProxy: number | readonly string[];
  readonly tryPassword: (sent: SentPassword) => Promise<Trial>;
  /** People may make accounts themselves. */
  readonly hasSignUp: boolean;
  /** The authorization server that the sign-in serves. */
  readonly oauth: () => AuthorizationServer;
}

/** Sign-in for the standalone server's accounts. */
export function createSignIn({ isSecure, accounts, tryPassword, trustProxy, hasSignUp, oauth }: SignInOptions) {
  const cookie = sessionCookie(isSecure);

  const sessionOf = async (request: Request): Promise<Session | undefined> => {
    const secret = cookie.read(request);
    return secret === undefined ? undefined : accounts.session(secret);
  };

  /** Who is signed in, for the library. */
  const signedIn = async (request: Request): Promise<Person | undefined> => {
    const session = await sessionOf(request);
    return session && personOf(session);
  };

  const form = async (
    request: Request,
    returnTo: string,
    status: number,
    filled: { email?: string; problem?: (words: Words) => string; headers?: Record<string, string> },
  ): Promise<Response> => {
    const { token, headers } = oauth().forms.token(request, "sign_in");
    const asking = await oauth().describeRequest(returnTo);
    const frame = frameFor(oauth().look, request, asking?.uiLocales);
    const page = signInPage({
      frame,
      asking,
      email: filled.email ?? "",
      problem: filled.problem?.(frame.words),
      hidden: { csrf: token, return_to: returnTo },
      signUpPath: hasSignUp ? `/sign_up?${new URLSearchParams({ return_to: returnTo }).toString()}` : undefined,
    });
    return pageResponse(page, { status, headers: { ...headers, ...filled.headers } });
  };

  const showSignIn: Handler = async (request, _info, mark) => {
    const query = new URL(request.url).searchParams;
    const returnTo = localPath(query.get("return_to"));
    mark.flowId = await oauth().flowIdOf(returnTo);
    if ((await signedIn(request)) !== undefined && query.get("prompt") === null) return redirect(returnTo);
    const hint = query.get("login_hint");
    return form(request, returnTo, 200, hint === null ? {} : { email: hint.slice(0, 254) });
  };

  const signIn: Handler = async (request, info, mark) => {
    const fields = await readForm(request);
    const returnTo = localPath(fields.get("return_to"));
    mark.flowId = await oauth().flowIdOf(returnTo);
    if (!oauth().forms.check(request, "sign_in", fields.get("csrf")))
      refuseAsFormTooOld("the sign-in form is not of this browser, or came from another site", signInUrl(returnTo, {}));
    const email = normalEmail(fields.get("email") ?? "").slice(0, 254);
    const password = fields.get("password") ?? "";
    const address = clientAddress(info.address, request.headers.get("x-forwarded-for"), trustProxy);
    const trial = await tryPassword({ endpoint: "sign_in", email, password, address, mark });
    const mismatch = (): Promise<Response> => form(request, returnTo, 401, { email, problem: (words) => words.mismatch });
    if (trial === "wrong") return mismatch();
    if ("wait" in trial) {
      const headers = { "retry-after": String(trial.wait) };
      return form(request, returnTo, 429, { email, problem: (words) => words.tooMany(trial.wait), headers });
    }
    const secret = await accounts.signIn(trial.proven, cookie.read(request), { address, ...marksOf(mark) });
    return secret === undefined ? mismatch() : redirect(returnTo, { "set-cookie": cookie.set(secret) });
  };

  return { sessionOf, signedIn, showSignIn, signIn };
}

/** Whose session it is, for the library and the forms of our own pages. */
export const personOf = ({ id, account, signedInAt }: Session): Person => ({
  id: account.id,
  name: account.email.split("@", 1)[0] ?? account.email,
  email: account.email,
  signedInAt,
  sessionId: id,
});

/** The sign-in page's address, with the way back. */
export function signInUrl(returnTo: string, { prompt, loginHint }: { readonly prompt?: string; readonly loginHint?: string }): string {
  const asked = prompt === undefined ? "" : `&prompt=${encodeURIComponent(prompt)}`;
  const hint = loginHint === undefined ? "" : `&login_hint=${encodeURIComponent(loginHint)}`;
  return `/sign_in?return_to=${encodeURIComponent(returnTo)}${asked}${hint}`;
}

/** A path of ours, whatever was asked for: browsers read `//host`, `/\host` and tabs as other hosts. */
export function localPath(path: string | undefined | null): string {
  if (path === undefined || path === null || !/^\/(?![/\\])[\x21-\x5B\x5D-\x7E]*$/.test(path) || path.length > 16_384) return "/";
  return path;
}
