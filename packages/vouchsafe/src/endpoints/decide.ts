import type { GrantChoice, Person } from "../config.ts";
import { type Context, circumstances, noteStep } from "../context.ts";
import { type Browser, isOwnForm, recogniseBrowser } from "../http/browser.ts";
import { browserName } from "../http/browser-name.ts";
import { redirect } from "../http/responses.ts";
import { shownName } from "../pages/client-name.ts";
import { refuseAsTooOld } from "../protocol/errors.ts";
import { flowIdOfRequest } from "../protocol/flow.ts";
import { type Parameters, parseParameters } from "../protocol/parameters.ts";
import { intersection, type Scope, union } from "../protocol/scope.ts";
import { ask } from "./ask.ts";
import { codeUri, deniedUri } from "./authorization-response.ts";
import { type ConsentForm, consentFormOf, parseFormText, showConsent, showForm } from "./consent.ts";
import { doneUrl } from "./done.ts";
import { frameOf } from "./frame-of.ts";
import { type Asked, formLifetime, readQuery, settleRequest, uiLocalesOf } from "./settle-request.ts";

/**
 * The person's decision. The request is checked again from the start, as it came: a client or redirect URI that has gone
 * since is gone. One row records the decision, so that its second submission leads to the same answer.
 */
export async function decide(body: string, request: Request, context: Context): Promise<Response> {
  const { config, store, now } = context;
  const fields = parseParameters(body, ["scope"]);
  fields.refuseDefects();
  const text = fields.require("request");
  const form = parseFormText(text);
  const sent = readQuery(form.query);
  context.uiLocales = uiLocalesOf(sent);
  context.flow.id = flowIdOfRequest(sent);
  const person = await config.signedIn(request);
  // A copy of the context, so that a refusal from here on is shown and not redirected: Chromium stops a redirect of the form
  // to the client, and all that would remain is a dead button.
  const shown = { ...context };
  if (person === undefined) return ask(form.query, request, shown);

  const browser = recogniseBrowser(request, config.isSecure);
  requireOwnForm(request, text, fields, person, browser, context);
  if (now >= form.askedAt + formLifetime) refuseAsTooOld("the consent form is too old");
  const choice = chosenLifetime(fields, context);
  const asked = await settleRequest(form.query, undefined, shown, false);
  const scope = grantedScope(fields, form, asked, context);
  const isAllowed = fields.require("decision") === "allow";
  if (isAllowed && scope.length === 0) return showForm(form, asked, person, browser, shown, { nothingTicked: { lifetime: choice.value } });
  // What they said yes to is not what asks now.
  if (isAllowed && form.identity !== asked.identity)
    return showConsent(await settleRequest(form.query, person, shown), person, request, shown);

  const { messages } = frameOf(shown);
  const browserUsed = isAllowed ? await browserName(request) : undefined;
  const endsAt = choice.lifetime === undefined ? undefined : now + choice.lifetime;
  const target = isAllowed
    ? codeUri({ grantId: form.id, scope, endsAt, browser: browserUsed, tellIn: messages.language }, asked, person, context)
    : deniedUri(asked, context);
  const expiresAt = now + config.codeLifetime;
  const url = doneUrl({ target, clientName: shownName(asked.client, messages), isDenied: !isAllowed, expiresAt }, browser, shown);
  const common = { ...circumstances(context), tier: asked.tier, clientId: asked.client.id, subject: person.id, grantId: form.id };
  const type = scope.length < asked.request.scope.length ? "consent.narrowed" : "consent.allowed";
  // Remembered for as long as this form, or another tab's of the same pushed request, could be sent.
  const lastForm = asked.pushedId === undefined ? form.askedAt : now + formLifetime;
  const decision = { requestId: form.id, answer: url, expiresAt: lastForm + formLifetime };
  const standing = await store.decide(decision, isAllowed ? { ...common, type, scope } : { ...common, type: "consent.denied" });
  if (standing === url) noteStep(shown, isAllowed ? "allowed" : "denied", { subject: person.id, grantId: form.id });
  return redirect(standing);
}

function requireOwnForm(
  request: Request,
  text: string,
  fields: Parameters,
  person: Person,
  browser: Browser,
  { keys, config }: Context,
): void {
  const decision = fields.get("decision");
  if (decision !== "allow" && decision !== "deny") refuseAsTooOld("the decision is neither allow nor deny");
  if (!isOwnForm(request, keys, config.origin, consentFormOf(text, person, browser), fields.get("csrf")))
    refuseAsTooOld("the consent form is not of this browser and session, or came from another site");
}

/** Ticked ∪ (held ∩ requested) ∪ required: never what was not asked for. */
function grantedScope(fields: Parameters, form: ConsentForm, { request }: Asked, { config }: Context): Scope {
  const required = request.scope.filter((name) => config.vocabulary.get(name)?.required === true);
  return intersection(request.scope, union(union(fields.all("scope"), form.held), required));
}

function chosenLifetime(fields: Parameters, { config }: Context): GrantChoice {
  const value = fields.get("lifetime");
  const choice = config.grantChoices.find((offered) => (value === undefined ? offered.preselected : offered.value === value));
  return choice ?? refuseAsTooOld("the lifetime was not offered");
}
