/** People's own tokens, made at their page as a script of our own origin would: {pat}. */
import { type Answer, memberOf } from "./answer.ts";
import type { Member } from "./cast.ts";
import type { Stage } from "./stage.ts";

export const tokensPage = "/my/access_tokens";

export interface PersonalToken {
  readonly id: string;
  readonly value: string;
}

interface Wanted {
  readonly name?: unknown;
  readonly scopes?: readonly string[];
  readonly ends?: unknown;
}

export function askForToken(stage: Stage, { browser }: Member, wanted: Wanted = {}): Promise<Answer> {
  const lines = ["Content-Type: application/json", "Accept: application/json", `Origin: ${stage.origin}`, "Sec-Fetch-Site: same-origin"];
  return browser.send("POST", tokensPage, lines, JSON.stringify({ name: "Night backup", scopes: ["read"], ends: "30d", ...wanted }));
}

export async function makeToken(stage: Stage, member: Member, wanted: Wanted = {}): Promise<PersonalToken> {
  const answer = await askForToken(stage, member, wanted);
  const [id, value] = [memberOf(answer, "id"), memberOf(answer, "token")];
  if (id === undefined || value === undefined) throw new Error(`no token was made: ${answer.status} ${answer.body.slice(0, 300)}`);
  stage.issued.push({ kind: "personal token", value });
  return { id, value };
}

/** Presses Delete in the token's row. */
export async function deleteToken({ browser }: Member, { id }: PersonalToken): Promise<Answer> {
  const page = await browser.open(tokensPage);
  const row = page.answer.body.slice(page.answer.body.indexOf(`action="${tokensPage}/${id}/delete"`) - 20);
  const csrf = /name="csrf" value="([^"]*)"/.exec(row)?.[1] ?? "";
  return (await browser.post(`${tokensPage}/${id}/delete`, [["csrf", csrf]])).answer;
}
