import type { Person } from "../config.ts";
import { type Context, circumstances, type Endpoint } from "../context.ts";
import { type Browser, type Form, formToken, isOwnForm, isSameOriginRequest, recogniseBrowser } from "../http/browser.ts";
import { readForm } from "../http/form.ts";
import { redirect } from "../http/responses.ts";
import { shownName } from "../pages/client-name.ts";
import { disconnectPage } from "../pages/disconnect.ts";
import { pageResponse } from "../pages/layout.ts";
import { pathIdOf } from "../protocol/client.ts";
import { OAuthError, refuseAsFormTooOld } from "../protocol/errors.ts";
import { connectedAppsPath, findApp, findAppIfAny, type NamedConnections, notConnected } from "./connections.ts";
import { frameOf } from "./frame-of.ts";
import { requirePerson } from "./require-person.ts";
import { formLifetime } from "./settle-request.ts";

/** What a path names instead of an id, for all apps at once. */
const everything = "all";

/** Asks whether to disconnect; a GET ends nothing. */
export const confirmDisconnect: Endpoint = async (request, context) => {
  const person = await requirePerson(request, connectedAppsPath(context), context);
  if (person instanceof Response) return person;
  const { config, keys, pathParameter: id } = context;
  const app = await named(person, id, context);
  const browser = recogniseBrowser(request, config.isSecure);
  const page = disconnectPage({
    frame: frameOf(context),
    person,
    isOneOfMany: app?.isOneOfMany === true,
    clientName: app && shownName(app.client, frameOf(context).messages),
    path: connectedAppsPath(context),
    action: `${connectedAppsPath(context)}/${id}/disconnect`,
    hidden: { csrf: formToken(keys, disconnectForm(person, browser, id)) },
  });
  return pageResponse(page, { headers: browser.headers });
};

/** Disconnects, by the form. */
export const disconnect: Endpoint = async (request, context) => {
  const person = await requirePerson(request, connectedAppsPath(context), context);
  if (person instanceof Response) return person;
  const { config, keys, pathParameter: id } = context;
  const form = await readForm(request);
  const isOwn = isOwnForm(
    request,
    keys,
    config.origin,
    disconnectForm(person, recogniseBrowser(request, config.isSecure), id),
    form.get("csrf"),
  );
  const app = id === everything ? undefined : await findAppIfAny(person, id, context);
  if (app === undefined && id !== everything) {
    // Sent twice, or ended elsewhere meanwhile: what they wanted is so.
    if (isOwn) return redirect(connectedAppsPath(context));
    throw notConnected();
  }
  if (!isOwn)
    refuseAsFormTooOld("the disconnect form is not of this browser and session, or came from another site", connectedAppsPath(context));
  await end(app, person, id, context);
  const disconnected = app?.client.id ?? everything;
  const extent = app?.isOneOfMany === true ? "one" : "all";
  const at = String(context.now);
  const query = new URLSearchParams({ disconnected, extent, at, proof: keys.sign("form", proofText(disconnected, extent, at, person)) });
  return redirect(`${connectedAppsPath(context)}?${query.toString()}`);
};

/** Disconnects, by a script of our own origin: no other site can send DELETE with cookies. */
export const removeConnection: Endpoint = async (request, context) => {
  const person = await requirePerson(request, connectedAppsPath(context), context);
  if (person instanceof Response) return person;
  if (!isSameOriginRequest(request, context.config.origin))
    throw new OAuthError("invalid_request", "DELETE from another site", { status: 403 });
  const id = context.pathParameter;
  await end(await named(person, id, context), person, id, context);
  return new Response(null, { status: 204, headers: { "cache-control": "no-store" } });
};

/** What the page says was done a moment ago. Nobody else's link can make it say so. */
export async function whatWasDone(query: URLSearchParams, person: Person, context: Context): Promise<string | undefined> {
  const { keys, store } = context;
  const messages = frameOf(context).messages;
  const [id = "", extent = "", at = ""] = ["disconnected", "extent", "at"].map((name) => query.get(name) ?? "");
  if (context.now >= Number(at) + formLifetime || !keys.verify("form", proofText(id, extent, at, person), query.get("proof") ?? ""))
    return undefined;
  if (id === everything) return messages.connectedApps.allDisconnected;
  const client = await store.client(id);
  const words = messages.connectedApps;
  return client && (extent === "one" ? words.oneDisconnected : words.disconnected)(shownName(client, messages));
}

const proofText = (id: string, extent: string, at: string, person: Person): string =>
  JSON.stringify(["disconnected", person.id, id, extent, at]);

/** The app or connection of this id; undefined for all of them. */
const named = (person: Person, id: string, context: Context): Promise<NamedConnections | undefined> =>
  id === everything ? Promise.resolve(undefined) : findApp(person, id, context);

async function end(app: NamedConnections | undefined, person: Person, id: string, context: Context): Promise<void> {
  const { store, now } = context;
  const event = { ...circumstances(context), subject: person.id };
  if (app === undefined) {
    await store.disconnectAll(person.id, now, { ...event, type: "subject.disconnected_all" });
    return;
  }
  const clientId = app.client.id;
  if (pathIdOf(clientId) === id) await store.disconnect(person.id, clientId, now, { ...event, clientId, type: "client.disconnected" });
  else await store.revokeGrant(id, now, { ...event, clientId, type: "grant.revoked", by: "subject", grantId: id });
}

const disconnectForm = (person: Person, browser: Browser, about: string): Form => ({
  name: "disconnect",
  browser,
  subject: person.id,
  sessionId: person.sessionId,
  about,
});
