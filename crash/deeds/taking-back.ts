import { filledForm } from "../../bench/filled-form.ts";
import { ExpectedEvents } from "../expected-events.ts";
import type { AppFacts } from "../facts.ts";
import type { Worker } from "./worker.ts";

/** The person disconnects an app, by the form that asks whether they mean it. */
export async function disconnect(app: AppFacts, { caller, origin, person, ledger }: Worker): Promise<void> {
  const path = `/my/connected_apps/${app.clientId}/disconnect`;
  const page = await caller.ask({ path, headers: { cookie: person.browser.header } }, 200);
  person.browser.take(page);
  const { action = path, fields } = filledForm(page.body.toString());
  app.events.asked("client.disconnected");
  app.grant = "either";
  app.endingInDoubt = "client.disconnected";
  await caller.ask({ method: "POST", path: action, headers: { cookie: person.browser.header, origin }, form: fields }, 303);
  app.events.happened("client.disconnected");
  app.grant = "ended";
  app.endingInDoubt = undefined;
  ledger.did("disconnected");
}

/** A person has so many at most: the server lets them have 100. */
export const mostPersonalTokens = 10;

/** The person makes a token of their own. */
export async function createPersonalToken({ caller, origin, person, ledger }: Worker): Promise<void> {
  const headers = { cookie: person.browser.header, origin, accept: "application/json" };
  const json = { name: "Backup", scopes: ["read"], ends: "7d" };
  const { body } = await caller.ask({ method: "POST", path: "/my/access_tokens", headers, json }, 201);
  const { id = "", token = "" } = JSON.parse(body.toString()) as { id?: string; token?: string };
  const events = new ExpectedEvents();
  events.asked("personal_token.created");
  events.happened("personal_token.created");
  person.personalTokens.push({ id, value: token, standing: "live", events });
  ledger.did("personal token created");
}

/** … and deletes it. */
export async function deletePersonalToken({ caller, origin, person, ledger, random }: Worker): Promise<void> {
  const token = random.pick(person.personalTokens.filter(({ standing }) => standing === "live"));
  if (token === undefined) return;
  token.events.asked("personal_token.revoked");
  token.standing = "either";
  await caller.ask(personalTokenDeletion(token.id, person.browser.header, origin), 204);
  token.events.happened("personal_token.revoked");
  token.standing = "ended";
  ledger.did("personal token deleted");
}

export const personalTokenDeletion = (id: string, cookie: string, origin: string) => ({
  method: "DELETE" as const,
  path: `/my/access_tokens/${id}`,
  headers: { cookie, origin, accept: "application/json" },
});
