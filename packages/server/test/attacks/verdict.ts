/** Compares what happened with what the case expects. */
import { header } from "./answer.ts";
import { allowsStatus, type Expected } from "./attack-case.ts";
import { bodyFault } from "./expected-body.ts";
import { headerFault } from "./expected-headers.ts";
import { invariantFaults } from "./invariants.ts";
import { mustNotFaults } from "./must-not.ts";
import { errorOf, locationOf, type Played, parameterOf, sentParameter } from "./played.ts";
import { withField } from "./raw-message.ts";
import type { Exchanged, Scene } from "./scene.ts";

export interface Findings {
  readonly failures: readonly string[];
  /** What the case says and no rule of this runner understands. */
  readonly unchecked: readonly string[];
}

export async function judge(played: Played): Promise<Findings> {
  const { scene, judged } = played;
  const { expected, mustNot } = scene.attackCase;
  const faults: string[] = [...scene.failures];
  const unchecked: string[] = [];
  const note = (what: string, fault: string | undefined): void => {
    if (fault === "?") unchecked.push(what);
    else if (fault !== undefined) faults.push(fault);
  };
  for (const exchanged of judged) {
    note("status", statusFault(exchanged, expected));
    note("error", await errorFault(exchanged, scene));
    note(`redirect: ${expected.redirect}`, redirectFault(exchanged, expected));
    for (const [name, value] of expected.headers)
      if (!scene.covered.has(value)) note(`header ${name}: ${value}`, headerFault(exchanged, scene, name, value));
    if (expected.body !== undefined && !scene.covered.has(expected.body))
      note(`body: ${expected.body}`, await bodyFault(exchanged, scene, expected.body));
  }
  for (const phrase of mustNot.filter((each) => !scene.covered.has(each))) note(`must not: ${phrase}`, await mustNotFaults(played, phrase));
  return { failures: shortened([...faults, ...invariantFaults(played)]), unchecked };
}

/** A sweep that fails fails often, in the same way. */
function shortened(failures: readonly string[]): readonly string[] {
  const most = 5;
  const different = [...new Set(failures)];
  return different.length <= most ? different : [...different.slice(0, most), `and ${different.length - most} more like these`];
}

function statusFault({ answer, message }: Exchanged, { statuses }: Expected): string | undefined {
  if (allowsStatus(statuses, answer.status)) return undefined;
  return `${message.method} ${message.target.slice(0, 120)}: expected ${statuses.join(" or ")}, got ${answer.status} ${answer.body.slice(0, 200)}`;
}

/** Parsers in front of us refuse without an OAuth error; so a page for people may. Then a machine asks once more. */
async function errorFault(exchanged: Exchanged, scene: Scene): Promise<string | undefined> {
  const { errors } = scene.attackCase.expected;
  const { status } = exchanged.answer;
  if (errors.length === 0 || status === 0 || (status >= 200 && status < 300) || [404, 405, 408, 413, 414, 431].includes(status))
    return undefined;
  const isPage = /text\/html/.test(header(exchanged.answer, "content-type") ?? "");
  if (isPage && exchanged.message.method !== "GET") return errorOf(exchanged) === undefined ? "?" : undefined;
  const answer = isPage ? await scene.stage.send(withField(exchanged.message, "Accept: application/json")) : exchanged.answer;
  const error = errorOf({ ...exchanged, answer });
  if (error !== undefined && errors.includes(error)) return undefined;
  // Where a case allows 503, the one code that there is for it goes without saying.
  if (status === 503 && error === "temporarily_unavailable") return undefined;
  return `expected error ${errors.join(" or ")}, got ${error ?? "none"} (${status})`;
}

function redirectFault(exchanged: Exchanged, { redirect }: Expected): string | undefined {
  if (redirect === undefined) return undefined;
  const location = locationOf(exchanged);
  const stays = location === undefined && !navigatesByItself(exchanged.answer.body);
  if (redirect === "none") return stays ? undefined : `expected no redirect, got ${location ?? "a page that navigates"}`;
  // Where the case also allows an error page, staying is fine: the status has been compared.
  if (location === undefined) return undefined;
  const returned = sentParameter(exchanged, "redirect_uri");
  if (returned !== undefined && location.split("?")[0] !== returned.split("?")[0]) return `redirected to ${location}, not to the client`;
  const missing = ["error", "iss"].filter((name) => parameterOf(location, name) === undefined);
  const states = exchanged.message.target.split("&state=").length - 1;
  const stateLost = states === 1 && parameterOf(location, "state") !== sentParameter(exchanged, "state");
  return missing.length > 0 || stateLost
    ? `the redirect lacks ${[...missing, ...(stateLost ? ["state"] : [])].join(", ")}: ${location}`
    : undefined;
}

export const navigatesByItself = (html: string): boolean => /http-equiv="?refresh|<script|\bonload\s*=/i.test(html);
