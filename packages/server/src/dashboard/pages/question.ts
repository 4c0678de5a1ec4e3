import { type Html, hiddenFields, html, type Page } from "vouchsafe/pages";
import type { ReachDocument } from "../../operator/operator.ts";
import { type DashboardFrame, dashboardPage, type Tab } from "./frame.ts";
import { counted } from "./words.ts";

export interface QuestionView {
  readonly frame: DashboardFrame;
  readonly tab: Tab;
  /** `Revoke all of Claude Code?` */
  readonly title: string;
  /** What it will touch. */
  readonly words: string;
  readonly button: string;
  /** Where the form goes. */
  readonly action: string;
  /** Where nothing happens. */
  readonly back: string;
  readonly hidden: Readonly<Record<string, string>>;
}

/** Says what something will touch before it is done. */
export function questionPage({ frame, tab, title, words, button, action, back, hidden }: QuestionView): Page {
  return dashboardPage(frame, {
    tab,
    title,
    main: html`<div class="panel question"><p>${words}</p>
<form method="post" action="${action}">${hiddenFields(hidden)}<div class="actions">${keep(back)}<button class="primary">${button}</button></div></form></div>`,
  });
}

const keep = (back: string): Html => html`<a class="button" href="${back}">Keep</a>`;

/** `12 people, 14 connections and 0 tokens of its own` */
export function reachOfApp({ people, connections, client_tokens: own }: ReachDocument): string {
  return `${counted(people, "person", "people")}, ${counted(connections, "connection")} and ${counted(own, "token")} of its own`;
}

/** `3 connections and 1 personal token` */
export function reachOfPerson({ connections, personal_tokens: tokens }: Pick<ReachDocument, "connections" | "personal_tokens">): string {
  return `${counted(connections, "connection")} and ${counted(tokens, "personal token")}`;
}
