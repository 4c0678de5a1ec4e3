import { type Context, Hono } from "hono";
import { type AuthorizationServer, mintIdentifier, type Person } from "vouchsafe";
import { en, type Page, pageResponse } from "vouchsafe/pages";
import type { AdminAccess } from "../admin-access.ts";
import { BadInput, Conflict, NotFound, type Operator } from "../operator/operator.ts";
import type { Handler } from "../router.ts";
import { actions } from "./actions.ts";
import { dashboardFrame, dashboardLook, refusalPage } from "./pages/frame.ts";
import { questionPage } from "./pages/question.ts";
import * as screens from "./screens.ts";
import { done, makeForm, requireForm, type Visit } from "./visit.ts";

export interface DashboardOptions {
  readonly oauth: AuthorizationServer;
  readonly operator: Operator;
  readonly access: AdminAccess;
  readonly signedIn: (request: Request) => Promise<Person | undefined>;
}

interface Env {
  readonly Bindings: { readonly visit: Visit };
}

/** The operator's pages. */
export function createDashboard({ oauth, operator, access, signedIn }: DashboardOptions): Handler {
  const look = dashboardLook(oauth.look);
  const app = createPages();
  app.notFound(() => refuse("There is no such page", "The address leads nowhere.", 404));
  app.onError((error) => {
    if (error instanceof NotFound) return refuse("Not found", error.message, 404);
    if (error instanceof BadInput) return refuse("That was not understood", error.message, 400);
    if (error instanceof Conflict) return refuse("That cannot be done", error.message, 409);
    throw error;
  });
  const refuse = (title: string, words: string, status: number): Response =>
    pageResponse(refusalPage({ ...look, messages: en }, { title, words }), { status });

  return async (request, info) => {
    const administrator = await access.requireForPage(request, info);
    if (administrator instanceof Response) return administrator;
    const { name, address, person } = administrator;
    const visit: Visit = {
      request,
      frame: dashboardFrame(look, name),
      operator: operator.as(name, { requestId: mintIdentifier(), address }),
      forms: oauth.forms,
      person: person ?? (await signedIn(request)),
    };
    return app.fetch(request, { visit });
  };
}

/** What answers which path: pages that show, and questions with the forms that answer them. */
function createPages(): Hono<Env> {
  const app = new Hono<Env>();
  const shows = (show: (visit: Visit) => Promise<Page | Response>) => async (c: Context<Env>) => answerWith(await show(c.env.visit));
  const showsOne = (show: (visit: Visit, id: string) => Promise<Page>) => async (c: Context<Env>) =>
    pageResponse(await show(c.env.visit, c.req.param("id") ?? ""));
  app.get("/admin", shows(screens.showOverview));
  app.get("/admin/apps", shows(screens.showApps));
  app.get("/admin/apps/:id", showsOne(screens.showApp));
  app.get("/admin/connections", shows(screens.showConnections));
  app.get("/admin/tokens", shows(screens.showTokens));
  app.get("/admin/people", shows(screens.showPeople));
  app.get("/admin/people/:id", showsOne(screens.showPerson));
  app.get("/admin/security", shows(screens.showSecurity));
  app.get("/admin/audit", shows(screens.showAudit));
  app.post("/admin/audit/verify", shows(screens.verifyAudit));
  app.get("/admin/flows", shows(screens.showFlows));
  app.get("/admin/flows/:id", showsOne(screens.showFlow));
  app.get("/admin/live", shows(screens.showLive));
  app.get("/admin/keys", shows(screens.showKeys));
  app.get("/admin/keys/rotate", shows(askToRotate));
  app.post("/admin/keys/rotate", shows(rotate));
  app.get("/admin/:list/:id/:action", (c) => ask(c.env.visit, c.req.param()));
  app.post("/admin/:list/:id/:action", (c) => act(c.env.visit, c.req.param()));
  return app;
}

const answerWith = (answer: Page | Response): Response => (answer instanceof Response ? answer : pageResponse(answer));

interface Named {
  readonly list: string;
  readonly id: string;
  readonly action: string;
}

/** @throws NotFound */
function actionOf({ list, action }: Named) {
  const name = `${list}/${action}`;
  const known = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (known === undefined) throw new NotFound("The address leads nowhere.");
  return known;
}

const formOf = ({ list, id, action }: Named): string => `${list}/${action} ${id}`;

async function ask(visit: Visit, named: Named): Promise<Response> {
  const { tab, at, ask: questionOf } = actionOf(named);
  const { frame, operator, request } = visit;
  const question = await questionOf(operator, named.id);
  const { hidden, headers } = makeForm(visit, formOf(named));
  const action = new URL(request.url).pathname;
  return pageResponse(questionPage({ frame, tab, ...question, action, back: at(named.id), hidden }), { headers });
}

async function act(visit: Visit, named: Named): Promise<Response> {
  const { at, act: perform, afterwards = at(named.id) } = actionOf(named);
  await requireForm(visit, formOf(named), at(named.id));
  return done(visit, afterwards, await perform(visit.operator, named.id));
}

const keys = "/admin/keys";

async function askToRotate(visit: Visit): Promise<Response> {
  const { hidden, headers } = makeForm(visit, "keys/rotate");
  const page = questionPage({
    frame: visit.frame,
    tab: "Keys",
    title: "Rotate the signing key?",
    words: "The next key signs from now on, and another one is published. What was signed before stays good.",
    button: "Rotate",
    action: `${keys}/rotate`,
    back: keys,
    hidden,
  });
  return pageResponse(page, { headers });
}

async function rotate(visit: Visit): Promise<Response> {
  await requireForm(visit, "keys/rotate", keys);
  const { kid } = await visit.operator.rotateKey(undefined);
  return done(visit, keys, `${kid} signs now.`);
}
