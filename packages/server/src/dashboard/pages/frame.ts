import type { Look } from "vouchsafe";
import { en, extendLook, type Frame, type Html, html, layout, type Page } from "vouchsafe/pages";
import { liveScript } from "./live-script.ts";
import { dashboardStyles } from "./stylesheet.ts";

/** The frame of the dashboard: every page's, wider, in English alone. */
export interface DashboardFrame extends Frame {
  /** Who stands in the audit with what they do here. */
  readonly administrator: string;
}

/** A look of the dashboard's, made once of the server's. */
export const dashboardLook = (look: Look): Look => extendLook(look, dashboardStyles, liveScript);

export const dashboardFrame = (look: Look, administrator: string): DashboardFrame => ({ ...look, messages: en, administrator });

/** The pages that the tabs lead to. */
const tabs = [
  ["", "Overview"],
  ["/apps", "Apps"],
  ["/connections", "Connections"],
  ["/tokens", "Tokens"],
  ["/people", "People"],
  ["/security", "Security"],
  ["/audit", "Audit"],
  ["/flows", "Flows"],
  ["/live", "Live"],
  ["/keys", "Keys"],
] as const;

export type Tab = (typeof tabs)[number][1];

export interface DashboardPage {
  readonly tab: Tab;
  /** Default: the tab's name. */
  readonly title?: string | undefined;
  readonly main: Html;
  /** To the right of the title, such as the ranges. */
  readonly beside?: Html | undefined;
  /** What was done on the page before. */
  readonly note?: string | undefined;
  readonly hasScript?: boolean;
}

export function dashboardPage(frame: DashboardFrame, { tab, title = tab, main, beside, note, hasScript = false }: DashboardPage): Page {
  return layout(frame, {
    page: `admin-${tab.toLowerCase()}`,
    title: title === tab ? `${tab} · ${frame.name}` : `${title} · ${tab}`,
    isOwn: true,
    hasScript,
    aside: html`${frame.administrator} · <a href="/">Leave</a>`,
    main: html`<nav class="tabs" aria-label="Dashboard">${tabs.map(
      ([path, name]) => html`<a href="/admin${path}"${name === tab ? html` aria-current="page"` : ""}>${name}</a>`,
    )}</nav>
<div class="head"><h1>${title}</h1>${beside ?? ""}</div>
${note === undefined ? "" : html`<p class="note" role="status">${note}</p>`}
${main}`,
  });
}

/** A page that says what cannot be, and why. */
export function refusalPage(frame: Frame, { title, words }: { readonly title: string; readonly words: string }): Page {
  const main = html`<h1>${title}</h1>
<p>${words}</p>
<p><a href="/admin">Overview</a> · <a href="/">Leave</a></p>`;
  return layout(frame, { page: "admin-refusal", title, isOwn: true, main: html`<div class="panel question">${main}</div>` });
}
