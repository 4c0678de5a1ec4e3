import type { Answer } from "../../bench/connection.ts";
import type { AppFacts } from "../facts.ts";
import type { Worker } from "./worker.ts";

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

export function parseTokens({ body }: Answer): Tokens {
  const { access_token, refresh_token } = JSON.parse(body.toString()) as { access_token?: string; refresh_token?: string };
  if (access_token === undefined || refresh_token === undefined) throw new Error("the answer has not both tokens");
  return { accessToken: access_token, refreshToken: refresh_token };
}

/** The request that rotates a refresh token. OAuth 2.1 §4.3.1 */
export const rotation = ({ clientId }: AppFacts, refreshToken: string) => ({
  method: "POST" as const,
  path: "/oauth/token",
  form: { grant_type: "refresh_token", client_id: clientId, refresh_token: refreshToken },
});

/** The app gets its next pair. */
export async function refresh(app: AppFacts, { caller, ledger }: Pick<Worker, "caller" | "ledger">): Promise<void> {
  if (!app.isRotationInDoubt) app.events.asked("token.refreshed");
  app.isRotationInDoubt = true;
  const tokens = parseTokens(await caller.ask(rotation(app, app.refreshTokens.at(-1) ?? ""), 200));
  app.events.happened("token.refreshed");
  app.take(tokens);
  ledger.did("refreshed");
}

/** Two parts of the app refresh at once. It is one rotation, and both get the same pair. */
export async function refreshTwice(app: AppFacts, { caller, rival, ledger }: Worker): Promise<void> {
  app.events.asked("token.refreshed");
  app.isRotationInDoubt = true;
  const message = rotation(app, app.refreshTokens.at(-1) ?? "");
  const answers = await Promise.allSettled([caller, rival].map((one) => one.ask(message, 200)));
  const pairs = answers.flatMap((settled) => (settled.status === "fulfilled" ? [parseTokens(settled.value)] : []));
  const [first, second] = pairs;
  if (first !== undefined) {
    app.events.happened("token.refreshed");
    app.take(first);
    ledger.did("refreshed");
  }
  if (first !== undefined && second !== undefined)
    ledger.holds(
      first.refreshToken === second.refreshToken && first.accessToken === second.accessToken,
      "accepted twice",
      `a refresh token of client ${app.clientId} was rotated by two requests at once`,
    );
  for (const settled of answers) if (settled.status === "rejected") throw settled.reason;
}

const revocation = ({ clientId }: AppFacts, token: string) => ({
  method: "POST" as const,
  path: "/oauth/revoke",
  form: { client_id: clientId, token },
});

/** The app gives an access token back: that token alone ends. RFC 7009 §2.1 */
export async function revokeAccessToken(app: AppFacts, { caller, ledger, random }: Worker): Promise<void> {
  const token = random.pick(app.accessTokens.filter(({ standing }) => standing === "live"));
  if (token === undefined) return;
  app.events.asked("token.revoked");
  token.standing = "either";
  await caller.ask(revocation(app, token.value), 200);
  app.events.happened("token.revoked");
  token.standing = "ended";
  ledger.did("access token revoked");
}

/** The app gives its refresh token back: its grant ends, and all of its tokens. RFC 7009 §2.1 */
export async function revokeGrant(app: AppFacts, { caller, ledger }: Pick<Worker, "caller" | "ledger">): Promise<void> {
  app.events.asked("grant.revoked");
  app.grant = "either";
  app.endingInDoubt = "grant.revoked";
  await caller.ask(revocation(app, app.refreshTokens.at(-1) ?? ""), 200);
  app.events.happened("grant.revoked");
  app.grant = "ended";
  app.endingInDoubt = undefined;
  ledger.did("grant revoked");
}

/** A client that acts for itself gets a token. OAuth 2.1 §4.2 */
export async function requestForItself({ caller, service, ledger, origin }: Worker): Promise<void> {
  const form = { grant_type: "client_credentials", scope: "read", resource: `${origin}/api/notes` };
  service.events.asked("token.issued");
  const { authorization } = service;
  const { body } = await caller.ask({ method: "POST", path: "/oauth/token", headers: { authorization }, form }, 200);
  service.events.happened("token.issued");
  const { access_token: value = "" } = JSON.parse(body.toString()) as { access_token?: string };
  service.tokens.push({ value, standing: "live" });
  ledger.did("client credentials");
}

/** … and gives it back. No other token goes with it. */
export async function revokeForItself({ caller, service, ledger, random }: Worker): Promise<void> {
  const token = random.pick(service.tokens.filter(({ standing }) => standing === "live"));
  if (token === undefined) return;
  service.events.asked("token.revoked");
  token.standing = "either";
  const { authorization } = service;
  await caller.ask({ method: "POST", path: "/oauth/revoke", headers: { authorization }, form: { token: token.value } }, 200);
  service.events.happened("token.revoked");
  token.standing = "ended";
  ledger.did("access token revoked");
}
