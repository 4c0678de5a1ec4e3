import type { Person } from "../config.ts";
import { type Context, circumstances, type Endpoint } from "../context.ts";
import { type Browser, type Form, formToken, isOwnForm, recogniseBrowser } from "../http/browser.ts";
import { readFormText } from "../http/form.ts";
import { redirect } from "../http/responses.ts";
import { shownName } from "../pages/client-name.ts";
import { editConnectionPage } from "../pages/edit-connection.ts";
import { pageResponse } from "../pages/layout.ts";
import { OAuthError, refuseAsFormTooOld } from "../protocol/errors.ts";
import type { ClientGrant } from "../protocol/grant.ts";
import { isNarrower, type Narrowing, narrowed } from "../protocol/narrowing.ts";
import { type Parameters, parseParameters } from "../protocol/parameters.ts";
import { difference } from "../protocol/scope.ts";
import type { Connection } from "../store/store.ts";
import { connectedAppsPath, findApp } from "./connections.ts";
import { frameOf } from "./frame-of.ts";
import { requirePerson } from "./require-person.ts";
import { formLifetime } from "./settle-request.ts";

/** Keeps the end as it is. */
const asItIs = "keep";

/** Shows what can be taken from a connection. By an app's id it is the newest one. */
export const showEdit: Endpoint = async (request, context) => {
  const person = await requirePerson(request, connectedAppsPath(context), context);
  if (person instanceof Response) return person;
  return editPage(await findConnection(person, context), person, request, context);
};

/** Takes it, by the form: less scope, or an earlier end, from the app's next request on. Sent twice, it is done once. */
export const edit: Endpoint = async (request, context) => {
  const person = await requirePerson(request, connectedAppsPath(context), context);
  if (person instanceof Response) return person;
  const { store, now } = context;
  const fields = parseParameters(await readFormText(request), ["scope"]);
  fields.refuseDefects();
  const connection = await findConnection(person, context);
  const shown = requireOwnForm(fields, person, request, context);
  const { grant } = connection;
  const wish = wishIn(fields, connection, context);
  if (shown !== stateOf(connection)) {
    if (isDone(grant, wish, context)) return redirect(connectedAppsPath(context));
    refuseEdit("the connection has changed since the form was shown", context);
  }
  const to = narrowedOrMistake(grant, wish, context);
  if (to instanceof OAuthError) return editPage(connection, person, request, context, { error: to, fields });
  if (isNarrower(grant, to)) {
    const { id: grantId, clientId, subject } = grant;
    const event = { ...circumstances(context), type: "grant.narrowed", clientId, subject, grantId, scope: to.scope } as const;
    const isNarrowed = await store.narrowGrant(grant, to, now, event);
    if (!isNarrowed && !isDone((await findConnection(person, context)).grant, wish, context))
      refuseEdit("the connection was changed by another request", context);
  }
  return redirect(connectedAppsPath(context));
};

/** The state of the connection that the form was shown with. */
function requireOwnForm(fields: Parameters, person: Person, request: Request, context: Context): string {
  const { config, keys } = context;
  const shown = fields.get("shown") ?? "";
  const form = editForm(person, recogniseBrowser(request, config.isSecure), shown);
  if (!isOwnForm(request, keys, config.origin, form, fields.get("csrf")))
    refuseEdit("the form to edit a connection is not of this browser and session, or came from another site", context);
  return shown;
}

/** What the form takes has been taken already: it was sent twice. The end may differ by as long as a page is open. */
function isDone({ scope, endsAt = Number.POSITIVE_INFINITY }: ClientGrant, wish: Narrowing, { config }: Context): boolean {
  const isLeft = (name: string): boolean => wish.scope.includes(name) || config.vocabulary.get(name)?.required === true;
  const wishedEnd = wish.endsAt ?? Number.POSITIVE_INFINITY;
  return (
    scope.every(isLeft) &&
    difference(wish.scope, scope).length === 0 &&
    (wishedEnd === endsAt || Math.abs(wishedEnd - endsAt) < formLifetime)
  );
}

function refuseEdit(reason: string, context: Context): never {
  refuseAsFormTooOld(reason, connectedAppsPath(context));
}

async function findConnection(person: Person, context: Context): Promise<Connection> {
  const { connections } = await findApp(person, context.pathParameter, context);
  const [newest] = connections;
  if (newest === undefined) throw new Error("an app without connections is no connected app");
  return newest;
}

/** What the person wants to be left. */
function wishIn(fields: Parameters, { grant }: Connection, context: Context): Narrowing {
  const value = fields.get("lifetime") ?? asItIs;
  const choice = context.config.grantChoices.find((offered) => offered.value === value);
  if (value !== asItIs && choice === undefined) refuseEdit("the lifetime was not offered", context);
  const endsAt = choice === undefined ? grant.endsAt : choice.lifetime === undefined ? undefined : context.now + choice.lifetime;
  return { scope: fields.all("scope"), endsAt };
}

/** The mistake is to be shown beside the form. */
function narrowedOrMistake(grant: ClientGrant, wish: Narrowing, { config }: Context): Narrowing | OAuthError {
  try {
    return narrowed(grant, wish, config.vocabulary);
  } catch (error) {
    if (error instanceof OAuthError && error.options.mistake !== undefined) return error;
    throw error;
  }
}

const stateOf = ({ grant }: Connection): string => JSON.stringify([grant.id, grant.scope, grant.endsAt]);

/** Bound to the connection as it was shown: what was changed meanwhile is asked anew. */
const editForm = (person: Person, browser: Browser, about: string): Form => ({
  name: "edit",
  browser,
  subject: person.id,
  sessionId: person.sessionId,
  about,
});

/** A form with a mistake in it: what was sent stands in it again. */
interface Mistaken {
  readonly error: OAuthError;
  readonly fields: Parameters;
}

function editPage(connection: Connection, person: Person, request: Request, context: Context, mistaken?: Mistaken): Response {
  const { config, keys, now } = context;
  const { client, grant } = connection;
  const browser = recogniseBrowser(request, config.isSecure);
  const endsBefore = (lifetime: number | undefined): boolean =>
    lifetime !== undefined && now + lifetime < (grant.endsAt ?? Number.POSITIVE_INFINITY);
  const page = editConnectionPage({
    frame: frameOf(context),
    person,
    vocabulary: config.vocabulary,
    clientName: shownName(client, frameOf(context).messages),
    grant,
    choices: config.grantChoices.filter(({ lifetime }) => endsBefore(lifetime)).map(({ value }) => value),
    path: connectedAppsPath(context),
    action: `${connectedAppsPath(context)}/${grant.id}/edit`,
    hidden: { shown: stateOf(connection), csrf: formToken(keys, editForm(person, browser, stateOf(connection))) },
    keep: asItIs,
    ticked: mistaken?.fields.all("scope") ?? grant.scope,
    lifetime: mistaken?.fields.get("lifetime") ?? asItIs,
    mistake: mistaken?.error.options.mistake,
  });
  const status = mistaken?.error.status ?? 200;
  return pageResponse(page, { status, headers: browser.headers });
}
