/** An authorization request that an app pushed before it sends anybody. */
import { authorizePath, type Browser, browserOf, open } from "./a-person.ts";
import { type App, aServer, type Fields, photoPrinter, type Server, send } from "./a-server.ts";

export const par = "/oauth/par";

export const fieldsOf = (app: App, more: Fields = {}): Fields =>
  Object.fromEntries(new URLSearchParams(authorizePath(app, more).split("?")[1]));

export async function push(server: Server, app: App, more: Fields = {}): Promise<string> {
  const response = await send(server, app, par, { ...fieldsOf(app), ...more });
  const { request_uri: uri = "", error } = (await response.json()) as { request_uri?: string; error?: string };
  if (response.status !== 201) throw new Error(`not pushed but ${error}`);
  return uri;
}

export const pushedPath = (app: App, uri: string, more: Readonly<Record<string, string>> = {}): string =>
  `/oauth/authorize?${new URLSearchParams({ client_id: app.id, request_uri: uri, ...more }).toString()}`;

export const openPushed = (browser: Browser, app: App, uri: string, more: Readonly<Record<string, string>> = {}): Promise<Response> =>
  open(browser, pushedPath(app, uri, more));

/** The photo printer has pushed a request to read and write, and ada has her browser. */
export async function aPushed(more: Fields = {}, options: Parameters<typeof aServer>[0] = {}) {
  const server = aServer(options);
  const app = await photoPrinter(server);
  return { server, app, browser: browserOf(server), uri: await push(server, app, { scope: "read write", ...more }) };
}
