import type { Person } from "../config.ts";
import type { Messages } from "../messages/messages.ts";
import { type Html, html } from "./html.ts";
import { hiddenFields, layout } from "./layout.ts";

export interface DisconnectView {
  readonly hostName: string;
  readonly messages: Messages;
  readonly person: Person;
  /** Undefined: all of them. */
  readonly clientName: string | undefined;
  readonly action: string;
  readonly path: string;
  readonly hidden: Readonly<Record<string, string>>;
}

/** Asks once, on a page of its own, so that no script is needed. */
export function disconnectPage({ hostName, messages, person, clientName, action, path, hidden }: DisconnectView): Html {
  const words = messages.connectedApps;
  const title = clientName === undefined ? words.confirmAllTitle : words.confirmTitle(clientName);
  return layout({
    hostName,
    messages,
    title,
    aside: person.email ?? person.name,
    main: html`<h1>${title}</h1>
<p>${clientName === undefined ? words.confirmAll : words.confirm}</p>
<form method="post" action="${action}">
${hiddenFields(hidden)}
<div class="actions"><a class="button" href="${path}">${words.keep}</a><button class="primary">${clientName === undefined ? words.disconnectAll : words.disconnect}</button></div>
</form>`,
  });
}
