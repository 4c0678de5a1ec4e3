import type { Person } from "../config.ts";
import type { ShownClient } from "../protocol/client.ts";
import type { BrowserName, ClientGrant } from "../protocol/grant.ts";
import type { Vocabulary } from "../protocol/scope.ts";
import { hostOf } from "../protocol/trust-tier.ts";
import { shortName } from "./client-name.ts";
import { date, lastUsed } from "./dates.ts";
import { describeScope } from "./describe-scope.ts";
import { type Html, html } from "./html.ts";
import type { Frame } from "./look.ts";
import { shownHost } from "./shown-host.ts";

/** What the pages about connections have in common. */
export interface ConnectionsView {
  readonly frame: Frame;
  readonly person: Person;
  readonly vocabulary: Vocabulary;
  readonly now: number;
  /** Where the connected apps are: each app's and connection's own pages are below. */
  readonly path: string;
}

export interface ShownApp {
  readonly client: ShownClient;
  /** By the operator: its site, or all of it. */
  readonly isChecked: boolean;
  /** The newest first. */
  readonly connections: readonly ShownConnection[];
}

export interface ShownConnection {
  readonly client: ShownClient;
  readonly grant: ClientGrant;
  readonly usedAt: number | undefined;
  readonly browser: BrowserName | undefined;
}

/** What we know of who made an app. */
export function makerOf({ client, isChecked }: Pick<ShownApp, "client" | "isChecked">, { messages, name }: Frame): string {
  if (client.origin === "dynamic") return messages.connectedApps.namedItself;
  if (client.origin === "document") return `${shownHost(hostOf(client))}${isChecked ? " ✓" : ""}`;
  return client.firstParty ? messages.consent.madeBy(name) : `✓ ${messages.consent.checkedBy(name)}`;
}

/** What a connection can do, when it was used, and from when until when it is. */
export function connectionFacts(
  { grant, usedAt }: ShownConnection,
  { frame: { messages }, vocabulary, now }: ConnectionsView,
): readonly string[] {
  const words = messages.connectedApps;
  return [
    describeScope(grant.scope, vocabulary, messages),
    lastUsed(usedAt, now, messages),
    `${words.connected} ${date(grant.createdAt, messages)}`,
    grant.endsAt === undefined ? words.noEnd : `${words.ends} ${date(grant.endsAt, messages)}`,
  ];
}

/** One of several connections of an app: it says in which browser it was made, so that they can be told apart. */
export function connectionRow(connection: ShownConnection, view: ConnectionsView): Html {
  const { messages } = view.frame;
  const words = messages.connectedApps;
  const { browser, grant } = connection;
  const own = `${view.path}/${grant.id}`;
  const place = browser === undefined ? [] : [messages.browser(browser.browser, browser.system)];
  return html`<li class="soft">${[...place, ...connectionFacts(connection, view)].join(" · ")} · <a href="${own}/edit">${words.edit}</a> · <a href="${own}/disconnect">${words.disconnect}</a></li>`;
}

/** A connection that is no more. */
export function endedRow({ client, grant }: ShownConnection, { frame: { messages } }: ConnectionsView): Html {
  const at = grant.revokedAt ?? grant.endsAt ?? 0;
  return html`<li class="soft">${shortName(client, messages)} · ${messages.connectedApps.ended} ${date(at, messages)}</li>`;
}
