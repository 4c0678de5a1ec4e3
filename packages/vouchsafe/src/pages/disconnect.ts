import type { Person } from "../config.ts";
import { html } from "./html.ts";
import { hiddenFields, layout, type Page } from "./layout.ts";
import type { Frame } from "./look.ts";

export interface DisconnectView {
  readonly frame: Frame;
  readonly person: Person;
  /** Undefined: all of them. */
  readonly clientName: string | undefined;
  /** One of several connections of the app. */
  readonly isOneOfMany: boolean;
  readonly action: string;
  readonly path: string;
  readonly hidden: Readonly<Record<string, string>>;
}

/** Asks once, on a page of its own, so that no script is needed. */
export function disconnectPage(view: DisconnectView): Page {
  const { frame, person, clientName, action, path, hidden } = view;
  const words = frame.messages.connectedApps;
  const [title, meaning] = question(view);
  return layout(frame, {
    page: "disconnect",
    title,
    person,
    isOwn: true,
    main: html`<h1>${title}</h1>
<p>${meaning}</p>
<form method="post" action="${action}">
${hiddenFields(hidden)}
<div class="actions"><a class="button" href="${path}">${words.keep}</a><button class="primary">${clientName === undefined ? words.disconnectAll : words.disconnect}</button></div>
</form>`,
  });
}

function question({ frame, clientName, isOneOfMany }: DisconnectView): readonly [title: string, meaning: string] {
  const words = frame.messages.connectedApps;
  if (clientName === undefined) return [words.confirmAllTitle, words.confirmAll];
  return isOneOfMany ? [words.confirmOneTitle(clientName), words.confirmOne] : [words.confirmTitle(clientName), words.confirm];
}
