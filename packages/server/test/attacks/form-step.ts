/** Steps that post one of our forms: {handle} and {csrf} become the hidden fields of a page that was really opened. */
import type { Visit } from "./browser.ts";
import { Browser } from "./browser.ts";
import { allFormsOf, encodeFields, type Form, formOf } from "./form.ts";
import { tokensPage } from "./personal-tokens.ts";
import type { Scene } from "./scene.ts";

const csrfParameter = /(?<=[?&\n])csrf(?=(?:\[\])?=)/g;

/** Rewrites the step with the names and values of the page that the form is on. */
export async function fillForms(step: string, scene: Scene): Promise<string> {
  const wanted = /\{(handle|csrf|presess|sessname)/.test(step) || csrfParameter.test(step);
  csrfParameter.lastIndex = 0;
  if (!wanted) return step;
  const target = /^[A-Z]+ ([^?\s]*)/.exec(step)?.[1] ?? "";
  if (target === "/sign_in") return fillSignIn(step, scene);
  const page = target === "/oauth/authorize" ? await scene.consentPage() : await pageWithForm(target, scene);
  const form = target.startsWith(tokensPage) ? formForTokens(page, target) : formOn(page);
  const handle = [...form.hidden.filter((field) => field !== form.csrf), ...form.ticked];
  let filled = named(step, form).replace("handle={handle}", encodeFields(handle));
  if (filled.includes("{csrf:old}")) filled = filled.replace("{csrf:old}", csrfOf(formOn(await scene.consentPage())));
  if (filled.includes("{csrf:mallory}")) filled = filled.replace("{csrf:mallory}", csrfOf(formOn(await scene.consentPage("mallory"))));
  return filled.replaceAll("{csrf}", csrfOf(form));
}

async function fillSignIn(step: string, scene: Scene): Promise<string> {
  const browser = new Browser(scene.stage.origin);
  const form = formOn(await browser.open("/sign_in"));
  const session = (await scene.member("alice")).browser.cookieNames.find((name) => /session/i.test(name)) ?? "session";
  return named(step, form).replaceAll("{presess}", browser.cookies).replaceAll("{sessname}", session).replaceAll("{csrf}", csrfOf(form));
}

/** The page that asks, or any page of the person that has a form: a CSRF token of a page they cannot see does not exist. */
async function pageWithForm(target: string, scene: Scene): Promise<Visit> {
  const { browser } = await scene.member("alice");
  // The form to delete is in a row of her own.
  if (target.startsWith(tokensPage)) {
    await scene.value("pat");
    return browser.open(tokensPage);
  }
  const path = /\{grant:alice\}/.test(target) ? target.replace("{grant:alice}", (await scene.value("grant:alice")) ?? "") : target;
  if (!path.includes("{")) return browser.open(path);
  return browser.open(`/my/connected_apps/${await scene.value("grant:alice")}/disconnect`);
}

function formForTokens(page: Visit, target: string): Form {
  const kind = target.endsWith("/delete") ? /\/delete$/ : /access_tokens$/;
  return allFormsOf(page.answer.body).find(({ action }) => kind.test(action)) ?? formOn(page);
}

function formOn(page: Visit): Form {
  const form = formOf(page.answer.body);
  if (form === undefined) throw new Error(`no form on ${page.target} (${page.answer.status}): ${page.answer.body.slice(0, 200)}`);
  return form;
}

const named = (step: string, form: Form): string => step.replace(csrfParameter, encodeURIComponent(form.csrf?.[0] ?? "csrf"));
const csrfOf = (form: Form): string => encodeURIComponent(form.csrf?.[1] ?? "");
