import type { Configuration } from "../config.ts";
import type { Endpoint } from "../context.ts";
import { json, wantsPage } from "../http/responses.ts";
import { connectedAppsPage } from "../pages/connected-apps.ts";
import { pageResponse } from "../pages/layout.ts";
import { pageOf } from "../pages/paging.ts";
import { pathIdOf } from "../protocol/client.ts";
import { formatScope, type Scope, union } from "../protocol/scope.ts";
import { isChecked } from "../protocol/trust-tier.ts";
import type { Connection } from "../store/store.ts";
import { appsOf, type ConnectedApp, connectedAppsPath } from "./connections.ts";
import { whatWasDone } from "./disconnect.ts";
import { frameOf } from "./frame-of.ts";
import { requirePerson } from "./require-person.ts";

/** How many apps stand on a page: as many as 10 KB hold. */
const appsOnPage = 10;

/** For how long what has ended is shown, in milliseconds. */
const endedShown = 30 * 86_400_000;

/** The person's connected apps, as a page or as JSON. */
export const connectedApps: Endpoint = async (request, context) => {
  const path = connectedAppsPath(context);
  const person = await requirePerson(request, path, context);
  if (person instanceof Response) return person;
  const { config, store, now } = context;
  const apps = await appsOf(person, context);
  if (!wantsPage(request)) return json({ connected_apps: apps.map(appDocument) });
  const query = new URL(request.url).searchParams;
  const { items, page } = pageOf(apps, appsOnPage, query.get("page"));
  const view = connectedAppsPage({
    frame: frameOf(context),
    person,
    vocabulary: config.vocabulary,
    now,
    apps: items.map((app) => ({ ...app, isChecked: isChecked(app.client, config.trustedHosts) })),
    page,
    ended: page.number === 1 ? await store.endedConnections(person.id, now - endedShown, now) : [],
    path,
    accessTokensPath: config.personalTokens === undefined ? undefined : config.basePath + config.paths.accessTokens,
    address: addressOf(config),
    done: await whatWasDone(query, person, context),
  });
  return pageResponse(view);
};

/** What to give to an app: the first resource with a path. An origin alone says nothing about where its API is. */
const addressOf = ({ resources }: Configuration): string | undefined =>
  [...resources.values()].find(({ uri }) => URL.parse(uri)?.pathname !== "/")?.uri;

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
