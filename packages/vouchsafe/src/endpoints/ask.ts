import type { Person } from "../config.ts";
import { type Context, noteStep } from "../context.ts";
import { redirect } from "../http/responses.ts";
import { OAuthError } from "../protocol/errors.ts";
import { mayBeSilent } from "../protocol/trust-tier.ts";
import { showConsent } from "./consent.ts";
import { answerAsRemembered, rememberedGrant } from "./remembered-consent.ts";
import { type Asked, returnTo, settleRequest } from "./settle-request.ts";
import { markSentToSignIn, promptForSignIn } from "./signing-in-again.ts";

/**
 * Asks the person, once the request is in order and they are signed in, unless what they said before still stands.
 * `prompt`, `max_age`: OpenID Connect Core §3.1.2.1
 */
export async function ask(query: string, request: Request, context: Context): Promise<Response> {
  const person = await context.config.signedIn(request);
  if (person !== undefined) await limitRequests(person, context);
  const asked = await settleRequest(query, person, context);
  const { prompt } = asked.request;
  const isSilent = prompt.includes("none");
  const promptAgain = person && promptForSignIn(asked, person, context);
  if (person === undefined || promptAgain !== undefined) {
    if (isSilent) throw new OAuthError("login_required", "prompt none, and nobody is signed in, or too long ago");
    return toSignIn(asked, promptAgain, request, context);
  }
  const remembered = rememberedGrant(asked);
  if (isSilent && (remembered === undefined || !mayBeSilent(asked.tier, asked.client)))
    throw new OAuthError("consent_required", "prompt none, and the person must be asked");
  if (remembered !== undefined && !prompt.includes("consent")) return answerAsRemembered(remembered, asked, person, request, context);
  return showConsent(asked, person, request, context);
}

async function limitRequests(person: Person, { limits }: Context): Promise<void> {
  const wait = await limits.authorize.count(person.id);
  if (wait !== undefined) throw new OAuthError("slow_down", "too many authorization requests of one person", { retryAfter: wait });
}

function toSignIn({ query, request: { loginHint } }: Asked, prompt: string | undefined, request: Request, context: Context): Response {
  noteStep(context, "sign_in");
  const hints = { ...(prompt === undefined ? {} : { prompt }), ...(loginHint === undefined ? {} : { loginHint }) };
  const back = returnTo(prompt === undefined ? query : markSentToSignIn(query, context), context);
  return redirect(context.config.signInUrl(back, hints), {}, request.method === "POST" ? 303 : 302);
}
