import type { Person } from "../config.ts";
import type { Context } from "../context.ts";
import { redirect, wantsPage } from "../http/responses.ts";
import { OAuthError } from "../protocol/errors.ts";

/**
 * Who is signed in, or the answer to nobody: a bearer token is nobody here, whatever it may do elsewhere. Otherwise an app
 * could make itself a token that outlives its disconnection.
 */
export async function requirePerson(request: Request, path: string, { config, endpoint }: Context): Promise<Person | Response> {
  const hasBearer = /^bearer\b/i.test(request.headers.get("authorization") ?? "");
  const person = hasBearer ? undefined : await config.signedIn(request);
  if (person !== undefined) return person;
  if (!wantsPage(request) || request.headers.has("authorization") || !["GET", "HEAD", "POST"].includes(request.method))
    throw new OAuthError("login_required", `${endpoint} without a session`, { status: 401 });
  return redirect(config.signInUrl(path, {}));
}
