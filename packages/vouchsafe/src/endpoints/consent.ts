import type { Person } from "../config.ts";
import { type Context, noteStep } from "../context.ts";
import { type Browser, formToken, recogniseBrowser } from "../http/browser.ts";
import { shownName } from "../pages/client-name.ts";
import { type ConsentScope, consentPage } from "../pages/consent.ts";
import { scopeWords } from "../pages/describe-scope.ts";
import { pageResponse } from "../pages/layout.ts";
import type { Frame } from "../pages/look.ts";
import { refuseAsTooOld } from "../protocol/errors.ts";
import { destinationOf } from "../protocol/redirect-uri.ts";
import { difference, intersection, type Scope, union } from "../protocol/scope.ts";
import { mintIdentifier } from "../protocol/secret.ts";
import { hostOf, tickedScope } from "../protocol/trust-tier.ts";
import type { FormerIdentity } from "../store/store.ts";
import { frameOf } from "./frame-of.ts";
import { type Asked, returnTo } from "./settle-request.ts";

/**
 * What a consent form brings back: the request as it came, and what the page was made from. It is no secret; the form's
 * token proves that we wrote it for this browser and session.
 */
export interface ConsentForm {
  /** The request's id; the grant's, if there will be one. */
  readonly id: string;
  readonly query: string;
  readonly askedAt: number;
  readonly held: Scope;
  /** Who the client was. */
  readonly identity: string;
}

type Wire = readonly [string, string, number, Scope, string];

const formText = ({ id, query, askedAt, held, identity }: ConsentForm): string =>
  Buffer.from(JSON.stringify([id, query, askedAt, held, identity] satisfies Wire)).toString("base64url");

/** @throws OAuthError where the text is none of ours; whether it was changed, the form's token tells */
export function parseFormText(text: string): ConsentForm {
  try {
    const [id, query, askedAt, held, identity] = JSON.parse(Buffer.from(text, "base64url").toString("utf8")) as Wire;
    return { id, query, askedAt, held, identity };
  } catch {
    return refuseAsTooOld("the consent form's request cannot be read");
  }
}

/** Shows the consent page for a request that is in order. */
export async function showConsent(asked: Asked, person: Person, request: Request, context: Context): Promise<Response> {
  const { client, pushedId, held, lastAgreed, identity } = asked;
  const form = {
    id: pushedId ?? mintIdentifier(),
    query: asked.query,
    askedAt: context.now,
    held: held.reduce<Scope>((scope, grant) => union(scope, intersection(asked.request.scope, grant.scope)), []),
    identity,
  };
  const hasChanged = lastAgreed !== undefined && lastAgreed !== "" && lastAgreed !== identity;
  const former = hasChanged ? await context.store.formerIdentity(client.id, lastAgreed) : undefined;
  noteStep(context, "consent_shown", { subject: person.id });
  return showForm(form, asked, person, recogniseBrowser(request, context.config.isSecure), context, { former });
}

/** What a page says besides: that the client has changed, or that nothing was ticked, beside the lifetime that was chosen. */
interface Remarks {
  readonly former?: FormerIdentity | undefined;
  readonly nothingTicked?: { readonly lifetime: string };
}

/** Shows the page of a form, the first time or again because nothing was ticked. */
export function showForm(
  form: ConsentForm,
  { client, request: asked, tier }: Asked,
  person: Person,
  browser: Browser,
  context: Context,
  { former, nothingTicked }: Remarks,
): Response {
  const { config, keys, now } = context;
  const text = formText(form);
  const frame = frameOf(context);
  const ticked = nothingTicked === undefined ? tickedScope(tier, asked.scope, config.defaultScope) : [];
  const page = consentPage({
    frame,
    person,
    switchAccountUrl: config.signInUrl(returnTo(form.query, context), { prompt: "select_account" }),
    connectedAppsUrl: config.basePath + config.paths.connectedApps,
    clientName: shownName(client, frame.messages),
    tier,
    site: hostOf(client),
    destination: destinationOf(asked.redirectUri),
    former: former && { name: former.name, destinations: former.redirectUris.filter((uri) => URL.canParse(uri)).map(destinationOf) },
    registeredMinutesAgo: Math.max(0, Math.floor((now - client.createdAt) / 60_000)),
    scopes: describeScopes(difference(asked.scope, form.held), ticked, frame, context),
    held: form.held.map((name) => scopeWords(name, config.vocabulary, frame.messages)),
    choices: config.grantChoices.map((choice) => ({
      ...choice,
      preselected: nothingTicked === undefined ? choice.preselected : choice.value === nothingTicked.lifetime,
    })),
    action: config.basePath + config.paths.authorize,
    hidden: { request: text, csrf: formToken(keys, consentFormOf(text, person, browser)) },
    details: {
      client_name: client.name,
      scope: asked.scope.join(" "),
      client_id: client.id,
      redirect_uri: asked.redirectUri,
      ...(asked.resources.length === 0 ? {} : { resource: asked.resources.map(({ uri }) => uri).join(" ") }),
      request_id: form.id,
    },
    nothingTicked: nothingTicked !== undefined,
  });
  return pageResponse(page, { status: nothingTicked === undefined ? 200 : 400, headers: browser.headers });
}

/** What the form's token is bound to. */
export const consentFormOf = (text: string, person: Person, browser: Browser) =>
  ({ name: "consent", browser, subject: person.id, sessionId: person.sessionId, about: text }) as const;

function describeScopes(scope: Scope, ticked: Scope, { messages }: Frame, { config }: Context): readonly ConsentScope[] {
  return scope.map((name) => ({
    name,
    description: scopeWords(name, config.vocabulary, messages),
    required: config.vocabulary.get(name)?.required === true,
    ticked: ticked.includes(name),
  }));
}
