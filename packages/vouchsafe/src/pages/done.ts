import { destinationOf } from "../protocol/redirect-uri.ts";
import { html } from "./html.ts";
import { layout, type Page } from "./layout.ts";
import type { Frame } from "./look.ts";
import { shownHost } from "./shown-host.ts";

export interface DoneView {
  readonly frame: Frame;
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
export function donePage({ frame, clientName, target, isDenied }: DoneView): Page {
  const words = frame.messages.done;
  const destination = destinationOf(target);
  const going = {
    website: () => words.website(destination.kind === "website" ? shownHost(destination.host) : ""),
    loopback: () => words.loopback(clientName),
    "private-use": () => words.privateUse(clientName),
  }[destination.kind]();
  const delay = destination.kind === "website" ? 0 : 2;
  return layout(frame, {
    page: "done",
    title: words.title,
    head: html`<meta http-equiv="refresh" content="${delay};url=${target}">
`,
    main: html`<h1>${isDenied ? words.denied(clientName) : going}</h1>
${isDenied ? html`<p>${going}</p>` : ""}
<p><a class="button primary" href="${target}">${words.continue}</a></p>
${destination.kind === "loopback" ? html`<p class="soft">${words.rescue}</p><code class="address">${target}</code>` : ""}`,
  });
}
