import type { Person } from "../config.ts";
import type { Mistake } from "../protocol/errors.ts";
import type { ClientGrant } from "../protocol/grant.ts";
import type { Scope, Vocabulary } from "../protocol/scope.ts";
import { date } from "./dates.ts";
import { scopeWords } from "./describe-scope.ts";
import { html } from "./html.ts";
import { hiddenFields, layout, type Page } from "./layout.ts";
import type { Frame } from "./look.ts";

export interface EditConnectionView {
  readonly frame: Frame;
  readonly person: Person;
  readonly vocabulary: Vocabulary;
  readonly clientName: string;
  readonly grant: ClientGrant;
  /** The lengths of time that end sooner than the connection would. */
  readonly choices: readonly string[];
  readonly path: string;
  readonly action: string;
  readonly hidden: Readonly<Record<string, string>>;
  /** The value that keeps the end. */
  readonly keep: string;
  /** What is ticked and chosen: all of it, and as it is, unless the form was sent with a mistake. */
  readonly ticked: Scope;
  readonly lifetime: string;
  /** What was wrong with the form that was sent. */
  readonly mistake: Mistake | undefined;
}

/** What can be taken from a connection: a permission, or some of its time. Nothing here gives. */
export function editConnectionPage(view: EditConnectionView): Page {
  const { frame, person, vocabulary, grant, choices } = view;
  const { messages } = frame;
  const words = messages.editConnection;
  const title = words.title(view.clientName);
  const boxes = grant.scope.map((name) => {
    const description = scopeWords(name, vocabulary, messages);
    return vocabulary.get(name)?.required === true
      ? html`<label><input type="checkbox" checked disabled> ${description} ${messages.consent.required}</label>`
      : html`<label><input type="checkbox" name="scope" value="${name}" ${view.ticked.includes(name) ? "checked" : ""}> ${description}</label>`;
  });
  const end = grant.endsAt === undefined ? messages.connectedApps.noEnd : `${messages.connectedApps.ends} ${date(grant.endsAt, messages)}`;
  const radios = choices.map(
    (value) =>
      html`<label><input type="radio" name="lifetime" value="${value}" ${view.lifetime === value ? "checked" : ""}> ${words.endsIn(messages.consent.lasts(value))}</label>`,
  );
  return layout(frame, {
    page: "edit-connection",
    title,
    person,
    isOwn: true,
    main: html`<h1>${title}</h1>
<p>${words.lead}</p>
${view.mistake === undefined ? "" : html`<p class="note" role="alert">${messages.mistakes[view.mistake]}</p>`}
<form method="post" action="${view.action}">
${hiddenFields(view.hidden)}
<fieldset><legend>${words.canDo}</legend>
${boxes}
</fieldset>
<fieldset><legend>${words.howLong}</legend><div class="choices"><label><input type="radio" name="lifetime" value="${view.keep}" ${view.lifetime === view.keep ? "checked" : ""}> ${words.asItIs(end)}</label>${radios}</div></fieldset>
<div class="actions"><a class="button" href="${view.path}">${words.cancel}</a><button class="primary">${words.save}</button></div>
</form>`,
  });
}
