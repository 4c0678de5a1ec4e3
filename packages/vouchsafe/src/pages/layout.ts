import type { Messages } from "../messages/messages.ts";
import { type Html, html, raw } from "./html.ts";
import { stylesheet, stylesheetHash } from "./stylesheet.ts";

export interface Layout {
  /** The host app's name. */
  readonly hostName: string;
  readonly title: string;
  readonly messages: Messages;
  readonly main: Html;
  /** To the right of the host's name. */
  readonly aside?: Html | string;
  /** For the head, such as the done page's way on. */
  readonly head?: Html | string;
}

/** The frame of every page. */
export function layout({ hostName, title, messages, main, aside = "", head = "" }: Layout): Html {
  return html`<!doctype html>
<html lang="${messages.language}" dir="${messages.direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
${head}<style>${raw(stylesheet)}</style>
</head>
<body>
<header><strong>${hostName}</strong><span>${aside}</span></header>
<main>
${main}
</main>
</body>
</html>
`;
}

const pageHeaders = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": `default-src 'none'; style-src ${stylesheetHash}; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
  "x-frame-options": "DENY",
  "x-content-type-options": "nosniff",
  "permissions-policy": "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()",
} as const;

const secureHeaders = { ...pageHeaders, "strict-transport-security": "max-age=31536000; includeSubDomains" } as const;

/** The person's own pages: nobody who opened them may keep a handle on them. */
const ownHeaders = { "cross-origin-opener-policy": "same-origin" } as const;

export interface PageOptions {
  /** The issuer is https. */
  readonly isSecure: boolean;
  readonly status?: number;
  /** A page of the person's own account, not one on the way between apps. */
  readonly isOwn?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a page with the headers every page must have. */
export function pageResponse(page: Html, { isSecure, status = 200, isOwn = false, headers = {} }: PageOptions): Response {
  const base = isSecure ? secureHeaders : pageHeaders;
  const own = isOwn ? ownHeaders : {};
  return new Response(page.toString(), { status, headers: { ...base, ...own, ...headers } });
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
