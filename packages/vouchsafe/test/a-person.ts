/** A person with a browser, who answers the pages as they are written: by their fields and buttons. */
import { type App, answerOf, challenge, type Fields, formText, get, type Headers, post, redeem, type Server } from "./a-server.ts";

export interface Browser {
  readonly server: Server;
  readonly cookies: Map<string, string>;
}

/** A browser of its own; `person` is whoever is signed in there, if anybody is. */
export function browserOf(server: Server, person: "ada" | "grace" | "nobody" = "ada", session = "1"): Browser {
  return { server, cookies: new Map(person === "nobody" ? [] : [["session", `${person}.${session}`]]) };
}

const cookieHeader = ({ cookies }: Browser): Headers => ({ cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") });

function keepCookies({ cookies }: Browser, response: Response): Response {
  for (const cookie of response.headers.getSetCookie()) {
    const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
    cookies.set(name, value);
  }
  return response;
}

export const open = async (browser: Browser, path: string, headers: Headers = {}): Promise<Response> =>
  keepCookies(browser, await get(browser.server, path, { ...cookieHeader(browser), ...headers }));

export const submit = async (browser: Browser, path: string, fields: Fields, headers: Headers = {}): Promise<Response> =>
  keepCookies(browser, await post(browser.server, path, fields, { ...cookieHeader(browser), ...headers }));

export const authorizePath = (app: App, more: Fields = {}): string =>
  `/oauth/authorize?${formText({
    response_type: "code",
    client_id: app.id,
    redirect_uri: app.redirectUri,
    code_challenge: challenge,
    code_challenge_method: "S256",
    state: "xyz",
    ...more,
  })}`;

/** The form of a page, as a browser would read it. */
export interface Page {
  readonly html: string;
  readonly action: string;
  readonly hidden: Fields;
  /** Each checkbox, and whether it is ticked. */
  readonly scopes: Readonly<Record<string, boolean>>;
  /** Each choice, and whether it is chosen. */
  readonly lifetimes: Readonly<Record<string, boolean>>;
}

const plainText = (text: string): string =>
  text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&amp;", "&");

/** What a page says, as one line; what is bold stands between `**`. */
export function wordsOf(html: string): string {
  const body = /<body>([\s\S]*)<\/body>/.exec(html)?.[1] ?? "";
  const shown = body.replace(/<script>[\s\S]*?<\/script>|<button [^>]*\bhidden\b[\s\S]*?<\/button>/g, "");
  return plainText(shown.replace(/<\/?b\b[^>]*>/g, "**").replace(/<[^>]*>/g, " "))
    .replace(/\s+/g, " ")
    .trim();
}

export async function readPage(response: Response): Promise<Page> {
  const html = await response.text();
  const hidden: Record<string, string[]> = {};
  for (const [, name = "", value = ""] of html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g))
    hidden[name] = [...(hidden[name] ?? []), plainText(value)];
  const boxes = (type: string, name: string): Readonly<Record<string, boolean>> =>
    Object.fromEntries(
      [...html.matchAll(new RegExp(`<input type="${type}" name="${name}" value="([^"]*)" ?(checked)?>`, "g"))].map(
        ([, value = "", checked]) => [plainText(value), checked !== undefined],
      ),
    );
  const action = plainText(/<form method="post" action="([^"]*)">/.exec(html)?.[1] ?? "");
  return { html, action, hidden, scopes: boxes("checkbox", "scope"), lifetimes: boxes("radio", "lifetime") };
}

/** Opens the consent page of an authorization request. */
export async function consentPage(browser: Browser, app: App, more: Fields = {}): Promise<Page> {
  const response = await open(browser, authorizePath(app, more));
  if (response.status !== 200) throw new Error(`no consent page but ${response.status} ${response.headers.get("location") ?? ""}`);
  return readPage(response);
}

/** Presses a button of the form. `scope`: what is ticked besides hidden scopes; default: all of it. */
export function press(
  browser: Browser,
  page: Page,
  decision: "allow" | "deny",
  { scope = Object.keys(page.scopes), ...more }: { readonly scope?: readonly string[] } & Fields = {},
  headers: Headers = {},
): Promise<Response> {
  const required = [page.hidden["scope"] ?? []].flat();
  return submit(browser, page.action, { ...page.hidden, scope: [...required, ...scope], decision, ...more }, headers);
}

/** Where the done page that a decision leads to sends the browser, and after how many seconds. */
export async function goOn(browser: Browser, decided: Response): Promise<{ target: URL; delay: number }> {
  const done = await open(browser, decided.headers.get("location") ?? "");
  const html = await done.text();
  const [, delay, url = ""] = /<meta http-equiv="refresh" content="(\d);url=([^"]*)">/.exec(html) ?? [];
  if (delay === undefined) throw new Error(`no way on but ${done.status}`);
  return { target: new URL(plainText(url)), delay: Number(delay) };
}

/** Allows all that the app asks for; resolves to its code. */
export async function allow(browser: Browser, app: App, more: Fields = {}, choice: Fields = {}): Promise<string> {
  const decided = await press(browser, await consentPage(browser, app, more), "allow", choice);
  const { target } = await goOn(browser, decided);
  return target.searchParams.get("code") ?? "";
}

export interface Tokens {
  readonly access: string;
  readonly refresh: string;
}

export async function tokensOf(response: Response): Promise<Tokens> {
  const { access_token: access = "", refresh_token: refreshToken = "", error } = await answerOf(response);
  if (response.status !== 200) throw new Error(`no tokens but ${error}`);
  return { access, refresh: refreshToken };
}

/** The whole way: ada is asked, whatever she said before, allows the app what it asks for, and it redeems the code. */
export async function connect(
  server: Server,
  app: App,
  more: Fields = {},
  choice: Fields = {},
  browser = browserOf(server),
): Promise<Tokens> {
  const code = await allow(browser, app, { scope: "read write", prompt: "consent", ...more }, choice);
  return tokensOf(await redeem(server, app, code));
}
