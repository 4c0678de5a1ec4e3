import type { Endpoint } from "../context.ts";
import { json, wantsPage } from "../http/responses.ts";
import { connectedAppsPage } from "../pages/connected-apps.ts";
import { pageResponse } from "../pages/layout.ts";
import { pathIdOf } from "../protocol/client.ts";
import { formatScope, type Scope, union } from "../protocol/scope.ts";
import type { Connection } from "../store/store.ts";
import { appsOf, type ConnectedApp, connectedAppsPath, groupedByApp } from "./connections.ts";
import { whatWasDone } from "./disconnect.ts";
import { messagesOf } from "./messages-of.ts";
import { requirePerson } from "./require-person.ts";

/** How many connections stand on a page: as many as 10 KB hold. An app that has more goes on on the next page. */
const connectionsOnPage = 10;

/** For how long what has ended is shown, in milliseconds. */
const endedShown = 30 * 86_400_000;

/** How much of it: the newest, beside a full page of what has not ended. */
const mostEndedShown = 10;

/** The person's connected apps, as a page or as JSON. */
export const connectedApps: Endpoint = async (request, context) => {
  const path = connectedAppsPath(context);
  const person = await requirePerson(request, path, context);
  if (person instanceof Response) return person;
  const { config, store, now } = context;
  const apps = await appsOf(person, context);
  if (!wantsPage(request)) return json({ connected_apps: apps.map(appDocument) });
  const query = new URL(request.url).searchParams;
  const connections = apps.flatMap((app) => app.connections);
  const pages = Math.max(1, Math.ceil(connections.length / connectionsOnPage));
  const number = Math.min(pages, Math.max(1, Math.trunc(Number(query.get("page") ?? "1")) || 1));
  const page = connectedAppsPage({
    hostName: config.name,
    messages: messagesOf(context),
    person,
    vocabulary: config.vocabulary,
    now,
    apps: groupedByApp(connections.slice((number - 1) * connectionsOnPage, number * connectionsOnPage)),
    page: { number, of: pages },
    ended: number === 1 ? (await store.endedConnections(person.id, now - endedShown, now)).slice(0, mostEndedShown) : [],
    path,
    accessTokensPath: config.personalTokens === undefined ? undefined : config.basePath + config.paths.accessTokens,
    done: await whatWasDone(query, person, context),
  });
  return pageResponse(page, { isSecure: config.isSecure, isOwn: true });
};

const seconds = (at: number): number => Math.floor(at / 1000);

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

const connectionDocument = ({ grant, usedAt }: Connection): Record<string, unknown> => ({
  id: grant.id,
  scope: formatScope(grant.scope),
  resources: grant.resources,
  created_at: seconds(grant.createdAt),
  ...(grant.endsAt === undefined ? {} : { ends_at: seconds(grant.endsAt) }),
  ...(usedAt === undefined ? {} : { last_used_at: seconds(usedAt) }),
});
