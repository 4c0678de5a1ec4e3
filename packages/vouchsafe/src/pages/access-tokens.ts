import type { Person } from "../config.ts";
import type { Mistake } from "../protocol/errors.ts";
import { offeredEnds } from "../protocol/personal-token.ts";
import type { Scope, Vocabulary } from "../protocol/scope.ts";
import { copyableText } from "./copy-button.ts";
import { date, lastUsed } from "./dates.ts";
import { describeScope, scopeWords } from "./describe-scope.ts";
import { type Html, html } from "./html.ts";
import { hiddenFields, layout, type Page } from "./layout.ts";
import type { Frame } from "./look.ts";
import { otherPages, type PageNumber } from "./paging.ts";

interface CommonView {
  readonly frame: Frame;
  readonly person: Person;
  /** Where the page is: each token's own paths are below. */
  readonly path: string;
  readonly connectedAppsPath: string;
}

export interface AccessTokensView extends CommonView {
  readonly vocabulary: Vocabulary;
  readonly tokens: readonly ShownToken[];
  readonly page: PageNumber;
  readonly now: number;
  /** The permissions a token can have. */
  readonly offered: Scope;
  readonly ticked: Scope;
  /** What stood in the form that was sent, where that had a mistake. */
  readonly filled: { readonly name: string; readonly ends: string; readonly until: string };
  readonly mayNeverEnd: boolean;
  readonly hiddenForNew: Readonly<Record<string, string>>;
  readonly hiddenForDelete: Readonly<Record<string, string>>;
  /** What was wrong with the form that was sent. */
  readonly mistake: Mistake | undefined;
  /** The form was sent before: its token was shown then. */
  readonly isRepeated: boolean;
}

interface ShownToken {
  readonly grant: { readonly id: string; readonly scope: Scope; readonly createdAt: number; readonly endsAt: number | undefined };
  readonly name: string;
  readonly usedAt: number | undefined;
}

/** A person's own tokens, and the form for another one. */
export function accessTokensPage(view: AccessTokensView): Page {
  const { frame, person, tokens, connectedAppsPath } = view;
  const words = frame.messages.accessTokens;
  return layout(frame, {
    page: "access-tokens",
    title: words.title,
    person,
    isOwn: true,
    main: html`<h1>${words.title}</h1>
<p>${words.lead}</p>
<p class="soft">${words.appsElsewhere} <a href="${connectedAppsPath}">${words.connectedApps}</a>.</p>
${view.isRepeated ? html`<p class="note" role="status">${words.noLongerVisible}</p>` : ""}
${view.mistake === undefined ? "" : html`<p class="note" role="alert">${frame.messages.mistakes[view.mistake]}</p>`}
${tokens.length === 0 ? html`<p>${words.empty}</p>` : html`<ul class="rows">${tokens.map((token) => row(token, view))}</ul>${otherPages(view.page, view.path, frame.messages)}`}
${newTokenForm(view)}`,
  });
}

function row({ grant, name, usedAt }: ShownToken, { frame: { messages }, vocabulary, now, path, hiddenForDelete }: AccessTokensView): Html {
  const words = messages.accessTokens;
  const facts = [
    describeScope(grant.scope, vocabulary, messages),
    lastUsed(usedAt, now, messages),
    `${words.made} ${date(grant.createdAt, messages)}`,
    grant.endsAt === undefined ? words.noEnd : `${words.ends} ${date(grant.endsAt, messages)}`,
  ];
  return html`<li><div class="row"><b>${name}</b><form method="post" action="${path}/${grant.id}/delete">${hiddenFields(hiddenForDelete)}<button aria-label="${words.delete}: ${name}">${words.delete}</button></form></div>
<div class="soft">${facts.join(" · ")}</div></li>`;
}

function newTokenForm({
  frame: { messages },
  vocabulary,
  path,
  offered,
  ticked,
  filled,
  mayNeverEnd,
  hiddenForNew,
}: AccessTokensView): Html {
  const words = messages.accessTokens;
  const boxes = offered.map(
    (name) =>
      html`<label><input type="checkbox" name="scope" value="${name}" ${ticked.includes(name) ? "checked" : ""}> ${scopeWords(name, vocabulary, messages)}</label>`,
  );
  const ends = [...offeredEnds, ...(mayNeverEnd ? (["never"] as const) : [])].map(
    (value) =>
      html`<label><input type="radio" name="ends" value="${value}" ${value === filled.ends ? "checked" : ""}> ${value === "never" ? words.never : messages.consent.lasts(value)}</label>`,
  );
  return html`<h2>${words.newTitle}</h2>
<form method="post" action="${path}">
${hiddenFields(hiddenForNew)}
<label class="field">${words.name}<input type="text" name="name" value="${filled.name}" maxlength="100" autocomplete="off" required></label>
<fieldset><legend>${words.canDo}</legend>
${boxes}
</fieldset>
<fieldset><legend>${words.endsAfter}</legend><div class="choices">${ends}<label><input type="radio" name="ends" value="date" ${filled.ends === "date" ? "checked" : ""}> ${words.atDate}</label></div>
<label class="field">${words.date}<input type="date" name="until" value="${filled.until}"></label></fieldset>
<div class="actions"><button class="primary">${words.create}</button></div>
</form>`;
}

export interface NewAccessTokenView extends CommonView {
  readonly name: string;
  readonly value: string;
}

/** The one page that shows a token. */
export function newAccessTokenPage({ frame, person, path, name, value }: NewAccessTokenView): Page {
  const words = frame.messages.accessTokens;
  const title = words.created(name);
  return layout(frame, {
    page: "new-access-token",
    title,
    person,
    isOwn: true,
    hasScript: true,
    main: html`<h1>${title}</h1>
<p class="note" role="status">${words.shownOnce}</p>
${copyableText(value, frame.messages)}
<p class="soft">${words.sendIt}</p>
${copyableText(`Authorization: Bearer ${value}`, frame.messages)}
<p><a class="button" href="${path}">${words.back}</a></p>`,
  });
}
