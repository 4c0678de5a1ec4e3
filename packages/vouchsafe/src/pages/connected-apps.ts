import { pathIdOf } from "../protocol/client.ts";
import { type Scope, union } from "../protocol/scope.ts";
import { shortName } from "./client-name.ts";
import {
  type ConnectionsView,
  connectionFacts,
  connectionRow,
  endedRow,
  makerOf,
  type ShownApp,
  type ShownConnection,
} from "./connection.ts";
import { copyableText } from "./copy-button.ts";
import { type Html, html } from "./html.ts";
import { layout, type Page } from "./layout.ts";
import { otherPages, type PageNumber } from "./paging.ts";

export interface ConnectedAppsView extends ConnectionsView {
  readonly apps: readonly ShownApp[];
  readonly page: PageNumber;
  /** The last ones, the last first. */
  readonly ended: readonly ShownConnection[];
  /** Undefined where there are none. */
  readonly accessTokensPath: string | undefined;
  /** The address to give to an app; undefined where no resource has one of its own. */
  readonly address: string | undefined;
  /** What was done a moment ago, in words. */
  readonly done: string | undefined;
}

/** What is more than these has a page of its own. */
const mostConnections = 3;
const mostEnded = 5;

/** Several connections stand inside the row of their app; many do not, and one is the row itself. */
export const connectionsInside = <Connection>(connections: readonly Connection[]): readonly Connection[] =>
  connections.length > 1 && connections.length <= mostConnections ? connections : [];

/** Which apps can use the account, and what to do about it. */
export function connectedAppsPage(view: ConnectedAppsView): Page {
  const { frame, person, apps, done, path, accessTokensPath } = view;
  const { messages } = frame;
  const words = messages.connectedApps;
  const tokens = accessTokensPath === undefined ? "" : html`<p><a href="${accessTokensPath}">${messages.accessTokens.title}</a></p>`;
  return layout(frame, {
    page: "connected-apps",
    title: words.title,
    person,
    isOwn: true,
    hasScript: apps.length === 0 && view.address !== undefined,
    main: html`<h1>${words.title}</h1>
${done === undefined ? "" : html`<p class="note" role="status">${done}</p>`}
${
  apps.length === 0
    ? html`<p>${words.empty}</p>${view.address === undefined ? "" : html`<p>${words.address}</p>${copyableText(view.address, messages)}`}`
    : html`<p>${words.lead(frame.name)}</p><ul class="rows">${apps.map((app, index) => row(app, index, view))}</ul>
${otherPages(view.page, path, messages)}
<p><a class="button" href="${path}/all/disconnect">${words.disconnectAll}</a></p>`
}
${whatHasEnded(view)}
${tokens}`,
  });
}

function row(app: ShownApp, index: number, view: ConnectedAppsView): Html {
  const { frame, path } = view;
  const { messages } = frame;
  const words = messages.connectedApps;
  const { client, connections } = app;
  const [newest] = connections;
  if (newest === undefined) return html``;
  const own = `${path}/${pathIdOf(client.id)}`;
  const edit = connections.length === 1 ? `${path}/${newest.grant.id}/edit` : own;
  return html`<li><div class="row"><b id="app${index}">${shortName(client, messages)}</b><span>${link(edit, words.edit, "edit", index)} · ${link(`${own}/disconnect`, words.disconnect, "end", index)}</span></div>
<div class="soft">${[makerOf(app, frame), ...connectionFacts(together(newest, connections), view)].join(" · ")}</div>
${connections.length === 1 ? "" : allConnections(app, own, index, view)}</li>`;
}

/** What an app can do is what any of its connections can. */
function together(newest: ShownConnection, connections: readonly ShownConnection[]): ShownConnection {
  const scope = connections.reduce<Scope>((all, { grant }) => union(all, grant.scope), []);
  const usedAt = connections.reduce<number | undefined>((last, one) => latest(last, one.usedAt), undefined);
  const isEndless = connections.some(({ grant }) => grant.endsAt === undefined);
  const endsAt = isEndless ? undefined : connections.reduce<number | undefined>((last, { grant }) => latest(last, grant.endsAt), undefined);
  return { ...newest, usedAt, grant: { ...newest.grant, scope, endsAt } };
}

const latest = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined || other === undefined ? (one ?? other) : Math.max(one, other);

function allConnections({ connections }: ShownApp, own: string, index: number, view: ConnectedAppsView): Html {
  const all = view.frame.messages.connectedApps.connections(connections.length);
  const inside = connectionsInside(connections);
  if (inside.length === 0) return html`<div class="soft">${link(own, all, "all", index)}</div>`;
  return html`<details><summary>${all}</summary><ul>${inside.map((connection) => connectionRow(connection, view))}</ul></details>`;
}

/** Read out alone, a link says which app it is about. */
const link = (href: string, words: string, kind: string, index: number): Html =>
  html`<a href="${href}" id="${kind}${index}" aria-labelledby="${kind}${index} app${index}">${words}</a>`;

function whatHasEnded(view: ConnectedAppsView): Html | string {
  const { ended, frame, path } = view;
  if (ended.length === 0) return "";
  const words = frame.messages.connectedApps;
  const more = ended.length > mostEnded ? html`<p><a href="${path}/ended">${words.allEnded(ended.length)}</a></p>` : "";
  const rows = ended.slice(0, mostEnded).map((connection) => endedRow(connection, view));
  return html`<details><summary>${words.endedLately}</summary><ul>${rows}</ul>${more}</details>`;
}
