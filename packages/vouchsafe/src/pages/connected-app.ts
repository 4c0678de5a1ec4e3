import { pathIdOf } from "../protocol/client.ts";
import { shownName } from "./client-name.ts";
import { type ConnectionsView, connectionRow, makerOf, type ShownApp } from "./connection.ts";
import { html } from "./html.ts";
import { layout, type Page } from "./layout.ts";
import { otherPages, type PageNumber } from "./paging.ts";

export interface ConnectedAppView extends ConnectionsView {
  /** With the connections of this page. */
  readonly app: ShownApp;
  readonly page: PageNumber;
}

/** One app with all of its connections, for whoever has many. */
export function connectedAppPage(view: ConnectedAppView): Page {
  const { frame, person, app, path } = view;
  const words = frame.messages.connectedApps;
  const title = shownName(app.client, frame.messages);
  const own = `${path}/${pathIdOf(app.client.id)}`;
  return layout(frame, {
    page: "connected-app",
    title,
    person,
    isOwn: true,
    main: html`<h1>${title}</h1>
<p class="soft">${makerOf(app, frame)}</p>
<ul class="rows">${app.connections.map((connection) => connectionRow(connection, view))}</ul>
${otherPages(view.page, own, frame.messages)}
<div class="actions"><a class="button" href="${path}">${words.title}</a><a class="button" href="${own}/disconnect">${words.disconnect}</a></div>`,
  });
}
