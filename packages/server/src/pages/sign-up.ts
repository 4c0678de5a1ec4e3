import type { DescribedRequest } from "vouchsafe";
import { hiddenFields, html, layout, type Page } from "vouchsafe/pages";
import { whoIsAsking } from "./sign-in.ts";
import type { ServerFrame } from "./words.ts";

export interface SignUpView {
  readonly frame: ServerFrame;
  /** The authorization request that led here. */
  readonly asking: DescribedRequest | undefined;
  readonly email: string;
  /** What was wrong with the form that was sent. */
  readonly problem: string | undefined;
  readonly hidden: Readonly<Record<string, string>>;
  readonly signInPath: string;
}

export function signUpPage({ frame, asking, email, problem, hidden, signInPath }: SignUpView): Page {
  const { words } = frame;
  return layout(frame, {
    page: "sign-up",
    title: words.signUpTitle,
    main: html`<h1>${words.signUpTitle}</h1>
${whoIsAsking(asking, words)}
${problem === undefined ? "" : html`<p class="note" role="alert">${problem}</p>`}
<form method="post" action="/sign_up">
${hiddenFields(hidden)}
<label class="field">${words.email}<input type="email" name="email" value="${email}" autocomplete="username" required></label>
<label class="field">${words.password}<input type="password" name="password" autocomplete="new-password" minlength="8" maxlength="256" required></label>
<div class="actions"><button class="primary">${words.signUp}</button></div>
</form>
<p class="soft">${words.haveAccount} <a href="${signInPath}">${words.signIn}</a></p>`,
  });
}
