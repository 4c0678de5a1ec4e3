import type { Person } from "../config.ts";
import { type Context, circumstances, type Endpoint } from "../context.ts";
import { type Browser, type Form, formToken, isOwnForm, recogniseBrowser } from "../http/browser.ts";
import { readFormText } from "../http/form.ts";
import { redirect } from "../http/responses.ts";
import { shownName } from "../pages/client-name.ts";
import { editConnectionPage } from "../pages/edit-connection.ts";
import { pageResponse } from "../pages/layout.ts";
import { OAuthError, refuseAsTooOld } from "../protocol/errors.ts";
import { isNarrower, type Narrowing, narrowed } from "../protocol/narrowing.ts";
import { type Parameters, parseParameters } from "../protocol/parameters.ts";
import type { Connection } from "../store/store.ts";
import { connectedAppsPath, findApp } from "./connections.ts";
import { frameOf } from "./frame-of.ts";
import { requirePerson } from "./require-person.ts";

/** Keeps the end as it is. */
const asItIs = "keep";

/** Shows what can be taken from a connection. By an app's id it is the newest one. */
export const showEdit: Endpoint = async (request, context) => {
  const person = await requirePerson(request, connectedAppsPath(context), context);
  if (person instanceof Response) return person;
  return editPage(await findConnection(person, context), person, request, context);
};

/** Takes it, by the form: less scope, or an earlier end, from the app's next request on. */
export const edit: Endpoint = async (request, context) => {
  const person = await requirePerson(request, connectedAppsPath(context), context);
  if (person instanceof Response) return person;
  const { config, keys, store, now } = context;
  const fields = parseParameters(await readFormText(request), ["scope"]);
  fields.refuseDefects();
  const connection = await findConnection(person, context);
  const { grant } = connection;
  if (
    !isOwnForm(request, keys, config.origin, editForm(person, recogniseBrowser(request, config.isSecure), connection), fields.get("csrf"))
  )
    refuseAsTooOld(
      "the form to edit a connection is not of this browser and session, or came from another site, or the connection has changed",
    );
  const to = wanted(fields, connection, context);
  if (to instanceof OAuthError) return editPage(connection, person, request, context, to);
  if (isNarrower(grant, to)) {
    const { id: grantId, clientId, subject } = grant;
    const event = { ...circumstances(context), type: "grant.narrowed", clientId, subject, grantId, scope: to.scope } as const;
    if (!(await store.narrowGrant(grant, to, now, event))) refuseAsTooOld("the connection was changed by another request");
  }
  return redirect(connectedAppsPath(context));
};

async function findConnection(person: Person, context: Context): Promise<Connection> {
  const { connections } = await findApp(person, context.pathParameter, context);
  const [newest] = connections;
  if (newest === undefined) throw new Error("an app without connections is no connected app");
  return newest;
}

/** What the form wants, or the mistake to be shown beside it. */
function wanted(fields: Parameters, { grant }: Connection, { config, now }: Context): Narrowing | OAuthError {
  const value = fields.get("lifetime") ?? asItIs;
  const choice = config.grantChoices.find((offered) => offered.value === value);
  if (value !== asItIs && choice === undefined) refuseAsTooOld("the lifetime was not offered");
  const endsAt = choice === undefined ? grant.endsAt : choice.lifetime === undefined ? undefined : now + choice.lifetime;
  try {
    return narrowed(grant, { scope: fields.all("scope"), endsAt }, config.vocabulary);
  } catch (error) {
    if (error instanceof OAuthError && error.options.mistake !== undefined) return error;
    throw error;
  }
}

/** Bound to the connection as it was shown: what was changed meanwhile is asked anew. */
const editForm = (person: Person, browser: Browser, { grant }: Connection): Form => ({
  name: "edit",
  browser,
  subject: person.id,
  sessionId: person.sessionId,
  about: JSON.stringify([grant.id, grant.scope, grant.endsAt]),
});

function editPage(connection: Connection, person: Person, request: Request, context: Context, mistake?: OAuthError): Response {
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
    hidden: { csrf: formToken(keys, editForm(person, browser, connection)) },
    keep: asItIs,
    mistake: mistake?.options.mistake,
  });
  const status = mistake === undefined ? 200 : mistake.status;
  return pageResponse(page, { status, headers: browser.headers });
}
