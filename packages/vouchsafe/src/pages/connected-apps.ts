import type { Person } from "../config.ts";
import type { Messages } from "../messages/messages.ts";
import { type Client, pathIdOf } from "../protocol/client.ts";
import type { ClientGrant } from "../protocol/grant.ts";
import type { Vocabulary } from "../protocol/scope.ts";
import { hostOf } from "../protocol/trust-tier.ts";
import { shownName } from "./client-name.ts";
import { date, lastUsed } from "./dates.ts";
import { describeScope } from "./describe-scope.ts";
import { type Html, html } from "./html.ts";
import { layout } from "./layout.ts";
import { shownHost } from "./shown-host.ts";

export interface ConnectedAppsView {
  readonly hostName: string;
  readonly messages: Messages;
  readonly person: Person;
  readonly vocabulary: Vocabulary;
  readonly now: number;
  readonly apps: readonly ShownApp[];
  /** Which page this is, counted from one. */
  readonly page: { readonly number: number; readonly of: number };
  readonly ended: readonly ShownConnection[];
  /** Where the page is: each app's own pages are below. */
  readonly path: string;
  /** Undefined where there are none. */
  readonly accessTokensPath: string | undefined;
  /** What was done a moment ago, in words. */
  readonly done: string | undefined;
}

interface ShownApp {
  readonly client: Client;
  readonly connections: readonly ShownConnection[];
}

interface ShownConnection {
  readonly client: Client;
  readonly grant: ClientGrant;
  readonly usedAt: number | undefined;
}

/** Which apps can use the account, and what to do about it. */
export function connectedAppsPage(view: ConnectedAppsView): Html {
  const { hostName, messages, person, apps, done, path, accessTokensPath } = view;
  const words = messages.connectedApps;
  const tokens = accessTokensPath === undefined ? "" : html`<p><a href="${accessTokensPath}">${messages.accessTokens.title}</a></p>`;
  return layout({
    hostName,
    messages,
    title: words.title,
    aside: person.email ?? person.name,
    main: html`<h1>${words.title}</h1>
${done === undefined ? "" : html`<p class="note" role="status">${done}</p>`}
${
  apps.length === 0
    ? html`<p>${words.empty}</p>`
    : html`<p>${words.lead(hostName)}</p><ul class="rows">${apps.map((app) => row(app, view))}</ul>
${otherPages(view)}
<p><a class="button" href="${path}/all/disconnect">${words.disconnectAll}</a></p>`
}
${whatHasEnded(view)}
${tokens}`,
  });
}

function row({ client, connections }: ShownApp, view: ConnectedAppsView): Html {
  const { messages, path } = view;
  const words = messages.connectedApps;
  const [newest, ...older] = connections;
  if (newest === undefined) return html``;
  const id = pathIdOf(client.id);
  const name = shownName(client, messages);
  return html`<li><div class="row"><b>${name}</b><span>${link(`${path}/${newest.grant.id}/edit`, words.edit, client.name)} · ${link(`${path}/${id}/disconnect`, words.disconnect, client.name)}</span></div>
<div class="soft">${origin(client, messages)}${facts(newest, view)}</div>
${older.length === 0 ? "" : html`<details><summary>${words.connections(connections.length)}</summary><ul>${connections.map((connection) => connectionRow(connection, view))}</ul></details>`}</li>`;
}

const connectionRow = (connection: ShownConnection, view: ConnectedAppsView): Html => {
  const { path, messages } = view;
  const words = messages.connectedApps;
  const own = `${path}/${connection.grant.id}`;
  return html`<li class="soft">${facts(connection, view)} · <a href="${own}/edit">${words.edit}</a> · <a href="${own}/disconnect">${words.disconnect}</a></li>`;
};

/** Read out alone, a link says which app it is about. */
const link = (href: string, words: string, name: string): Html => html`<a href="${href}" aria-label="${words}: ${name}">${words}</a>`;

function origin(client: Client, { connectedApps: words }: Messages): string {
  if (client.origin === "dynamic") return `${words.namedItself} · `;
  return client.origin === "document" ? `${shownHost(hostOf(client))} · ` : "";
}

function facts({ grant, usedAt }: ShownConnection, { messages, vocabulary, now }: ConnectedAppsView): string {
  const words = messages.connectedApps;
  const end = grant.endsAt === undefined ? words.noEnd : `${words.ends} ${date(grant.endsAt, messages)}`;
  const parts = [
    describeScope(grant.scope, vocabulary),
    lastUsed(usedAt, now, messages),
    `${words.connected} ${date(grant.createdAt, messages)}`,
    end,
  ];
  return parts.join(" · ");
}

function otherPages({ page: { number, of }, path, messages }: ConnectedAppsView): Html | string {
  if (of === 1) return "";
  const words = messages.connectedApps;
  const newer = number > 1 ? html`<a rel="prev" href="${path}?page=${number - 1}">${words.newer}</a>` : "";
  const older = number < of ? html`<a rel="next" href="${path}?page=${number + 1}">${words.older}</a>` : "";
  return html`<nav class="row" aria-label="${words.pages}">${newer}<span class="soft">${words.pageOf(number, of)}</span>${older}</nav>`;
}

function whatHasEnded({ ended, messages }: ConnectedAppsView): Html | string {
  if (ended.length === 0) return "";
  const words = messages.connectedApps;
  const rows = ended.map(({ client, grant }) => {
    const at = grant.revokedAt ?? grant.endsAt ?? 0;
    return html`<li class="soft">${shownName(client, messages)} · ${words.ended} ${date(at, messages)}</li>`;
  });
  return html`<details><summary>${words.endedLately}</summary><ul>${rows}</ul></details>`;
}
