import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchChromium } from "./chromium.ts";
import { callback, type FurnishedServer, furnish, inApp, type Who } from "./furnished-server.ts";
import { attack, ScriptWatch } from "./script-watch.ts";

const hostile = [
  { kind: "a script", value: `<script>${attack}</script>` },
  { kind: "an end of an attribute", value: `"><img src=x onerror=${attack}>` },
  { kind: "an event handler", value: `' autofocus onfocus='${attack}' x='` },
  { kind: "an end of the title and the style", value: `</title></style><svg onload=${attack}>` },
  { kind: "a frame", value: `--></main><iframe srcdoc="<script>parent.${attack}</script>">` },
  { kind: "a URL with a script", value: `javascript:${attack}` },
  { kind: "another refresh", value: `0;url=javascript:${attack}` },
  { kind: "template syntax", value: `{{constructor.constructor('${attack}')()}} \${${attack}} <%= ${attack} %>` },
  { kind: "escaped markup", value: `&lt;script&gt;${attack}&lt;/script&gt;&#34; onclick=&#34;${attack}` },
  { kind: "text from right to left", value: "יומן הלילה 12" },
  { kind: "a very long word", value: "W".repeat(98) },
] as const;

/** RFC 7636, appendix B: the verifier of every link's challenge. */
const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

describe("hostile values", () => {
  let browser: Browser;
  let at: FurnishedServer;

  beforeAll(async () => {
    browser = await launchChromium();
    const limits = { OAUTH_RATE_LIMIT_PERSONAL_TOKEN: "1000/1m", OAUTH_RATE_LIMIT_SIGN_IN: "1000/1m" };
    at = await furnish(browser, limits);
  });
  afterAll(async () => {
    await browser.close();
    await at.close();
  });

  it("would be noticed: the same values, written into a page as they are, run and leave their traces", async () => {
    const { page, watch } = await victim("stranger");
    await page.goto(`${at.server.origin}/sign_in`);
    await page.setContent(hostile.map(({ value }) => `<p title='${value}'>${value}</p><p title="${value}"></p>`).join(""));

    await expect.poll(() => watch.executions.length).toBeGreaterThan(1);
    expect(await watch.strangers()).toEqual(expect.arrayContaining(["<script>", "<iframe>", expect.stringContaining("onfocus=")]));
  });

  it.each(hostile)("$kind, as what an app says of itself when it registers, is text on every page", async ({ value }) => {
    const redirectUri = `${callback}?${inUri(value)}`;
    const app = { client_name: value, redirect_uris: [redirectUri, `cursor://app/${inUri(value)}`], token_endpoint_auth_method: "none" };
    const about = {
      client_uri: `https://app.example/${value}`,
      logo_uri: `https://app.example/${value}`,
      software_id: value,
      contacts: [value],
    };
    const registered = await register({ ...app, ...about });
    const id = registered ?? (await register(app)) ?? "";
    const { page, expectText, expectOurs } = await victim("ada");

    await page.goto(at.link(id, redirectUri, { state: value }));
    await expectText(value);
    await page.getByRole("button", { name: "Don't allow" }).click();
    await expectText(value);
    await page.goto(at.link(id, `cursor://app/${inUri(value)}`, { state: value }));
    await expectText(value);
    await page.getByRole("button", { name: "Allow", exact: true }).click();
    await expectText(value);
    await page.goto(at.link(id, redirectUri, { state: value }));
    await page.getByRole("button", { name: "Allow", exact: true }).click();
    await page.getByRole("link", { name: "Continue" }).waitFor();
    await expectText(value);
    await redeem(page, id, redirectUri);

    await page.goto(`${at.server.origin}/my/connected_apps`);
    await expectText(beginningOf(value));
    await page.goto(`${at.server.origin}/my/connected_apps/${id}/edit`);
    await expectText(value);
    await page.goto(`${at.server.origin}/my/connected_apps/${id}/disconnect`);
    await expectText(value);
    await page.getByRole("button", { name: "Disconnect" }).click();
    await expectText(value);

    const stranger = await victim("stranger");
    await stranger.page.goto(at.link(id, redirectUri, { state: value, login_hint: value }));
    await stranger.expectText(value);
    expect(await stranger.page.getByLabel("E-mail").inputValue()).toBe(value);
    await expectOurs();
  });

  it.each(hostile)("$kind, in the document of a website's app, is text on every page", async ({ value }) => {
    const path = `/${encodeURIComponent(value)}.json`;
    const id = at.site.origin + path;
    const about = { client_uri: `https://app.example/${value}`, logo_uri: `https://app.example/${value}`, software_id: value };
    const document = { client_id: id, client_name: value, redirect_uris: [callback], ...about };
    at.site.documents.set(path, document);
    const { page, expectText, expectOurs } = await victim("ada");

    await page.goto(at.link(id, callback));
    await expectText(value);
    await page.goto(at.link(id, `https://elsewhere.example/${inUri(value)}`));
    await expectText(value);
    await expectOurs();
  });

  it.each([
    { where: "sign-in", path: "/sign_in?return_to=VALUE&login_hint=VALUE&prompt=VALUE" },
    { where: "sign-in with a way back", path: "/sign_in?return_to=/VALUE&prompt=login" },
    { where: "an unknown app", path: "/oauth/authorize?client_id=VALUE&redirect_uri=VALUE" },
    { where: "an address not registered", path: "/oauth/authorize?client_id=PRINTER&redirect_uri=VALUE&state=VALUE" },
    { where: "consent", path: "/oauth/authorize?CONSENT&state=VALUE&ui_locales=VALUE&nonce=VALUE" },
    { where: "done", path: "/oauth/done?r=VALUE&error=VALUE&error_description=VALUE" },
    { where: "a connection", path: "/my/connected_apps/VALUE/edit?page=VALUE" },
    { where: "sign-up", path: "/sign_up?return_to=VALUE&email=VALUE" },
    { where: "the page that a mail leads to", path: "/my/connected_apps/VALUE/not_me?proof=VALUE" },
    { where: "what has ended", path: "/my/connected_apps/ended?page=VALUE" },
    { where: "connected apps", path: "/my/connected_apps?page=VALUE&disconnected=VALUE&proof=VALUE" },
    { where: "nowhere", path: "/VALUE?host=VALUE" },
  ])("are text, or nothing, in a link to $where that somebody was sent", async ({ path }) => {
    const consent = new URL(at.link(at.ids.editor, inApp)).search.slice(1);
    const filled = (value: string) => path.replace("PRINTER", at.ids.printer).replace("CONSENT", consent).replaceAll("VALUE", value);
    const { page, expectOurs } = await victim("ada");
    for (const { value } of hostile) {
      await page.goto(at.server.origin + filled(encodeURIComponent(value)));
      await expectOurs();
    }
  });

  it.each(hostile)("$kind, as the name that a person gives to a token, is text on every page", async ({ value }) => {
    const { page, expectText, expectOurs } = await victim("ada");
    const name = value.slice(0, 100);
    await page.goto(`${at.server.origin}/my/access_tokens`);
    await page.getByLabel("Name").fill(name);
    await page.getByRole("button", { name: "Make the token" }).click();
    await page.getByText("Copy it now.").waitFor();
    await expectText(name);
    await page.goto(`${at.server.origin}/my/access_tokens`);
    await expectText(name);
    await page.getByRole("button", { name: `Delete: ${name}`, exact: true }).click();
    await expectOurs();
  });

  it("are text where somebody types them as an e-mail and a password", async () => {
    const { page, expectOurs } = await victim("stranger");
    for (const { value } of hostile) {
      await page.goto(`${at.server.origin}/sign_in`);
      await page.locator('input[name="email"]').evaluate((input: HTMLInputElement, typed) => {
        input.type = "text";
        input.value = typed;
      }, value);
      await page.getByLabel("Password").fill(value);
      await page.getByRole("button").click();
      await page.getByRole("alert").waitFor();
      await expectOurs();
    }
  });

  it("are on no page where a browser sends them in headers", async () => {
    const ascii = hostile.map(({ value }) => value).filter((value) => /^[\x20-\x7E]+$/.test(value));
    const names =
      "accept-language user-agent referer x-forwarded-for x-forwarded-host x-forwarded-proto forwarded x-request-id x-original-url".split(
        " ",
      );
    const headers = Object.fromEntries(names.map((name) => [name, ascii.join(" ")]));
    const { page, expectOurs } = await victim("grace", { extraHTTPHeaders: headers });
    for (const address of ["/", "/sign_in?prompt=login", "/my/connected_apps", "/my/access_tokens", "/nowhere"]) {
      await page.goto(at.server.origin + address);
      await expectOurs();
      expect(await page.content()).not.toContain(attack);
    }
    await page.goto(at.link(at.ids.editor, inApp));
    await expectOurs();
    expect(await page.content()).not.toContain(attack);
  });

  it.each([
    ["turns text round", "Budget \u202Egnp.exe"],
    ["cannot be seen", "Bud\u200Bget"],
    ["ends the line", "Budget\nAllowed"],
  ])("are refused as a name where a character %s", async (_, name) => {
    expect(await register({ client_name: name, redirect_uris: [callback], token_endpoint_auth_method: "none" })).toBeUndefined();
  });

  it.each([
    `javascript:${attack}`,
    `data:text/html,<script>${attack}</script>`,
    `java\tscript:${attack}`,
    `cursor://"><script>${attack}</script>`,
    `https://app.example/"onclick="${attack}`,
  ])("are refused as an address to send people to: %j", async (redirectUri) => {
    expect(await register({ client_name: "Budget", redirect_uris: [redirectUri], token_endpoint_auth_method: "none" })).toBeUndefined();
  });

  /** Somebody whose browser obeys no policy of ours, so that nothing but the escaping stands between the value and them. */
  async function victim(who: Who, options: BrowserContextOptions = {}) {
    const { page } = await at.seat(who, { bypassCSP: true, viewport: { width: 320, height: 720 }, ...options });
    const watch = await ScriptWatch.over(page);
    const expectOurs = async () => {
      expect(await watch.strangers()).toEqual([]);
      expect(watch.executions).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
    };
    const expectText = async (value: string) => {
      await page.locator("main", { hasText: value }).waitFor();
      await expectOurs();
    };
    return { page, watch, expectOurs, expectText };
  }

  async function register(metadata: Record<string, unknown>): Promise<string | undefined> {
    const answer = await fetch(`${at.server.origin}/oauth/register`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(metadata),
    });
    if (answer.status === 400) return undefined;
    return ((await answer.json()) as { client_id: string }).client_id;
  }

  /** Makes a connection of what the done page carries. */
  async function redeem(page: Page, clientId: string, redirectUri: string): Promise<void> {
    const target = new URL((await page.getByRole("link", { name: "Continue" }).getAttribute("href")) ?? "");
    const code = target.searchParams.get("code") ?? "";
    const fields = { grant_type: "authorization_code", code, client_id: clientId, redirect_uri: redirectUri, code_verifier: verifier };
    const answer = await fetch(`${at.server.origin}/oauth/token`, { method: "POST", body: new URLSearchParams(fields) });
    expect(answer.status).toBe(200);
  }
});

/** As much of it as a redirect URI can have: quotes, brackets and semicolons stay. */
const inUri = (value: string): string => encodeURI(value).replaceAll("#", "%23").replaceAll("*", "%2A");

/** A list shows as much of a name. */
const beginningOf = (name: string): string => Array.from(name).slice(0, 31).join("");
