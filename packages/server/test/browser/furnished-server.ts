/** A server with everything on it that a page can show: clients of every kind, and people with and without connections. */
import type { Browser, BrowserContextOptions } from "playwright-core";
import { AccountHolder } from "../interop/account-holder.ts";
import { type DocumentServer, serveDocuments } from "../interop/document-server.ts";
import { type Asked, LoopbackApp } from "../interop/loopback-app.ts";
import { createClient } from "../interop/operator-client.ts";
import { freePort, type RunningServer, startServer } from "../running-server.ts";
import { SeatedPerson } from "./seated-person.ts";

/** Ada has connections, Grace has none, Alan has more than a page of them, the operator an administrator's rights, and a stranger is not signed in. */
export type Who = "ada" | "grace" | "alan" | "operator" | "stranger";

export interface FurnishedServer {
  readonly server: RunningServer;
  readonly ada: AccountHolder;
  /** The website of client documents. */
  readonly site: DocumentServer;
  readonly budgetId: string;
  readonly ids: Readonly<Record<"desk" | "gallery" | "printer" | "leaving" | "renamed" | "editor" | "impostor", string>>;
  /** The link of an authorization request. */
  readonly link: (clientId: string, redirectUri: string, more?: Record<string, string>) => string;
  /** Opens a browser profile, which ends with the test; whoever has an account is signed in. Nothing beyond the server answers. */
  readonly seat: (who: Who, options?: BrowserContextOptions) => Promise<SeatedPerson>;
  readonly close: () => Promise<void>;
}

export const callback = "http://127.0.0.1:4711/callback";
export const onDesk = "https://desk.example/callback";
export const onWebsite = "https://gallery.example/callback";
export const inApp = "cursor://editor/callback";

export async function furnish(browser: Browser, environment: Record<string, string> = {}): Promise<FurnishedServer> {
  const port = await freePort();
  const site = await serveDocuments();
  const server = await startServer({
    port,
    environment: {
      OAUTH_CLIENT_ID_METADATA_LOOPBACK: "on",
      OAUTH_TRUSTED_HOSTS: new URL(site.origin).host,
      OAUTH_RATE_LIMIT_REGISTER: "1000/1m",
      OAUTH_RATE_LIMIT_AUTHORIZE: "1000/1m",
      OAUTH_RATE_LIMIT_CLIENT_DOCUMENT: "1000/1m",
      OAUTH_RATE_LIMIT_SIGN_IN: "2/1m",
      OAUTH_RATE_LIMIT_SIGN_IN_ADDRESS: "1000/1m",
      ...environment,
    },
  });
  const [ada, grace, alan, operator, desk, gallery] = await Promise.all([
    AccountHolder.join(server, "ada"),
    AccountHolder.join(server, "grace"),
    AccountHolder.join(server, "alan"),
    AccountHolder.join(server, "operator", ["--admin"]),
    createClient(server, ["--name", "Notes Desk", "--public", "--trusted", "--scope", "read write", "--redirect-uri", onDesk]),
    createClient(server, [
      "--name",
      "Picture Gallery",
      "--public",
      "--scope",
      "read write",
      "--redirect-uri",
      onWebsite,
      "--redirect-uri",
      callback,
    ]),
  ]);
  const [printer, leaving, renamed, editor, impostor] = await Promise.all([
    LoopbackApp.register(server.origin, "Photo Printer"),
    LoopbackApp.register(server.origin, "Passing Fancy"),
    LoopbackApp.register(server.origin, "Old Name"),
    LoopbackApp.register(server.origin, "Night Editor", { redirect_uris: [inApp] }),
    LoopbackApp.register(server.origin, "Claude", { redirect_uris: ["https://claude.example/callback"] }),
  ]);
  const apps = [printer, leaving, renamed, editor, impostor];
  for (const app of [printer, printer, leaving, renamed]) await connect(app, ada);
  await rename(renamed, "New Name");
  const tools = Array.from({ length: 12 }, (_, number) => LoopbackApp.register(server.origin, `Tool number ${number}`));
  for (const tool of await Promise.all(tools)) {
    apps.push(tool);
    await connect(tool, alan);
  }
  await Promise.all(apps.map((app) => app.callback.close()));

  const budgetId = `${site.origin}/household-budget.json`;
  const redirectUris = [budgetCallback(site), "https://budget.example/callback", callback, inApp];
  site.documents.set("/household-budget.json", { client_id: budgetId, client_name: "Household Budget", redirect_uris: redirectUris });

  const states = { ada: await signedIn(ada), grace: await signedIn(grace), alan: await signedIn(alan), operator: await signedIn(operator) };
  return {
    server,
    ada,
    site,
    budgetId,
    ids: {
      desk: desk.client_id,
      gallery: gallery.client_id,
      printer: printer.client.client_id,
      leaving: leaving.client.client_id,
      renamed: renamed.client.client_id,
      editor: editor.client.client_id,
      impostor: impostor.client.client_id,
    },
    link: (clientId, redirectUri, more = {}) => authorizationLink(server.origin, clientId, redirectUri, more),
    seat: async (who, options = {}) => {
      const state = who === "stranger" ? {} : { storageState: states[who] };
      const person = await SeatedPerson.at(browser, ada, { ...state, ...options });
      // No content: the browser stays on the page that would have taken it there.
      await person.page.route(
        (url) => url.origin !== server.origin,
        (route) => route.fulfill({ status: 204 }),
      );
      return person;
    },
    close: async () => {
      await Promise.all([site.close(), server.stop()]);
    },
  };

  async function signedIn(account: AccountHolder) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${server.origin}/sign_in`);
    await page.fill('input[name="email"]', account.email);
    await page.fill('input[name="password"]', account.password);
    await page.press('input[name="password"]', "Enter");
    await page.waitForURL(`${server.origin}/`);
    const state = await context.storageState();
    await context.close();
    return state;
  }
}

/** On the site of the document, so that the client is checked where the site is trusted. */
export const budgetCallback = (site: DocumentServer): string => `${site.origin.replace("http:", "https:")}/callback`;

/** A request that is always shown, also where the person has agreed before. */
function authorizationLink(origin: string, clientId: string, redirectUri: string, more: Record<string, string>): string {
  const link = new URL("/oauth/authorize", origin);
  link.search = new URLSearchParams({
    response_type: "code",
    client_id: clientId,
    redirect_uri: redirectUri,
    code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    code_challenge_method: "S256",
    scope: "read write",
    prompt: "consent",
    ...more,
  }).toString();
  return link.href;
}

async function connect(app: LoopbackApp, person: AccountHolder): Promise<void> {
  const asked: Asked = await app.ask({ scope: "read" });
  await person.allow(asked.link, ["read"]);
  await app.redeem(asked, await app.answer(asked));
}

/** RFC 7592 §2.2 */
async function rename({ client }: LoopbackApp, name: string): Promise<void> {
  const { registration_client_uri: address, registration_access_token: token } = client as unknown as Record<string, string>;
  const renamed = await fetch(address ?? "", {
    method: "PUT",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({
      client_id: client.client_id,
      client_name: name,
      redirect_uris: client["redirect_uris"],
      token_endpoint_auth_method: "none",
    }),
  });
  if (!renamed.ok) throw new Error(`not renamed: ${renamed.status} ${await renamed.text()}`);
}
