import type { Configuration, Person } from "../config.ts";
import type { Context, Endpoint } from "../context.ts";
import { json, seconds, wantsPage } from "../http/responses.ts";
import { connectedAppPage } from "../pages/connected-app.ts";
import { connectedAppsPage, connectionsInside } from "../pages/connected-apps.ts";
import type { ConnectionsView } from "../pages/connection.ts";
import { endedConnectionsPage } from "../pages/ended-connections.ts";
import { pageResponse } from "../pages/layout.ts";
import { pageOf } from "../pages/paging.ts";
import { pathIdOf } from "../protocol/client.ts";
import { formatScope, type Scope, union } from "../protocol/scope.ts";
import { isChecked } from "../protocol/trust-tier.ts";
import type { Connection } from "../store/store.ts";
import { appsOf, type ConnectedApp, connectedAppsPath, findApp } from "./connections.ts";
import { whatWasDone } from "./disconnect.ts";
import { frameOf } from "./frame-of.ts";
import { requirePerson } from "./require-person.ts";

/** As much as 10 KB hold: an app takes the room of two connections, and of those that stand inside its row. */
const roomForApps = 16;
const roomOf = ({ connections }: ConnectedApp): number => 2 + connectionsInside(connections).length;
const connectionsOnPage = 10;
const endedOnPage = 25;

/** For how long what has ended is shown, in milliseconds. */
export const endedShown = 30 * 86_400_000;

/** The person's connected apps, as a page or as JSON. */
export const connectedApps: Endpoint = async (request, context) => {
  const person = await requirePerson(request, connectedAppsPath(context), context);
  if (person instanceof Response) return person;
  const { config } = context;
  const apps = await appsOf(person, context);
  if (!wantsPage(request)) return json({ connected_apps: apps.map(appDocument) });
  const query = new URL(request.url).searchParams;
  const { items, page } = pageOf(apps, roomForApps, query.get("page"), roomOf);
  const view = connectedAppsPage({
    ...connectionsView(person, context),
    apps: items.map((app) => shownApp(app, config)),
    page,
    ended: page.number === 1 ? await endedConnections(person, context) : [],
    accessTokensPath: config.personalTokens === undefined ? undefined : config.basePath + config.paths.accessTokens,
    address: addressOf(config),
    done: await whatWasDone(query, person, context),
  });
  return pageResponse(view);
};

/** What a path names instead of an id, for what has ended. A path of its own beside those of ids would make the router slower for every request. */
const whatHasEnded = "ended";

/** One app with its connections. */
export const connectedApp: Endpoint = async (request, context) => {
  const person = await requirePerson(request, connectedAppsPath(context), context);
  if (person instanceof Response) return person;
  if (context.pathParameter === whatHasEnded) return ended(request, person, context);
  const app = await findApp(person, context.pathParameter, context);
  if (!wantsPage(request)) return json(appDocument(app));
  const { items, page } = pageOf(app.connections, connectionsOnPage, new URL(request.url).searchParams.get("page"));
  const shown = shownApp({ ...app, connections: items }, context.config);
  return pageResponse(connectedAppPage({ ...connectionsView(person, context), app: shown, page }));
};

/** What has ended in the last 30 days. */
async function ended(request: Request, person: Person, context: Context): Promise<Response> {
  const all = await endedConnections(person, context);
  if (!wantsPage(request)) return json({ ended: all.map(endedDocument) });
  const { items, page } = pageOf(all, endedOnPage, new URL(request.url).searchParams.get("page"));
  return pageResponse(endedConnectionsPage({ ...connectionsView(person, context), ended: items, page }));
}

const endedConnections = ({ id }: Person, { store, now }: Context): Promise<readonly Connection[]> =>
  store.endedConnections(id, now - endedShown, now);

const connectionsView = (person: Person, context: Context): ConnectionsView => ({
  frame: frameOf(context),
  person,
  vocabulary: context.config.vocabulary,
  now: context.now,
  path: connectedAppsPath(context),
});

const shownApp = (app: ConnectedApp, { trustedHosts }: Configuration) => ({ ...app, isChecked: isChecked(app.client, trustedHosts) });

/** What to give to an app: the first resource with a path. An origin alone says nothing about where its API is. */
const addressOf = ({ resources }: Configuration): string | undefined =>
  [...resources.values()].find(({ uri }) => URL.parse(uri)?.pathname !== "/")?.uri;

/** An app in JSON; times are seconds. */
function appDocument({ client, connections }: ConnectedApp): Record<string, unknown> {
  return {
    id: pathIdOf(client.id),
    client_id: client.id,
    client_name: client.name,
    scope: formatScope(connections.reduce<Scope>((scope, { grant }) => union(scope, grant.scope), [])),
    connections: connections.map(connectionDocument),
  };
}

const connectionDocument = ({ grant, usedAt, browser }: Connection): Record<string, unknown> => ({
  id: grant.id,
  scope: formatScope(grant.scope),
  resources: grant.resources,
  created_at: seconds(grant.createdAt),
  ...(grant.endsAt === undefined ? {} : { ends_at: seconds(grant.endsAt) }),
  ...(usedAt === undefined ? {} : { last_used_at: seconds(usedAt) }),
  ...(browser === undefined ? {} : { browser: browser.browser, system: browser.system }),
});

const endedDocument = (connection: Connection): Record<string, unknown> => ({
  ...connectionDocument(connection),
  client_id: connection.client.id,
  client_name: connection.client.name,
  ended_at: seconds(connection.grant.revokedAt ?? connection.grant.endsAt ?? 0),
});
