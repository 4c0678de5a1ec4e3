import { personalTokenDeletion } from "../deeds/taking-back.ts";
import type { PersonalToken, PersonFacts } from "../facts.ts";
import { type Checker, countEvents, opensNotes } from "./checker.ts";

/** How many personal tokens that have ended are kept in mind. */
const keptEnded = 4;

/** Compares what a person was told with what the server says. */
export async function checkPerson(person: PersonFacts, checker: Checker): Promise<void> {
  const { caller, ledger } = checker;
  const headers = { accept: "application/json" };
  for (const [position, { header }] of person.sessions.entries()) {
    const { status } = await caller.ask({ path: "/my/connected_apps", headers: { ...headers, cookie: header } }, 200, 303, 401);
    ledger.holds(status === 200, "lost", `sign-in ${position + 1} of ${person.email} is forgotten`);
  }
  const { body } = await caller.ask({ path: "/my/access_tokens", headers: { ...headers, cookie: person.browser.header } }, 200);
  const { access_tokens: listed } = JSON.parse(body.toString()) as { access_tokens: readonly { readonly id: string }[] };
  const ids = new Set(listed.map(({ id }) => id));
  for (const token of person.personalTokens) await checkPersonalToken(token, ids.has(token.id), checker);
  const strays = [...ids].filter((id) => !person.personalTokens.some((token) => token.id === id));
  // Their answers never came, and nobody has them: a person may have only so many.
  for (const id of strays) await caller.ask(personalTokenDeletion(id, person.browser.header, checker.origin), 204);
  forgetEnded(person.personalTokens);
}

async function checkPersonalToken(token: PersonalToken, isListed: boolean, checker: Checker): Promise<void> {
  const { ledger } = checker;
  const active = await opensNotes(token.value, checker);
  const words = `personal token ${token.id}`;
  if (token.standing === "live") ledger.holds(active && isListed, "lost", `${words} is gone`);
  else if (token.standing === "ended") ledger.holds(!active && !isListed, "revived", `${words} is back after it was deleted`);
  else {
    ledger.holds(active === isListed, "wrong", `${words} is ${active ? "active" : "not active"} and ${isListed ? "listed" : "not listed"}`);
    token.events.settle("personal_token.revoked", !active);
    token.standing = active ? "live" : "ended";
  }
  for (const { breach, words: what } of token.events.compare(await countEvents({ grant: token.id }, checker)))
    ledger.holds(false, breach, `${words}: ${what}`);
}

function forgetEnded(tokens: PersonalToken[]): void {
  const ended = tokens.filter(({ standing }) => standing === "ended");
  for (const token of ended.slice(0, Math.max(0, ended.length - keptEnded))) tokens.splice(tokens.indexOf(token), 1);
}
