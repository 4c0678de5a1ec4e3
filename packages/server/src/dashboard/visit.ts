import type { Forms, Person } from "vouchsafe";
import { readForm, redirect, refuseAsFormTooOld } from "vouchsafe/pages";
import type { Operator } from "../operator/operator.ts";
import { pathWithNote, readNote } from "./notes.ts";
import type { DashboardFrame } from "./pages/frame.ts";

/** One request of an administrator. */
export interface Visit {
  readonly request: Request;
  readonly frame: DashboardFrame;
  /** Whatever it does is in the audit with the administrator's name. */
  readonly operator: Operator;
  readonly forms: Forms;
  /** Undefined: it came with a token instead of a session. */
  readonly person: Person | undefined;
}

/** What the page before did. */
export const noteOf = (visit: Visit): string | undefined => readNote(visit);

/** The hidden fields of a page's form, and the headers that the page must be sent with. */
export function makeForm({ forms, request, person }: Visit, name: string) {
  const { token, headers } = forms.token(request, formName(name), person);
  return { hidden: { csrf: token }, headers };
}

/** @throws OAuthError where the form is not one that we gave to this browser and session for this very thing */
export async function requireForm({ forms, request, person }: Visit, name: string, path: string): Promise<void> {
  const fields = await readForm(request);
  if (!forms.check(request, formName(name), fields.get("csrf"), person))
    refuseAsFormTooOld("the dashboard's form is not of this session, or came from another site", path);
}

const formName = (name: string): string => `admin ${name}`;

/** After something was done: to a page that says so, which can be reloaded. */
export const done = (visit: Visit, path: string, words: string): Response => redirect(pathWithNote(path, words, visit));
