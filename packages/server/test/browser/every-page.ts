/** Every page that there is: its name, who sees it, how to get there, and words that tell that one is there. */
import type { Page } from "playwright-core";
import { budgetCallback, callback, type FurnishedServer, inApp, onDesk, onWebsite, type Who } from "./furnished-server.ts";

export interface Visit {
  readonly name: string;
  readonly who: Who;
  readonly words: string;
  /** The language of the person's browser. */
  readonly locale?: string;
  readonly open: (page: Page, at: FurnishedServer) => Promise<unknown>;
}

export const everyPage: readonly Visit[] = [
  visit("home", "stranger", "to see which apps can use your account", (page, at) => page.goto(`${at.server.origin}/`)),
  visit("home, signed in", "ada", "You are signed in as", (page, at) => page.goto(`${at.server.origin}/`)),

  visit("sign-in", "stranger", "E-mail", (page, at) => page.goto(`${at.server.origin}/sign_in`)),
  visit("sign-in for a known app", "stranger", "To continue to Household Budget (127.0.0.1", (page, at) =>
    page.goto(at.link(at.budgetId, callback)),
  ),
  visit("sign-in for an app that named itself", "stranger", "an app that named itself", (page, at) =>
    page.goto(at.link(at.ids.printer, callback)),
  ),
  visit("sign-in, wrong password", "stranger", "don't match", (page, at) => tryToSignIn(page, at, "mistyped@example.com")),
  visit("sign-in, throttled", "stranger", "Too many tries", async (page, at) => {
    for (const _ of ["first", "second", "third"]) await tryToSignIn(page, at, "guessed@example.com");
  }),
  visit("sign-up", "stranger", "You have an account?", (page, at) => page.goto(`${at.server.origin}/sign_up`)),
  visit("sign-up, taken", "stranger", "There is an account with this e-mail", async (page, at) => {
    await page.goto(`${at.server.origin}/sign_up`);
    await page.getByLabel("E-mail").fill(at.ada.email);
    await page.getByLabel("Password").fill("a password that is long enough");
    await page.getByRole("button").click();
  }),
  visit("change password", "ada", "Current password", (page, at) => page.goto(`${at.server.origin}/my/password`)),
  visit("change password, not theirs", "ada", "That is not your password.", async (page, at) => {
    await page.goto(`${at.server.origin}/my/password`);
    await page.getByLabel("Current password").fill("not the password");
    await page.getByLabel("New password").fill("a password that is long enough");
    await page.getByRole("button").click();
  }),
  visit("sign-out", "ada", "Sign out?", (page, at) => page.goto(`${at.server.origin}/sign_out`)),

  visit("consent, own app", "ada", "Made by localhost", (page, at) => page.goto(at.link(at.ids.desk, onDesk))),
  visit("consent, checked app", "ada", "✓ gallery.example · checked by", (page, at) => page.goto(at.link(at.ids.gallery, onWebsite))),
  visit("consent, checked website", "ada", "✓ 127.0.0.1", (page, at) => page.goto(at.link(at.budgetId, budgetCallback(at.site)))),
  visit("consent, known website", "ada", "says this is its app", (page, at) =>
    page.goto(at.link(at.budgetId, "https://budget.example/callback")),
  ),
  visit("consent, on this computer", "ada", "an app on your computer", (page, at) => page.goto(at.link(at.budgetId, callback))),
  visit("consent, checked app on this computer", "ada", "Did you start this?", (page, at) => page.goto(at.link(at.ids.gallery, callback))),
  visit("consent, app on this device", "ada", "an app on this device (cursor://)", (page, at) => page.goto(at.link(at.budgetId, inApp))),
  visit("consent, named itself", "ada", "Not verified.", (page, at) => page.goto(at.link(at.ids.editor, inApp))),
  visit("consent, more than before", "ada", "It now also asks for", (page, at) => page.goto(at.link(at.ids.printer, callback))),
  visit("consent, app has changed", "ada", 'It was called "Old Name"', (page, at) => page.goto(at.link(at.ids.renamed, callback))),
  visit("consent, nothing ticked", "ada", "Nothing is ticked.", async (page, at) => {
    await page.goto(at.link(at.ids.editor, inApp));
    await page.getByLabel("Read your notes").uncheck();
    await decide(page, "Allow");
  }),
  { ...visit("consent in German", "ada", "Nicht erlauben", (page, at) => page.goto(at.link(at.ids.editor, inApp))), locale: "de-AT" },
  visit("impersonation stopped", "ada", "This may not be Claude", (page, at) =>
    page.goto(at.link(at.ids.impostor, "https://claude.example/callback")),
  ),

  visit("done, website", "ada", "Taking you back to gallery.example…", (page, at) =>
    answer(page, at.link(at.ids.gallery, onWebsite), "Allow"),
  ),
  visit("done, this computer", "ada", "Copy this address", (page, at) => answer(page, at.link(at.budgetId, callback), "Allow")),
  visit("done, app on this device", "ada", "on this device…", (page, at) => answer(page, at.link(at.ids.editor, inApp), "Allow")),
  visit("done, denied", "ada", "You didn't allow", (page, at) => answer(page, at.link(at.ids.gallery, callback), "Don't allow")),

  visit("connected apps, none", "grace", "No apps are connected", (page, at) => page.goto(connectedApps(at))),
  visit("connected apps", "ada", "2 connections", (page, at) => page.goto(connectedApps(at))),
  visit("connected apps, more than a page", "alan", "Page 1 of 2", (page, at) => page.goto(connectedApps(at))),
  visit("connected apps, last page", "alan", "Page 2 of 2", (page, at) => page.goto(`${connectedApps(at)}?page=2`)),
  visit("connected app", "ada", "connected", (page, at) => page.goto(`${connectedApps(at)}/${at.ids.printer}`)),
  visit("connected apps, what has ended", "alan", "Ended in the last 30 days", (page, at) => page.goto(`${connectedApps(at)}/ended`)),
  visit("connected apps, one disconnected", "ada", "Ended in the last 30 days", async (page, at) => {
    await page.goto(`${connectedApps(at)}/${at.ids.leaving}/disconnect`);
    await page.getByRole("button", { name: "Disconnect" }).click();
    await page.getByText("has been disconnected").waitFor();
  }),
  visit("disconnect an app", "ada", 'Disconnect "Photo Printer"?', (page, at) =>
    page.goto(`${connectedApps(at)}/${at.ids.printer}/disconnect`),
  ),
  visit("disconnect everything", "ada", "Disconnect everything?", (page, at) => page.goto(`${connectedApps(at)}/all/disconnect`)),
  visit("edit a connection", "ada", 'Edit "Photo Printer"', (page, at) => page.goto(`${connectedApps(at)}/${at.ids.printer}/edit`)),
  visit("edit a connection, nothing left", "ada", "A connection needs at least one permission", async (page, at) => {
    await page.goto(`${connectedApps(at)}/${at.ids.printer}/edit`);
    await page.getByLabel("Read your notes").uncheck();
    await page.getByRole("button", { name: "Save" }).click();
  }),

  visit("not me", "stranger", "You didn't connect", (page, at) => page.goto(notMeLink(at))),
  visit("not me, ended", "stranger", "change your password", async (page, at) => {
    await page.goto(notMeLink(at));
    const end = page.getByRole("button");
    if (await end.isVisible()) await end.click();
  }),

  visit("access tokens, none", "grace", "You have no tokens.", (page, at) => page.goto(accessTokens(at))),
  visit("access tokens, mistake", "ada", "A token needs at least one permission", async (page, at) => {
    await page.goto(accessTokens(at));
    await page.getByLabel("Read your notes").uncheck();
    await makeToken(page, "Nothing at all");
  }),
  visit("access token, shown once", "ada", "It is shown this once.", async (page, at) => {
    await page.goto(accessTokens(at));
    await makeToken(page, "Night backup");
    await page.getByText("Copy it now.").waitFor();
  }),
  visit("access token, no longer visible", "ada", "Token is no longer visible", async (page, at) => {
    await page.goto(accessTokens(at));
    await makeToken(page, "Morning backup");
    await page.getByText("Copy it now.").waitFor();
    await page.reload();
  }),
  visit("access tokens", "ada", "Morning backup", (page, at) => page.goto(accessTokens(at))),

  visit("error, unknown app", "stranger", "We don't know this app", (page, at) => page.goto(at.link("nobody-knows", callback))),
  visit("error, address not registered", "stranger", "has not registered", (page, at) =>
    page.goto(at.link(at.ids.printer, "https://elsewhere.example/callback")),
  ),
  visit("error, too old", "stranger", "This request is too old", (page, at) => page.goto(`${at.server.origin}/oauth/done?r=nothing`)),
  visit("error, document unreachable", "stranger", "did not answer", (page, at) =>
    page.goto(at.link(`${at.site.origin}/missing.json`, callback)),
  ),
  visit("error, not understood", "stranger", "in a way we don't understand", (page, at) =>
    page.goto(`${at.server.origin}/oauth/authorize`),
  ),
  visit("error, not connected", "ada", "This app is not connected", (page, at) => page.goto(`${connectedApps(at)}/nobody/edit`)),
  visit("error, not found", "stranger", "There is no such page", (page, at) => page.goto(`${at.server.origin}/nowhere`)),
  visit("admin, overview", "operator", "Issued by grant type", (page, at) => page.goto(admin(at))),
  visit("admin, overview of a month", "operator", "Last 30 days", (page, at) => page.goto(`${admin(at)}?range=30d`)),
  visit("admin, apps", "operator", '"Photo Printer"', (page, at) => page.goto(`${admin(at)}/apps`)),
  visit("admin, apps, none", "operator", "No app is like that.", (page, at) => page.goto(`${admin(at)}/apps?search=nothing`)),
  visit("admin, app", "operator", "What it registered", (page, at) => page.goto(`${admin(at)}/apps/${at.ids.printer}`)),
  visit("admin, revoke an app", "operator", 'Revoke all of "Photo Printer"?', (page, at) =>
    page.goto(`${admin(at)}/apps/${at.ids.printer}/revoke`),
  ),
  visit("admin, connections", "operator", "alan@example.com", (page, at) => page.goto(`${admin(at)}/connections`)),
  visit("admin, tokens", "operator", "Issued tokens", (page, at) => page.goto(`${admin(at)}/tokens`)),
  visit("admin, people", "operator", "grace@example.com", (page, at) => page.goto(`${admin(at)}/people`)),
  visit("admin, person", "operator", "Make administrator", async (page, at) => {
    await page.goto(`${admin(at)}/people`);
    await page.getByRole("link", { name: at.ada.email }).click();
  }),
  visit("admin, security", "operator", "Security events by kind", (page, at) => page.goto(`${admin(at)}/security`)),
  visit("admin, audit", "operator", "Verify the audit", (page, at) => page.goto(`${admin(at)}/audit?type=token.issued,client.registered`)),
  visit("admin, audit verified", "operator", "The audit is whole", async (page, at) => {
    await page.goto(`${admin(at)}/audit`);
    await page.getByRole("button", { name: "Verify the audit" }).click();
  }),
  visit("admin, flows", "operator", "Outcome", (page, at) => page.goto(`${admin(at)}/flows`)),
  visit("admin, live", "operator", "client.registered", (page, at) => page.goto(`${admin(at)}/live`)),
  visit("admin, keys", "operator", "ES256", (page, at) => page.goto(`${admin(at)}/keys`)),
  visit("admin, something done", "operator", "signs now.", async (page, at) => {
    await page.goto(`${admin(at)}/keys/rotate`);
    await page.getByRole("button", { name: "Rotate" }).click();
  }),
  visit("admin, not found", "operator", "Not found", (page, at) => page.goto(`${admin(at)}/apps/nobody`)),
  visit("admin, not allowed", "ada", "This page is not for you", (page, at) => page.goto(admin(at))),

  visit("error, wait", "grace", "Please wait", async (page, at) => {
    await page.goto(accessTokens(at));
    // A token without a name counts as a try, and is none.
    const tries = Array.from({ length: 30 }, () =>
      page.request.post(accessTokens(at), { headers: { origin: at.server.origin }, data: { name: "" } }),
    );
    await Promise.all(tries);
    await makeToken(page, "Too many");
  }),
];

function visit(name: string, who: Who, words: string, open: Visit["open"]): Visit {
  return { name, who, words, open };
}

/** A page of the operator's dashboard. */
export const isDashboard = ({ name }: Visit): boolean => name.startsWith("admin");

/** A page that goes on by itself. */
export const isDone = ({ name }: Visit): boolean => name.startsWith("done");

const admin = ({ server }: FurnishedServer): string => `${server.origin}/admin`;
const connectedApps = ({ server }: FurnishedServer): string => `${server.origin}/my/connected_apps`;
/** The link of the first notification; without a mail server they are in the log. */
const notMeLink = ({ server }: FurnishedServer): string => /http:[^"\\\s]+not_me\?proof=[\w-]+/.exec(server.output())?.[0] ?? "";
const accessTokens = ({ server }: FurnishedServer): string => `${server.origin}/my/access_tokens`;

async function tryToSignIn(page: Page, { server }: FurnishedServer, email: string): Promise<void> {
  await page.goto(`${server.origin}/sign_in`);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill("not the password");
  await Promise.all([page.waitForResponse((response) => response.request().method() === "POST"), page.getByRole("button").click()]);
  await page.getByRole("alert").waitFor();
}

const decide = (page: Page, decision: "Allow" | "Don't allow"): Promise<void> =>
  page.getByRole("button", { name: decision, exact: true }).click();

async function answer(page: Page, link: string, decision: "Allow" | "Don't allow"): Promise<void> {
  await page.goto(link);
  await decide(page, decision);
  await page.getByRole("link", { name: "Continue" }).waitFor();
}

async function makeToken(page: Page, name: string): Promise<void> {
  await page.getByLabel("Name").fill(name);
  await page.getByRole("button", { name: "Make the token" }).click();
}
