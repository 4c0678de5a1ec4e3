import type { Person } from "../config.ts";
import { type Client, pathIdOf } from "../protocol/client.ts";
import type { Grant } from "../protocol/grant.ts";
import type { Vocabulary } from "../protocol/scope.ts";
import { shownName } from "./client-name.ts";
import { date } from "./dates.ts";
import { describeScope } from "./describe-scope.ts";
import { type Html, html } from "./html.ts";
import { hiddenFields, layout } from "./layout.ts";
import type { Messages } from "./messages/en.ts";

/** An app with its connections: one client, all its live grants. */
export interface ConnectedApp {
  readonly client: Client;
  readonly grants: readonly Grant[];
}

export interface ConnectedAppsView {
  readonly hostName: string;
  readonly messages: Messages;
  readonly person: Person;
  readonly vocabulary: Vocabulary;
  readonly apps: readonly ConnectedApp[];
  /** Where the page is: each app's own pages are below. */
  readonly path: string;
  /** The name of the app that was just disconnected. */
  readonly disconnected: string | undefined;
}

export function connectedAppsPage(view: ConnectedAppsView): Html {
  const { hostName, messages, person, apps, disconnected } = view;
  const words = messages.connectedApps;
  return layout({
    hostName,
    messages,
    title: words.title,
    aside: person.email ?? person.name,
    main: html`<h1>${words.title}</h1>
${disconnected === undefined ? "" : html`<p class="note" role="status">${words.disconnected(disconnected)}</p>`}
${apps.length === 0 ? html`<p>${words.empty}</p>` : html`<p>${words.lead(hostName)}</p><ul class="rows">${apps.map((app) => row(app, view))}</ul>`}`,
  });
}

function row({ client, grants }: ConnectedApp, view: ConnectedAppsView): Html {
  const { messages, path } = view;
  const words = messages.connectedApps;
  const [newest, ...older] = grants;
  if (newest === undefined) return html``;
  return html`<li><div class="row"><b>${shownName(client, messages)}</b><a href="${path}/${pathIdOf(client.id)}/disconnect" aria-label="${words.disconnect}: ${client.name}">${words.disconnect}</a></div>
<div class="soft">${client.origin === "dynamic" ? `${words.namedItself} · ` : ""}${facts(newest, view)}</div>
${older.length === 0 ? "" : html`<details><summary>${words.connections(grants.length)}</summary><ul>${grants.map((grant) => html`<li class="soft">${facts(grant, view)} · <a href="${path}/${grant.id}/disconnect">${words.disconnect}</a></li>`)}</ul></details>`}</li>`;
}

function facts(grant: Grant, { messages, vocabulary }: ConnectedAppsView): string {
  const words = messages.connectedApps;
  const end = grant.endsAt === undefined ? words.noEnd : `${words.ends} ${date(grant.endsAt, messages)}`;
  return [describeScope(grant.scope, vocabulary), `${words.connected} ${date(grant.createdAt, messages)}`, end].join(" · ");
}

export interface DisconnectView {
  readonly hostName: string;
  readonly messages: Messages;
  readonly person: Person;
  readonly client: Client;
  readonly action: string;
  readonly path: string;
  readonly hidden: Readonly<Record<string, string>>;
}

/** Asks once, on a page of its own, so that no script is needed. */
export function disconnectPage({ hostName, messages, person, client, action, path, hidden }: DisconnectView): Html {
  const words = messages.connectedApps;
  const title = words.confirmTitle(shownName(client, messages));
  return layout({
    hostName,
    messages,
    title,
    aside: person.email ?? person.name,
    main: html`<h1>${title}</h1>
<p>${words.confirm}</p>
<form method="post" action="${action}">
${hiddenFields(hidden)}
<div class="actions"><a class="button" href="${path}">${words.keep}</a><button class="primary">${words.disconnect}</button></div>
</form>`,
  });
}
