import { createHash, randomBytes } from "node:crypto";
import type { Answer, Connection } from "./connection.ts";
import type { Cookies } from "./cookies.ts";
import { filledForm, refreshTarget } from "./filled-form.ts";
import type { Stage } from "./stage.ts";
import { redirectUri } from "./target.ts";

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

/**
 * Somebody signed in connects an app, and the app redeems the code: OAuth 2.1 §4.1 with PKCE. The consent page is asked
 * for every time, and answered as its form stands.
 */
export async function connectApp(connection: Connection, stage: Stage, browser: Cookies, app = stage.clients.app): Promise<Tokens> {
  const { target } = stage;
  const codeVerifier = mintCodeVerifier();
  const decision = await allow(connection, stage, browser, authorizationRequest(stage, app, codeVerifier));
  const code = await codeFrom(decision, connection, stage, browser);
  const answer = await connection.send({
    method: "POST",
    path: target.paths.token,
    form: {
      grant_type: "authorization_code",
      client_id: app,
      code,
      redirect_uri: redirectUri,
      code_verifier: codeVerifier,
      ...resourceOf(stage),
    },
    status: 200,
  });
  return parseTokens(answer);
}

/** Where an app sends the person: OAuth 2.1 §4.1.1. */
export function authorizationRequest(stage: Stage, app: string, codeVerifier = mintCodeVerifier()): string {
  const { target } = stage;
  const query = new URLSearchParams({
    client_id: app,
    response_type: "code",
    redirect_uri: redirectUri,
    scope: target.scope,
    state: "st",
    code_challenge: createHash("sha256").update(codeVerifier).digest("base64url"),
    code_challenge_method: "S256",
    ...resourceOf(stage),
  });
  return `${target.paths.authorize}?${query.toString()}`;
}

const mintCodeVerifier = (): string => randomBytes(32).toString("base64url");

/** RFC 8707 §2 */
export function resourceOf({ target, place }: Stage): { resource?: string } {
  return target.resource === undefined ? {} : { resource: target.resource(place) };
}

export function parseTokens({ body }: Answer): Tokens {
  const { access_token, refresh_token } = JSON.parse(body.toString()) as { access_token?: string; refresh_token?: string };
  if (access_token === undefined || refresh_token === undefined) throw new Error("the answer has not both tokens");
  return { accessToken: access_token, refreshToken: refresh_token };
}

async function allow(connection: Connection, { target, place }: Stage, browser: Cookies, path: string): Promise<Answer> {
  const page = await connection.send({ path, headers: { cookie: browser.header }, status: 200 });
  browser.take(page);
  const { action, fields } = filledForm(page.body.toString());
  const answer = await connection.send({
    method: "POST",
    path: action ?? path,
    headers: { cookie: browser.header, origin: place.origin },
    form: { ...fields, ...target.allowButton },
  });
  browser.take(answer);
  return answer;
}

/** From the redirect to the app, or from the page of the server's own that leads there. */
async function codeFrom(decision: Answer, connection: Connection, { place }: Stage, browser: Cookies): Promise<string> {
  let location = decision.headers.get("location");
  if (location === undefined)
    throw new Error(`the consent form was answered ${decision.status}: ${decision.body.toString().slice(0, 300)}`);
  const { origin, pathname, search } = new URL(location, place.origin);
  if (origin === place.origin) {
    const page = await connection.send({ path: pathname + search, headers: { cookie: browser.header }, status: 200 });
    location = refreshTarget(page.body.toString()) ?? "";
  }
  const code = URL.parse(location)?.searchParams.get("code") ?? undefined;
  if (code === undefined) throw new Error(`there is no code in ${location}`);
  return code;
}
