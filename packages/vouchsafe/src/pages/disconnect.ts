import type { Person } from "../config.ts";
import { html } from "./html.ts";
import { hiddenFields, layout, type Page } from "./layout.ts";
import type { Frame } from "./look.ts";

export interface DisconnectView {
  readonly frame: Frame;
  readonly person: Person;
  /** Undefined: all of them. */
  readonly clientName: string | undefined;
  readonly action: string;
  readonly path: string;
  readonly hidden: Readonly<Record<string, string>>;
}

/** Asks once, on a page of its own, so that no script is needed. */
export function disconnectPage({ frame, person, clientName, action, path, hidden }: DisconnectView): Page {
  const words = frame.messages.connectedApps;
  const title = clientName === undefined ? words.confirmAllTitle : words.confirmTitle(clientName);
  return layout(frame, {
    page: "disconnect",
    title,
    person,
    isOwn: true,
    main: html`<h1>${title}</h1>
<p>${clientName === undefined ? words.confirmAll : words.confirm}</p>
<form method="post" action="${action}">
${hiddenFields(hidden)}
<div class="actions"><a class="button" href="${path}">${words.keep}</a><button class="primary">${clientName === undefined ? words.disconnectAll : words.disconnect}</button></div>
</form>`,
  });
}
