import type { Messages } from "../messages/messages.ts";
import { destinationOf } from "../protocol/redirect-uri.ts";
import { type Html, html } from "./html.ts";
import { layout } from "./layout.ts";
import { shownHost } from "./shown-host.ts";

export interface DoneView {
  readonly hostName: string;
  readonly messages: Messages;
  readonly clientName: string;
  /** The client's redirect URI with the answer. */
  readonly target: string;
  readonly isDenied: boolean;
}

/**
 * Takes the answer back to the client. A redirect of the consent form's own POST would be stopped by `form-action` in
 * Chromium; this page goes on by itself, without script. On loopback and private-use schemes it waits two seconds, so that
 * Back leads here and a failed launch leaves something to read.
 */
export function donePage({ hostName, messages, clientName, target, isDenied }: DoneView): Html {
  const words = messages.done;
  const destination = destinationOf(target);
  const going = {
    website: () => words.website(destination.kind === "website" ? shownHost(destination.host) : ""),
    loopback: () => words.loopback(clientName),
    "private-use": () => words.privateUse(clientName),
  }[destination.kind]();
  const delay = destination.kind === "website" ? 0 : 2;
  return layout({
    hostName,
    messages,
    title: words.title,
    head: html`<meta http-equiv="refresh" content="${delay};url=${target}">
`,
    main: html`<h1>${isDenied ? words.denied(clientName) : going}</h1>
${isDenied ? html`<p>${going}</p>` : ""}
<p><a class="button primary" href="${target}">${words.continue}</a></p>
${destination.kind === "loopback" ? html`<p class="soft">${words.rescue}</p><code class="address">${target}</code>` : ""}`,
  });
}
