import type { DescribedRequest } from "vouchsafe";
import { type Html, hiddenFields, html, layout, type Page, shownHost } from "vouchsafe/pages";
import type { ServerFrame, Words } from "./words.ts";

export interface SignInView {
  readonly frame: ServerFrame;
  /** The authorization request that led here. */
  readonly asking: DescribedRequest | undefined;
  readonly email: string;
  /** What was wrong with the form that was sent. */
  readonly problem: string | undefined;
  readonly hidden: Readonly<Record<string, string>>;
  /** Where to make an account; undefined where people cannot. */
  readonly signUpPath: string | undefined;
}

export function signInPage({ frame, asking, email, problem, hidden, signUpPath }: SignInView): Page {
  const { words } = frame;
  return layout(frame, {
    page: "sign-in",
    title: words.title,
    main: html`<h1>${words.title}</h1>
${whoIsAsking(asking, words)}
${problem === undefined ? "" : html`<p class="note" role="alert">${problem}</p>`}
<form method="post" action="/sign_in">
${hiddenFields(hidden)}
<label class="field">${words.email}<input type="email" name="email" value="${email}" autocomplete="username" required></label>
<label class="field">${words.password}<input type="password" name="password" autocomplete="current-password" required></label>
<div class="actions"><button class="primary">${words.signIn}</button></div>
</form>
${signUpPath === undefined ? "" : html`<p class="soft">${words.noAccount} <a href="${signUpPath}">${words.signUp}</a></p>`}`,
  });
}

/** A name that an app gave itself says nothing about where it leads. */
export function whoIsAsking(asking: DescribedRequest | undefined, words: Words): Html | string {
  if (asking === undefined) return "";
  const { clientName, tier, site, destination } = asking;
  if (tier === "named-itself") return html`<p>${words.toContinueTo} <b>${words.appThatNamedItself(clientName)}</b></p>`;
  const place = site === "" && destination.kind === "website" ? destination.host : site;
  return html`<p>${words.toContinueTo} <b>${clientName}</b>${place === "" ? "" : ` (${shownHost(place)})`}</p>`;
}
