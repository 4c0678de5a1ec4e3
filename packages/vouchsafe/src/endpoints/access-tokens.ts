import type { Person } from "../config.ts";
import { type Context, circumstances, type Endpoint } from "../context.ts";
import { type Browser, type Form, formToken, isOwnForm, isSameOriginRequest, recogniseBrowser } from "../http/browser.ts";
import { readFormText, readJson } from "../http/form.ts";
import { json, redirect, seconds, wantsPage } from "../http/responses.ts";
import { type AccessTokensView, accessTokensPage, newAccessTokenPage } from "../pages/access-tokens.ts";
import { pageResponse } from "../pages/layout.ts";
import { pageOf } from "../pages/paging.ts";
import { OAuthError, refuseAsFormTooOld } from "../protocol/errors.ts";
import { type Parameters, parseParameters } from "../protocol/parameters.ts";
import { personalScope, usualEnd } from "../protocol/personal-token.ts";
import { intersection } from "../protocol/scope.ts";
import { mintIdentifier } from "../protocol/secret.ts";
import { isShowable } from "../protocol/shown-name.ts";
import type { PersonalToken } from "../store/store.ts";
import { frameOf } from "./frame-of.ts";
import { makePersonalToken, mayNeverEnd } from "./make-personal-token.ts";
import { wantedByForm, wantedByJson } from "./personal-token-request.ts";
import { requirePerson } from "./require-person.ts";

/** The person's own tokens, as a page with the form for a new one, or as JSON. Never their values. */
export const accessTokens: Endpoint = async (request, context) => {
  const person = await requirePerson(request, pathOf(context), context);
  if (person instanceof Response) return person;
  await context.uses.flush();
  const tokens = await context.store.personalTokens.list(person.id, context.now);
  if (!wantsPage(request)) return json({ access_tokens: tokens.map(tokenDocument) });
  return listPage(tokens, person, request, context);
};

/** Makes a token, by the form or by JSON of our own origin; its value is in this answer and nowhere else. */
export const createAccessToken: Endpoint = async (request, context) => {
  const person = await requirePerson(request, pathOf(context), context);
  if (person instanceof Response) return person;
  const isJson = (request.headers.get("content-type") ?? "").toLowerCase().startsWith("application/json");
  return isJson ? createByJson(request, person, context) : createByForm(request, person, context);
};

async function createByJson(request: Request, person: Person, context: Context): Promise<Response> {
  requireOwnOrigin(request, context);
  await limitTokens(person, context);
  const wanted = wantedByJson(await readJson(request, "invalid_request"));
  const { token, value } = await makePersonalToken(mintIdentifier(), wanted, person, context);
  return json({ ...tokenDocument(token), token: value }, 201);
}

async function createByForm(request: Request, person: Person, context: Context): Promise<Response> {
  const { config, keys } = context;
  const fields = parseParameters(await readFormText(request), ["scope"]);
  fields.refuseDefects();
  const id = fields.get("id") ?? "";
  if (!isOwnForm(request, keys, config.origin, newTokenForm(person, recogniseBrowser(request, config.isSecure), id), fields.get("csrf")))
    refuseAsFormTooOld("the form for a new token is not of this browser and session, or came from another site", pathOf(context));
  await limitTokens(person, context);
  const made = await makePersonalToken(id, wantedByForm(fields), person, context).catch((error: unknown) => mistakeIn(error));
  if (made instanceof OAuthError || made.value === undefined) {
    const tokens = await context.store.personalTokens.list(person.id, context.now);
    return listPage(tokens, person, request, context, made instanceof OAuthError ? { error: made, fields } : "repeated");
  }
  const page = newAccessTokenPage({ ...commonView(person, context), name: made.token.name, value: made.value });
  return pageResponse(page);
}

/** Only what the person themselves sent counts. */
async function limitTokens(person: Person, { limits }: Context): Promise<void> {
  const wait = await limits.personalToken.count(person.id);
  if (wait !== undefined) throw new OAuthError("slow_down", "too many personal tokens of one person", { retryAfter: wait });
}

/** What the person can mend is shown beside the form; anything else goes on. */
function mistakeIn(error: unknown): OAuthError {
  if (error instanceof OAuthError && error.options.mistake !== undefined) return error;
  throw error;
}

/** Deletes a token, by its row's form. */
export const deleteAccessToken: Endpoint = async (request, context) => {
  const person = await requirePerson(request, pathOf(context), context);
  if (person instanceof Response) return person;
  const { config, keys, pathParameter: id } = context;
  const fields = parseParameters(await readFormText(request));
  const isThere = await hasToken(id, person, context);
  if (!isThere && !(await hadToken(id, person, context))) throw noSuchToken();
  if (!isOwnForm(request, keys, config.origin, deleteForm(person, recogniseBrowser(request, config.isSecure)), fields.get("csrf")))
    refuseAsFormTooOld("the form to delete a token is not of this browser and session, or came from another site", pathOf(context));
  // Sent twice: what they wanted is so.
  if (isThere) await endToken(id, person, context);
  return redirect(pathOf(context));
};

/** Deletes a token, by a script of our own origin: no other site can send DELETE with cookies. */
export const removeAccessToken: Endpoint = async (request, context) => {
  const person = await requirePerson(request, pathOf(context), context);
  if (person instanceof Response) return person;
  requireOwnOrigin(request, context);
  if (!(await hasToken(context.pathParameter, person, context))) throw noSuchToken();
  await endToken(context.pathParameter, person, context);
  return new Response(null, { status: 204, headers: { "cache-control": "no-store" } });
};

const hasToken = async (id: string, person: Person, { store, now }: Context): Promise<boolean> =>
  (await store.personalTokens.list(person.id, now)).some(({ grant }) => grant.id === id);

/** One that they had once. */
async function hadToken(id: string, person: Person, { store }: Context): Promise<boolean> {
  const grant = await store.grant(id);
  return grant !== undefined && grant.subject === person.id && grant.clientId === undefined;
}

const noSuchToken = (): OAuthError =>
  new OAuthError("invalid_request", "there is no such token of this person", { status: 404, description: "There is no such token." });

async function endToken(id: string, person: Person, context: Context): Promise<void> {
  const event = { ...circumstances(context), type: "personal_token.revoked", subject: person.id, grantId: id, by: "subject" } as const;
  await context.store.revokeGrant(id, context.now, event);
}

function requireOwnOrigin(request: Request, { config }: Context): void {
  if (!isSameOriginRequest(request, config.origin))
    throw new OAuthError("invalid_request", `${request.method} from another site`, { status: 403 });
}

/** `id` becomes the token's: a form makes one token, however often it is sent. */
const newTokenForm = (person: Person, browser: Browser, id: string): Form => ({
  name: "new-token",
  browser,
  subject: person.id,
  sessionId: person.sessionId,
  about: id,
});

const deleteForm = (person: Person, browser: Browser): Form => ({
  name: "delete-token",
  browser,
  subject: person.id,
  sessionId: person.sessionId,
});

const pathOf = ({ config }: Context): string => config.basePath + config.paths.accessTokens;

const commonView = (person: Person, context: Context) => ({
  frame: frameOf(context),
  person,
  path: pathOf(context),
  connectedAppsPath: context.config.basePath + context.config.paths.connectedApps,
});

/** What cannot be shown is not shown in a form either. */
const shownAgain = (name = ""): string => (name.length <= 100 && isShowable(name.trim()) ? name : "");

/** A form with a mistake in it: what was sent stands in it again. */
interface Mistaken {
  readonly error: OAuthError;
  readonly fields: Parameters;
}

function listPage(
  tokens: readonly PersonalToken[],
  person: Person,
  request: Request,
  context: Context,
  remark?: Mistaken | "repeated",
): Response {
  const mistaken = remark === "repeated" ? undefined : remark;
  const { config, keys, now } = context;
  const browser = recogniseBrowser(request, config.isSecure);
  const id = mintIdentifier();
  const allowed = personalScope(config.vocabulary);
  const view: AccessTokensView = {
    ...commonView(person, context),
    vocabulary: config.vocabulary,
    ...pageOfTokens(tokens, request),
    now,
    offered: allowed,
    ticked: intersection(allowed, mistaken?.fields.all("scope") ?? config.defaultScope),
    filled: {
      name: shownAgain(mistaken?.fields.get("name")),
      ends: mistaken?.fields.get("ends") ?? usualEnd,
      until: mistaken?.fields.get("until") ?? "",
    },
    mayNeverEnd: mayNeverEnd(context),
    hiddenForNew: { id, csrf: formToken(keys, newTokenForm(person, browser, id)) },
    hiddenForDelete: { csrf: formToken(keys, deleteForm(person, browser)) },
    mistake: mistaken?.error.options.mistake,
    isRepeated: remark === "repeated",
  };
  const status = mistaken?.error.status ?? 200;
  return pageResponse(accessTokensPage(view), { status, headers: browser.headers });
}

/** As many as 10 KB hold, with the form. */
const tokensOnPage = 10;

function pageOfTokens(tokens: readonly PersonalToken[], request: Request): Pick<AccessTokensView, "tokens" | "page"> {
  const { items, page } = pageOf(tokens, tokensOnPage, new URL(request.url).searchParams.get("page"));
  return { tokens: items, page };
}

/** A token in JSON; times are seconds. */
function tokenDocument({ grant, name, usedAt }: PersonalToken): Record<string, unknown> {
  return {
    id: grant.id,
    name,
    scopes: grant.scope,
    created_at: seconds(grant.createdAt),
    ...(grant.endsAt === undefined ? {} : { ends_at: seconds(grant.endsAt) }),
    ...(usedAt === undefined ? {} : { last_used_at: seconds(usedAt) }),
  };
}
