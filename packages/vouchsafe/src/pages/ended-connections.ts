import { type ConnectionsView, endedRow, type ShownConnection } from "./connection.ts";
import { html } from "./html.ts";
import { layout, type Page } from "./layout.ts";
import { otherPages, type PageNumber } from "./paging.ts";

export interface EndedConnectionsView extends ConnectionsView {
  /** Those of this page, the last first. */
  readonly ended: readonly ShownConnection[];
  readonly page: PageNumber;
}

/** What could use the account until lately. */
export function endedConnectionsPage(view: EndedConnectionsView): Page {
  const { frame, person, ended, path } = view;
  const words = frame.messages.connectedApps;
  return layout(frame, {
    page: "ended-connections",
    title: words.endedLately,
    person,
    isOwn: true,
    main: html`<h1>${words.endedLately}</h1>
<ul class="rows">${ended.map((connection) => endedRow(connection, view))}</ul>
${otherPages(view.page, `${path}/ended`, frame.messages)}
<p><a class="button" href="${path}">${words.title}</a></p>`,
  });
}
