/** The happy path, driven for real: authorization request, consent, code, tokens. */
import { type Answer, jsonOf, memberOf } from "./answer.ts";
import type { Visit } from "./browser.ts";
import type { Member } from "./cast.ts";
import type { Field } from "./form.ts";
import { challengeOf, verifierNamed } from "./placeholder.ts";
import { authenticationOf, type RegisteredClient } from "./registered-clients.ts";
import type { Stage } from "./stage.ts";

export interface Asked {
  readonly client: RegisteredClient;
  readonly redirectUri?: string;
  readonly scope?: string;
  readonly state?: string;
  /** Undefined: {RA}. Empty: none is named. */
  readonly resource?: string;
  readonly verifier?: string;
  readonly more?: Readonly<Record<string, string>>;
}

export interface Code {
  readonly value: string;
  readonly client: RegisteredClient;
  readonly redirectUri: string;
  readonly verifier: string;
  /** Where the browser was sent with it. */
  readonly landing: URL;
}

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly scope: string;
}

export const resourceA = (stage: Stage): string => `${stage.issuer}/api/notes`;
export const resourceB = (stage: Stage): string => `${stage.issuer}/mcp`;

/** The standard request of the cases, as a link. */
export function authorizationLink(stage: Stage, asked: Asked): string {
  const redirectUri = asked.redirectUri ?? asked.client.redirectUris[0] ?? "";
  const resource = asked.resource ?? resourceA(stage);
  const parameters = {
    response_type: "code",
    client_id: asked.client.id,
    scope: asked.scope ?? "read",
    state: asked.state ?? "st-1",
    code_challenge: challengeOf(asked.verifier ?? verifierNamed("V")),
    code_challenge_method: "S256",
    ...(resource === "" ? {} : { resource }),
    redirect_uri: redirectUri,
    ...asked.more,
  };
  const path = new URL(stage.issuer).pathname.replace(/\/$/, "");
  return `${path}/oauth/authorize?${new URLSearchParams(parameters)}`;
}

export const askFor = (stage: Stage, member: Member, asked: Asked): Promise<Visit> => member.browser.open(authorizationLink(stage, asked));

/** Allows exactly these scopes. The result is where the person lands. */
export function allow(member: Member, consent: Visit, ticked: readonly string[]): Promise<Visit> {
  const scopes: Field[] = ticked.map((scope) => ["scope", scope]);
  return member.browser.submit(consent, [...scopes, ["decision", "allow"]]);
}

/** Asks, allows everything asked for, and comes back with the code. */
export async function obtainCode(stage: Stage, member: Member, asked: Asked): Promise<Code> {
  const page = await askFor(stage, member, asked);
  const landed = page.leadsTo === undefined ? await allow(member, page, (asked.scope ?? "read").split(" ")) : page;
  return codeFrom(stage, landed, asked);
}

export function codeFrom(stage: Stage, landed: Visit, asked: Asked): Code {
  const landing = new URL(landed.leadsTo ?? "about:blank");
  const value = landing.searchParams.get("code");
  if (value === null) throw new Error(`no code: ${landed.answer.status} ${landed.leadsTo ?? landed.answer.body.slice(0, 300)}`);
  stage.issued.push({ kind: "code", value });
  return {
    value,
    landing,
    client: asked.client,
    redirectUri: asked.redirectUri ?? asked.client.redirectUris[0] ?? "",
    verifier: asked.verifier ?? verifierNamed("V"),
  };
}

export function redeem(stage: Stage, code: Code, more: readonly Field[] = []): Promise<Answer> {
  const { lines, fields } = authenticationOf(code.client);
  const form: Field[] = [
    ["grant_type", "authorization_code"],
    ["code", code.value],
    ["redirect_uri", code.redirectUri],
    ["code_verifier", code.verifier],
  ];
  return stage.post("/oauth/token", [...form, ...fields, ...more], lines);
}

export function refresh(stage: Stage, client: RegisteredClient, refreshToken: string, more: readonly Field[] = []): Promise<Answer> {
  const { lines, fields } = authenticationOf(client);
  return stage.post("/oauth/token", [["grant_type", "refresh_token"], ["refresh_token", refreshToken], ...fields, ...more], lines);
}

export function revoke(stage: Stage, client: RegisteredClient, token: string): Promise<Answer> {
  const { lines, fields } = authenticationOf(client);
  return stage.post("/oauth/revoke", [["token", token], ...fields], lines);
}

export function tokensOf(answer: Answer): Tokens {
  const accessToken = memberOf(answer, "access_token");
  if (accessToken === undefined) throw new Error(`no tokens: ${answer.status} ${JSON.stringify(jsonOf(answer))}`);
  return { accessToken, refreshToken: memberOf(answer, "refresh_token") ?? "", scope: memberOf(answer, "scope") ?? "" };
}

export async function obtainTokens(stage: Stage, member: Member, asked: Asked): Promise<Tokens> {
  return tokensOf(await redeem(stage, await obtainCode(stage, member, asked)));
}

/** What the guarded API says to the token. */
export const callApi = (stage: Stage, accessToken: string, path = "/api/notes"): Promise<Answer> =>
  stage.get(path, [`Authorization: Bearer ${accessToken}`]);

export const isAccepted = async (stage: Stage, accessToken: string): Promise<boolean> => (await callApi(stage, accessToken)).status === 200;

/** Asks and confirms on the page of its own. */
export async function disconnect(member: Member, id: string): Promise<Visit> {
  const page = await member.browser.open(`/my/connected_apps/${id}/disconnect`);
  return member.browser.submit(page, []);
}
