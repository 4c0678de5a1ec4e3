import type { Person } from "../config.ts";
import type { Context } from "../context.ts";
import { redirect } from "../http/responses.ts";
import { OAuthError } from "../protocol/errors.ts";
import { showConsent } from "./consent.ts";
import { returnTo, settleRequest } from "./settle-request.ts";

/** Asks the person, once the request is in order and they are signed in. */
export async function ask(query: string, request: Request, context: Context): Promise<Response> {
  const person = await context.config.signedIn(request);
  if (person !== undefined) await limitRequests(person, context);
  const asked = await settleRequest(query, person, context);
  const silent = asked.request.prompt.includes("none");
  if (person === undefined) {
    if (silent) throw new OAuthError("login_required", "prompt none, and nobody is signed in");
    return redirect(context.config.signInUrl(returnTo(query, context), hintsOf(query)), {}, request.method === "POST" ? 303 : 302);
  }
  if (silent) throw new OAuthError("consent_required", "prompt none, and consent is asked every time");
  return showConsent(asked, person, request, context);
}

async function limitRequests(person: Person, { limits }: Context): Promise<void> {
  const wait = await limits.authorize.count(person.id);
  if (wait !== undefined) throw new OAuthError("slow_down", "too many authorization requests of one person", { retryAfter: wait });
}

/** For a prefilled sign-in form. OpenID Connect Core §3.1.2.1 */
function hintsOf(query: string): { loginHint?: string } {
  const loginHint = new URLSearchParams(query).get("login_hint");
  return loginHint === null ? {} : { loginHint };
}
