import type { Person } from "../config.ts";
import type { Messages } from "../messages/messages.ts";
import { type Html, html, raw } from "./html.ts";
import type { Frame } from "./look.ts";

export interface Layout {
  /** Which page this is, for the host app: `consent`, `done`, `connected-apps`, `error` … */
  readonly page: string;
  readonly title: string;
  readonly main: Html;
  /** Who is signed in. */
  readonly person?: Person | undefined;
  /** To the right of the host's name. Default: who is signed in. */
  readonly aside?: Html;
  /** For the head, such as the done page's way on. */
  readonly head?: Html;
  /** A page of the person's own account, not one on the way between apps: nobody who opened it may keep a handle on it. */
  readonly isOwn?: boolean;
  /** The page has a copy button, or what else the look's script is for. */
  readonly hasScript?: boolean;
}

/** A page, and the headers it must be sent with. */
export interface Page {
  readonly html: Html;
  readonly headers: Readonly<Record<string, string>>;
}

/** The frame of every page. What the host app puts around it stands outside, and takes nothing from it. */
export function layout(frame: Frame, { page, title, main, person, aside, head, isOwn = false, hasScript = false }: Layout): Page {
  const { messages, name, logo, stylesheet, hostStylesheet } = frame;
  const { language, direction } = messages;
  const { above = "", below = "" } = frame.around({ page, title, language, direction, person });
  const document = html`<!doctype html>
<html lang="${language}" dir="${direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
${head ?? ""}<style>${raw(stylesheet)}</style>${hostStylesheet === undefined ? "" : html`<link rel="stylesheet" href="${hostStylesheet}">`}
</head>
<body>
${above}<main>
<header>${logo === undefined ? "" : html`<img src="${logo}" alt="" height="24">`}<strong>${name}</strong><span>${aside ?? person?.email ?? person?.name ?? ""}</span></header>
<div class="card">
${main}
</div>
${links(frame)}</main>
${below}${hasScript ? scriptOf(frame) : ""}</body>
</html>
`;
  const headers = hasScript ? frame.headersWithScript : frame.headers;
  return { html: document, headers: isOwn ? { ...headers, "cross-origin-opener-policy": "same-origin" } : headers };
}

/** Our own script, in a plain string: bundlers rewrite this end tag where a template has it, for programs that stand in a page. */
const scriptOf = ({ script }: Frame): Html => raw(`<script>${script}</script>`);

/** In a window of their own, so that the question is still there afterwards. */
function links({ links: named }: Frame): Html | string {
  if (named.length === 0) return "";
  return html`<footer>${named.map(({ words, href }) => html`<a href="${href}" target="_blank" rel="noopener">${words}</a>`)}</footer>
`;
}

/** Sends a page with the headers every page must have. */
export function pageResponse({ html: body, headers }: Page, { status = 200, headers: more = {} }: PageOptions = {}): Response {
  return new Response(body.toString(), { status, headers: { ...headers, ...more } });
}

export interface PageOptions {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A disclosure with what support will ask for, as selectable text. */
export function technicalDetails(messages: Messages, details: Readonly<Record<string, string>>): Html {
  const rows = Object.entries(details).map(([name, value]) => html`<dt>${name}</dt><dd><code>${value}</code></dd>`);
  return html`<details><summary>${messages.technicalDetails}</summary><dl>${rows}</dl></details>`;
}

/** The hidden fields of a form. */
export function hiddenFields(fields: Readonly<Record<string, string>>): readonly Html[] {
  return Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`);
}
