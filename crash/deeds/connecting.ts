import { createHash, randomBytes } from "node:crypto";
import type { Answer } from "../../bench/connection.ts";
import { Cookies } from "../../bench/cookies.ts";
import { filledForm, refreshTarget } from "../../bench/filled-form.ts";
import { type Caller, Unanswered } from "../caller.ts";
import { AppFacts, type Code } from "../facts.ts";
import { parseTokens } from "./tokens.ts";
import type { Worker } from "./worker.ts";

/** Nothing listens there: the code is read from the address. */
const redirectUri = "http://127.0.0.1:9/callback";

/** Signs in with another browser. */
export async function signIn({ caller, origin, person, ledger }: Pick<Worker, "caller" | "origin" | "person" | "ledger">): Promise<void> {
  const browser = new Cookies();
  const page = await caller.ask({ path: "/sign_in" }, 200);
  browser.take(page);
  const form = { ...filledForm(page.body.toString()).fields, email: person.email, password: person.password };
  browser.take(await caller.ask({ method: "POST", path: "/sign_in", headers: { cookie: browser.header, origin }, form }, 303));
  person.signedIn(browser);
  ledger.did("signed in");
}

/** An app registers itself. RFC 7591 §3.1 */
export async function register({ caller, person, ledger, apps }: Worker): Promise<AppFacts> {
  const json = {
    client_name: "Budget app",
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: "none",
    grant_types: ["authorization_code", "refresh_token"],
  };
  const { body } = await caller.ask({ method: "POST", path: "/oauth/register", json }, 201);
  const { client_id: id, registration_access_token: token } = JSON.parse(body.toString()) as Record<string, string>;
  const app = new AppFacts(id ?? "", token ?? "", person);
  app.events.asked("client.registered");
  app.events.happened("client.registered");
  apps.push(app);
  ledger.did("registered");
  return app;
}

/** The person allows what the app asks for, and the browser is sent back with a code. OAuth 2.1 §4.1 with PKCE */
export async function consent(app: AppFacts, { caller, origin, person, ledger }: Worker): Promise<Code> {
  const verifier = randomBytes(32).toString("base64url");
  const query = new URLSearchParams({
    client_id: app.clientId,
    response_type: "code",
    redirect_uri: redirectUri,
    scope: "read",
    state: "st",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    resource: `${origin}/api/notes`,
  });
  const headers = { cookie: person.browser.header };
  const page = await caller.ask({ path: `/oauth/authorize?${query.toString()}`, headers }, 200);
  person.browser.take(page);
  const form = { ...filledForm(page.body.toString()).fields, decision: "allow" };
  app.events.asked("consent.allowed");
  const own = { cookie: person.browser.header, origin };
  const decided = await caller.ask({ method: "POST", path: "/oauth/authorize", headers: own, form }, 200, 303);
  app.events.happened("consent.allowed");
  const code: Code = { value: await codeFrom(decided, headers, caller, origin), verifier, madeAt: performance.now(), state: "unused" };
  app.code = code;
  ledger.did("consented");
  return code;
}

/** From the redirect, or from the page of the server's own that leads to the app. */
async function codeFrom(decided: Answer, headers: Readonly<Record<string, string>>, caller: Caller, origin: string): Promise<string> {
  const { pathname, search } = new URL(decided.headers.get("location") ?? "", origin);
  const done = await caller.ask({ path: pathname + search, headers }, 200);
  const code = URL.parse(refreshTarget(done.body.toString()) ?? "")?.searchParams.get("code");
  if (code === null || code === undefined) throw new Error(`the page at ${pathname} has no code`);
  return code;
}

/** The request that redeems a code. OAuth 2.1 §4.1.3 */
export const redemption = ({ clientId }: AppFacts, { value, verifier }: Code) => ({
  method: "POST" as const,
  path: "/oauth/token",
  form: { grant_type: "authorization_code", client_id: clientId, code: value, redirect_uri: redirectUri, code_verifier: verifier },
});

/** The app redeems its code. */
export async function redeem(app: AppFacts, code: Code, { caller, ledger }: Pick<Worker, "caller" | "ledger">): Promise<void> {
  app.events.asked("token.issued");
  code.state = "in doubt";
  const answer = await caller.ask(redemption(app, code), 200);
  app.events.happened("token.issued");
  opened(app, code, answer, ledger);
}

/** The code gave these tokens. */
export function opened(app: AppFacts, code: Code, answer: Answer, ledger: Worker["ledger"]): void {
  code.state = "redeemed";
  app.grant ??= "live";
  app.take(parseTokens(answer));
  ledger.did("code redeemed");
}

/** Two redeem the same code at once. One at most may get tokens; the other ends them, if it came later. OAuth 2.1 §4.1.3 */
export async function redeemTwice(app: AppFacts, code: Code, { caller, rival, ledger }: Worker): Promise<void> {
  app.events.asked("token.issued");
  app.events.asked("code.replayed");
  code.state = "in doubt";
  const answers = await Promise.allSettled([caller, rival].map((one) => one.ask(redemption(app, code), 200, 400)));
  const given = answers.flatMap((settled) => (settled.status === "fulfilled" && settled.value.status === 200 ? [settled.value] : []));
  ledger.holds(given.length <= 1, "accepted twice", `a code of client ${app.clientId} was redeemed by two requests at once`);
  for (const settled of answers) if (settled.status === "rejected" && !(settled.reason instanceof Unanswered)) throw settled.reason;
  const [answer] = given;
  if (answer !== undefined) {
    app.grant = "either";
    app.endingInDoubt = "code.replayed";
    app.events.happened("token.issued");
    opened(app, code, answer, ledger);
  } else if (answers.every(({ status }) => status === "fulfilled"))
    ledger.found("wrong", `a code of client ${app.clientId} was refused to both who redeemed it at once`);
  if (answers.some(({ status }) => status === "rejected")) throw new Unanswered();
}
