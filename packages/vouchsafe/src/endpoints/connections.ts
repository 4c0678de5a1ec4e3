import type { Person } from "../config.ts";
import type { Context } from "../context.ts";
import { pathIdOf, type ShownClient } from "../protocol/client.ts";
import { OAuthError } from "../protocol/errors.ts";
import type { Connection } from "../store/store.ts";

/** An app with a person's connections to it, the newest first. */
export interface ConnectedApp {
  readonly client: ShownClient;
  readonly connections: readonly Connection[];
}

/** What an id names. */
export interface NamedConnections extends ConnectedApp {
  /** One connection of an app that has others. */
  readonly isOneOfMany: boolean;
}

/** Where a person's connected apps are; each app's and connection's own pages are below. */
export const connectedAppsPath = ({ config }: Pick<Context, "config">): string => config.basePath + config.paths.connectedApps;

/** The person's apps, the one with the newest connection first. */
export async function appsOf(person: Person, { store, uses, now }: Context): Promise<readonly ConnectedApp[]> {
  await uses.flush();
  return groupedByApp(await store.connections(person.id, now));
}

function groupedByApp(connections: readonly Connection[]): readonly ConnectedApp[] {
  const apps = new Map<string, { client: ShownClient; connections: Connection[] }>();
  for (const connection of connections) {
    const app = apps.get(connection.client.id) ?? { client: connection.client, connections: [] };
    app.connections.push(connection);
    apps.set(connection.client.id, app);
  }
  return [...apps.values()];
}

/** By the client's id all of its connections, by a grant's id that one. Somebody else's is as good as none. */
export async function findAppIfAny(person: Person, id: string, context: Context): Promise<NamedConnections | undefined> {
  for (const app of await appsOf(person, context)) {
    if (pathIdOf(app.client.id) === id) return { ...app, isOneOfMany: false };
    const connection = app.connections.find(({ grant }) => grant.id === id);
    if (connection !== undefined) return { client: app.client, connections: [connection], isOneOfMany: app.connections.length > 1 };
  }
  return undefined;
}

export async function findApp(person: Person, id: string, context: Context): Promise<NamedConnections> {
  const found = await findAppIfAny(person, id, context);
  if (found === undefined) throw notConnected();
  return found;
}

export const notConnected = (): OAuthError =>
  new OAuthError("invalid_request", "there is no such connection", {
    status: 404,
    description: "There is no such connection.",
    shownAs: { page: "not-connected" },
  });
