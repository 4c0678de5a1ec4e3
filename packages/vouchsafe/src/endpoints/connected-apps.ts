import type { Person } from "../config.ts";
import { type Context, circumstances, type Endpoint } from "../context.ts";
import { type Browser, type Form, formToken, isOwnForm, isSameOriginRequest, recogniseBrowser } from "../http/browser.ts";
import { readForm } from "../http/form.ts";
import { json, redirect, wantsPage } from "../http/responses.ts";
import { shownName } from "../pages/client-name.ts";
import { type ConnectedApp, connectedAppsPage, disconnectPage } from "../pages/connected-apps.ts";
import { pageResponse } from "../pages/layout.ts";
import { en } from "../pages/messages/en.ts";
import { type Client, pathIdOf } from "../protocol/client.ts";
import { OAuthError } from "../protocol/errors.ts";
import type { ClientGrant } from "../protocol/grant.ts";
import { formatScope, union } from "../protocol/scope.ts";
import { requirePerson } from "./require-person.ts";

/** The person's connected apps, as a page or as JSON. */
export const connectedApps: Endpoint = async (request, context) => {
  const person = await requirePerson(request, pathOf(context), context);
  if (person instanceof Response) return person;
  const { config } = context;
  const apps = await appsOf(person, context);
  if (!wantsPage(request)) return json({ connected_apps: apps.map(appDocument) });
  const client = await justDisconnected(new URL(request.url).searchParams, person, context);
  const page = connectedAppsPage({
    hostName: config.name,
    messages: en,
    person,
    vocabulary: config.vocabulary,
    apps,
    path: pathOf(context),
    disconnected: client && shownName(client, en),
  });
  return pageResponse(page, { isSecure: config.isSecure, isOwn: true });
};

/** Asks whether to disconnect; a GET ends nothing. */
export const confirmDisconnect: Endpoint = async (request, context) => {
  const person = await requirePerson(request, pathOf(context), context);
  if (person instanceof Response) return person;
  const { config, keys, pathParameter: id } = context;
  const { client } = await findApp(person, id, context);
  const browser = recogniseBrowser(request, config.isSecure);
  const hidden = { csrf: formToken(keys, disconnectForm(person, browser, id)) };
  const page = disconnectPage({
    hostName: config.name,
    messages: en,
    person,
    client,
    path: pathOf(context),
    action: `${pathOf(context)}/${id}/disconnect`,
    hidden,
  });
  return pageResponse(page, { isSecure: config.isSecure, isOwn: true, headers: browser.headers });
};

const disconnectForm = (person: Person, browser: Browser, about: string): Form => ({
  name: "disconnect",
  browser,
  subject: person.id,
  sessionId: person.sessionId,
  about,
});

/** Disconnects, by the form. */
export const disconnect: Endpoint = async (request, context) => {
  const person = await requirePerson(request, pathOf(context), context);
  if (person instanceof Response) return person;
  const { config, keys, pathParameter: id } = context;
  const form = await readForm(request);
  const app = await findApp(person, id, context);
  const { client } = app;
  if (!isOwnForm(request, keys, config.origin, disconnectForm(person, recogniseBrowser(request, config.isSecure), id), form.get("csrf"))) {
    throw new OAuthError("invalid_request", "the disconnect form is not of this browser and session, or came from another site", {
      shownAs: { page: "too-old" },
    });
  }
  await endConnection(app, person, id, context);
  const query = new URLSearchParams({ disconnected: client.id, proof: keys.sign("form", disconnectedText(client.id, person)) });
  return redirect(`${pathOf(context)}?${query.toString()}`);
};

/** What the page is told about the app that was disconnected a moment ago: nobody else's link can make it say so. */
async function justDisconnected(query: URLSearchParams, person: Person, { keys, store }: Context): Promise<Client | undefined> {
  const id = query.get("disconnected") ?? "";
  return keys.verify("form", disconnectedText(id, person), query.get("proof") ?? "") ? store.client(id) : undefined;
}

const disconnectedText = (clientId: string, person: Person): string => JSON.stringify(["disconnected", person.id, clientId]);

/** Disconnects, by a script of our own origin: no other site can send DELETE with cookies. */
export const removeConnection: Endpoint = async (request, context) => {
  const person = await requirePerson(request, pathOf(context), context);
  if (person instanceof Response) return person;
  if (!isSameOriginRequest(request, context.config.origin))
    throw new OAuthError("invalid_request", "DELETE from another site", { status: 403 });
  const id = context.pathParameter;
  await endConnection(await findApp(person, id, context), person, id, context);
  return new Response(null, { status: 204, headers: { "cache-control": "no-store" } });
};

const pathOf = ({ config }: Context): string => config.basePath + config.paths.connectedApps;

/** The subject's apps, the newest connection first. */
async function appsOf(person: Person, { store, now }: Context): Promise<readonly ConnectedApp[]> {
  const apps = new Map<string, { client: ConnectedApp["client"]; grants: ClientGrant[] }>();
  for (const { client, grant } of await store.connections(person.id, now)) {
    const app = apps.get(client.id) ?? { client, grants: [] };
    app.grants.push(grant);
    apps.set(client.id, app);
  }
  return [...apps.values()];
}

/** By the client's id all of its connections, by a grant's id that one. Somebody else's is as good as none. */
async function findApp(person: Person, id: string, context: Context): Promise<ConnectedApp> {
  for (const app of await appsOf(person, context)) {
    if (pathIdOf(app.client.id) === id) return app;
    const grant = app.grants.find((one) => one.id === id);
    if (grant !== undefined) return { client: app.client, grants: [grant] };
  }
  throw new OAuthError("invalid_request", "there is no such connection", {
    status: 404,
    description: "There is no such connection.",
    shownAs: { page: "not-connected" },
  });
}

async function endConnection({ client }: ConnectedApp, person: Person, id: string, context: Context): Promise<void> {
  const { store, now } = context;
  const event = { ...circumstances(context), clientId: client.id, subject: person.id };
  if (pathIdOf(client.id) === id) await store.disconnect(person.id, client.id, now, { ...event, type: "client.disconnected" });
  else await store.revokeGrant(id, now, { ...event, type: "grant.revoked", by: "subject", grantId: id });
}

const seconds = (at: number): number => Math.floor(at / 1000);

/** An app in JSON; times are seconds. */
function appDocument({ client, grants }: ConnectedApp): Record<string, unknown> {
  return {
    id: pathIdOf(client.id),
    client_id: client.id,
    client_name: client.name,
    scope: formatScope(grants.reduce<readonly string[]>((scope, grant) => union(scope, grant.scope), [])),
    connections: grants.map((grant) => ({
      id: grant.id,
      scope: formatScope(grant.scope),
      resources: grant.resources,
      created_at: seconds(grant.createdAt),
      ...(grant.endsAt === undefined ? {} : { ends_at: seconds(grant.endsAt) }),
    })),
  };
}
