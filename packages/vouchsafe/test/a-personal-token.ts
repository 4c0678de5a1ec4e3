/** Tokens that a person makes for programs of their own, by the page or by JSON. */
import { type Browser, browserOf, open, readPage } from "./a-person.ts";
import { aServer, type Fields, type Headers, issuer } from "./a-server.ts";

export const path = "/my/access_tokens";
export const wanted = { name: "backup script", scopes: ["read"] };

export interface Told {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly created_at: number;
  readonly ends_at?: number;
  readonly last_used_at?: number;
  readonly token?: string;
  readonly error?: string;
}
export const cookieOf = (browser: Browser): Headers => ({ cookie: [...browser.cookies].map((pair) => pair.join("=")).join("; ") });

export const createByJson = ({ server, ...browser }: Browser, body: unknown, headers: Headers = {}): Promise<Response> =>
  Promise.resolve(
    server.oauth.fetch(
      new Request(issuer + path, {
        method: "POST",
        headers: { "content-type": "application/json", accept: "application/json", ...cookieOf({ server, ...browser }), ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    ),
  );
export async function make(browser: Browser, more: Readonly<Record<string, unknown>> = {}): Promise<Told & { token: string }> {
  const response = await createByJson(browser, { ...wanted, ...more });
  const told = (await response.json()) as Told;
  if (response.status !== 201 || told.token === undefined) throw new Error(`no token but ${told.error}`);
  return { ...told, token: told.token };
}
export const list = async (browser: Browser): Promise<readonly Told[]> =>
  ((await (await open(browser, path, { accept: "application/json" })).json()) as { access_tokens: readonly Told[] }).access_tokens;
export const remove = async (browser: Browser, id: string, headers: Headers = {}): Promise<Response> =>
  browser.server.oauth.fetch(
    new Request(`${issuer}${path}/${id}`, { method: "DELETE", headers: { ...cookieOf(browser), accept: "application/json", ...headers } }),
  );

export const ada = (options: Parameters<typeof aServer>[0] = {}): Browser => browserOf(aServer(options));
/** The form for a new token, filled in. */
export async function form(browser: Browser, more: Fields = {}): Promise<Fields> {
  const { html } = await readPage(await open(browser, path));
  const newForm = html.slice(html.lastIndexOf("<form"));
  const hidden = [...newForm.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)].map(
    ([, name = "", value = ""]): [string, string] => [name, value],
  );
  return { ...Object.fromEntries(hidden), name: "backup script", scope: ["read"], ends: "30d", ...more };
}
export const tokenIn = (html: string): string | undefined => /vs_pat_[\w-]{49}/.exec(html)?.[0];
