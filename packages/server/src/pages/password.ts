import type { Person } from "vouchsafe";
import { hiddenFields, html, layout, type Page } from "vouchsafe/pages";
import type { ServerFrame } from "./words.ts";

export interface PasswordView {
  readonly frame: ServerFrame;
  readonly person: Person;
  /** What was wrong with the form that was sent. */
  readonly problem: string | undefined;
  readonly hidden: Readonly<Record<string, string>>;
  readonly action: string;
}

export function passwordPage({ frame, person, problem, hidden, action }: PasswordView): Page {
  const { words } = frame;
  return layout(frame, {
    page: "password",
    title: words.changePassword,
    person,
    isOwn: true,
    main: html`<h1>${words.changePassword}</h1>
${problem === undefined ? "" : html`<p class="note" role="alert">${problem}</p>`}
<form method="post" action="${action}">
${hiddenFields(hidden)}
<label class="field">${words.currentPassword}<input type="password" name="current_password" autocomplete="current-password" required></label>
<label class="field">${words.newPassword}<input type="password" name="password" autocomplete="new-password" minlength="8" maxlength="256" required></label>
<div class="actions"><button class="primary">${words.changePassword}</button></div>
</form>`,
  });
}
