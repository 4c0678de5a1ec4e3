import type { Person } from "vouchsafe";
import { hiddenFields, html, layout, type Page } from "vouchsafe/pages";
import type { ServerFrame } from "./words.ts";

export interface SignOutView {
  readonly frame: ServerFrame;
  readonly person: Person;
  readonly hidden: Readonly<Record<string, string>>;
}

/** Here, or everywhere. */
export function signOutPage({ frame, person, hidden }: SignOutView): Page {
  const { words } = frame;
  return layout(frame, {
    page: "sign-out",
    title: words.signOutTitle,
    person,
    main: html`<h1>${words.signOutTitle}</h1>
<form method="post" action="/sign_out">${hiddenFields(hidden)}
<div class="actions"><a class="button" href="/">${words.stay}</a><button class="primary">${words.signOut}</button></div>
<p class="soft">${words.everywhereMeans}</p>
<div class="actions"><button name="everywhere" value="yes">${words.signOutEverywhere}</button></div></form>`,
  });
}
