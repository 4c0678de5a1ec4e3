import type { Person } from "../config.ts";
import { type Client, pathIdOf } from "../protocol/client.ts";
import type { BrowserName, ClientGrant } from "../protocol/grant.ts";
import type { Vocabulary } from "../protocol/scope.ts";
import { hostOf } from "../protocol/trust-tier.ts";
import { shownName } from "./client-name.ts";
import { copyableText } from "./copy-button.ts";
import { date, lastUsed } from "./dates.ts";
import { describeScope } from "./describe-scope.ts";
import { type Html, html } from "./html.ts";
import { layout, type Page } from "./layout.ts";
import type { Frame } from "./look.ts";
import { otherPages, type PageNumber } from "./paging.ts";
import { shownHost } from "./shown-host.ts";

export interface ConnectedAppsView {
  readonly frame: Frame;
  readonly person: Person;
  readonly vocabulary: Vocabulary;
  readonly now: number;
  readonly apps: readonly ShownApp[];
  readonly page: PageNumber;
  readonly ended: readonly ShownConnection[];
  /** Where the page is: each app's own pages are below. */
  readonly path: string;
  /** Undefined where there are none. */
  readonly accessTokensPath: string | undefined;
  /** The address to give to an app; undefined where no resource has one of its own. */
  readonly address: string | undefined;
  /** What was done a moment ago, in words. */
  readonly done: string | undefined;
}

interface ShownApp {
  readonly client: Client;
  /** By the operator: its site, or all of it. */
  readonly isChecked: boolean;
  readonly connections: readonly ShownConnection[];
}

interface ShownConnection {
  readonly client: Client;
  readonly grant: ClientGrant;
  readonly usedAt: number | undefined;
  readonly browser: BrowserName | undefined;
}

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
    : html`<p>${words.lead(frame.name)}</p><ul class="rows">${apps.map((app) => row(app, view))}</ul>
${otherPages(view.page, path, messages)}
<p><a class="button" href="${path}/all/disconnect">${words.disconnectAll}</a></p>`
}
${whatHasEnded(view)}
${tokens}`,
  });
}

function row(app: ShownApp, view: ConnectedAppsView): Html {
  const {
    frame: { messages },
    path,
  } = view;
  const words = messages.connectedApps;
  const { client, connections } = app;
  const [newest, ...older] = connections;
  if (newest === undefined) return html``;
  const id = pathIdOf(client.id);
  const name = shownName(client, messages);
  return html`<li><div class="row"><b>${name}</b><span>${link(`${path}/${newest.grant.id}/edit`, words.edit, client.name)} · ${link(`${path}/${id}/disconnect`, words.disconnect, client.name)}</span></div>
<div class="soft">${[...origin(app, view), ...facts(newest, view)].join(" · ")}</div>
${older.length === 0 ? "" : html`<details><summary>${words.connections(connections.length)}</summary><ul>${connections.map((connection) => connectionRow(connection, view))}</ul></details>`}</li>`;
}

/** Of several connections it says where each was made, so that they can be told apart. */
function connectionRow(connection: ShownConnection, view: ConnectedAppsView): Html {
  const {
    path,
    frame: { messages },
  } = view;
  const words = messages.connectedApps;
  const { browser, grant } = connection;
  const own = `${path}/${grant.id}`;
  const place = browser === undefined ? [] : [messages.browser(browser.browser, browser.system)];
  return html`<li class="soft">${[...place, ...facts(connection, view)].join(" · ")} · <a href="${own}/edit">${words.edit}</a> · <a href="${own}/disconnect">${words.disconnect}</a></li>`;
}

/** Read out alone, a link says which app it is about. */
const link = (href: string, words: string, name: string): Html => html`<a href="${href}" aria-label="${words}: ${name}">${words}</a>`;

/** What we know of who made it. */
function origin({ client, isChecked }: ShownApp, { frame: { messages, name } }: ConnectedAppsView): readonly string[] {
  if (client.origin === "dynamic") return [messages.connectedApps.namedItself];
  if (client.origin === "document") return [`${shownHost(hostOf(client))}${isChecked ? " ✓" : ""}`];
  return [client.firstParty ? messages.consent.madeBy(name) : `✓ ${messages.consent.checkedBy(name)}`];
}

function facts({ grant, usedAt }: ShownConnection, { frame: { messages }, vocabulary, now }: ConnectedAppsView): readonly string[] {
  const words = messages.connectedApps;
  return [
    describeScope(grant.scope, vocabulary),
    lastUsed(usedAt, now, messages),
    `${words.connected} ${date(grant.createdAt, messages)}`,
    grant.endsAt === undefined ? words.noEnd : `${words.ends} ${date(grant.endsAt, messages)}`,
  ];
}

function whatHasEnded({ ended, frame: { messages } }: ConnectedAppsView): Html | string {
  if (ended.length === 0) return "";
  const words = messages.connectedApps;
  const rows = ended.map(({ client, grant }) => {
    const at = grant.revokedAt ?? grant.endsAt ?? 0;
    return html`<li class="soft">${shownName(client, messages)} · ${words.ended} ${date(at, messages)}</li>`;
  });
  return html`<details><summary>${words.endedLately}</summary><ul>${rows}</ul></details>`;
}
