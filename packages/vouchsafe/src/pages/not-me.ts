import { date } from "./dates.ts";
import { html } from "./html.ts";
import { hiddenFields, layout, type Page } from "./layout.ts";
import type { Frame } from "./look.ts";

export interface NotMeView {
  readonly frame: Frame;
  readonly clientName: string;
  readonly connectedAt: number;
  readonly isLive: boolean;
  /** They have said that it was not them. */
  readonly isReported: boolean;
  readonly action: string;
  readonly hidden: Readonly<Record<string, string>>;
  readonly connectedAppsPath: string;
}

/** For whoever was told of a connection that they did not make: to end it, to say so, and what else to do. */
export function notMePage({ frame, clientName, connectedAt, isLive, isReported, action, hidden, connectedAppsPath }: NotMeView): Page {
  const { messages } = frame;
  const words = messages.notMe;
  const title = isLive ? words.title(clientName) : words.endedTitle(clientName);
  const day = date(connectedAt, messages);
  const question = html`<p>${isLive ? words.connectedOn(day) : words.wasConnectedOn(day)}</p>
<form method="post" action="${action}">
${hiddenFields(hidden)}
<div class="actions"><button class="primary">${isLive ? words.end : words.report}</button></div>
</form>`;
  return layout(frame, {
    page: "not-me",
    title,
    isOwn: true,
    main: html`<h1>${title}</h1>
${isReported && !isLive ? html`<p>${words.advice}</p>` : question}
<p class="soft"><a href="${connectedAppsPath}">${messages.connectedApps.title}</a></p>`,
  });
}
