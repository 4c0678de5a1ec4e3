/** The library's pages as a host app mounts them: in its own surroundings, and in a language that runs from right to left. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type AuthorizationServerOptions, createAuthorizationServer } from "vouchsafe";
import { memory } from "vouchsafe/memory";
import { nodeListener } from "vouchsafe/node";
import { html } from "vouchsafe/pages";
import { pseudoLocale } from "../../../vouchsafe/test/pseudo-locale.ts";
import { violations } from "./axe.ts";
import { launchChromium } from "./chromium.ts";

const callback = "https://gallery.example/callback";

/** An app with one person, who is always signed in, and a checked client. */
async function mount(options: Partial<AuthorizationServerOptions>) {
  let fetch: (request: Request) => Response | Promise<Response> = () => new Response();
  const listener = nodeListener({ fetch: (request) => fetch(request) });
  const server = createServer((request, response) => void listener(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  const oauth = createAuthorizationServer<string>({
    issuer: origin,
    secret: "a secret for tests, longer than 32 bytes",
    store: memory(),
    scopes: { read: "Read your notes", write: "Change your notes" },
    signedIn: () => ({ id: "ada", name: "Ada", email: "ada@example.com" }),
    signInUrl: (returnTo) => returnTo,
    ...options,
  });
  onTestFinished(() => oauth.close());
  fetch = (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/app.css")
      return new Response("nav{background:rgb(1, 2, 3);color:#fff}nav a{color:#fff}", { headers: { "content-type": "text/css" } });
    return oauth.fetch(request);
  };
  const { client } = await oauth.admin.createClient({
    name: "Picture Gallery",
    redirectUris: [callback],
    authMethod: "none",
    scope: ["read", "write"],
  });
  const query = new URLSearchParams({
    response_type: "code",
    client_id: client.id,
    redirect_uri: callback,
    scope: "read write",
    code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    code_challenge_method: "S256",
  });
  const pages = [
    `/oauth/authorize?${query.toString()}`,
    "/my/connected_apps",
    "/my/access_tokens",
    "/my/connected_apps/all/disconnect",
    "/oauth/authorize?client_id=nobody",
  ];
  return { origin, pages };
}

describe("pages in a host app", () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  async function seat(options: BrowserContextOptions = {}): Promise<{ page: Page; complaints: readonly string[] }> {
    const context = await browser.newContext({ viewport: { width: 320, height: 720 }, ...options });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    return { page, complaints };
  }

  it("stand in its surroundings and under its stylesheet, for everybody, without a complaint of the browser", async () => {
    const around = ({ person }: { person: { name: string } | undefined }) => ({
      above: html`<header><nav><a href="/">Home of ${person?.name ?? "nobody"}</a></nav></header>`,
      below: html`<footer>Made in a small town</footer>`,
    });
    const { origin, pages } = await mount({
      pages: { around, stylesheet: "/app.css" },
      branding: { name: "Notes", accentColor: "#ffcc00" },
    });
    for (const colorScheme of ["light", "dark"] as const) {
      const { page, complaints } = await seat({ colorScheme });
      for (const path of pages) {
        await page.goto(origin + path);
        expect(
          await page
            .locator("nav")
            .first()
            .evaluate((nav) => getComputedStyle(nav).backgroundColor),
        ).toBe("rgb(1, 2, 3)");
        expect(await page.locator("main h1").count()).toBe(1);
        expect(await violations(page), path).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(320);
      }
      expect(complaints.filter((words) => !words.startsWith("Failed to load resource: the server responded with a status of 400"))).toEqual(
        [],
      );
    }
  });

  it("copy an address for whoever presses the button, and say so", async () => {
    const address = "https://notes.example/mcp";
    const { origin } = await mount({ resources: { [address]: {} } });
    const { page } = await seat({ permissions: ["clipboard-read", "clipboard-write"] });
    await page.goto(`${origin}/my/connected_apps`);
    await page.getByRole("button", { name: "Copy" }).click();
    await page.getByRole("button", { name: "Copied" }).waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(address);
  });

  it("run from right to left where the language does, with nothing out of place and no word left in English", async () => {
    const { origin, pages } = await mount({
      languages: [pseudoLocale],
      branding: { name: "⟦Notes⟧" },
      scopes: { read: "⟦Read⟧", write: "⟦Write⟧" },
    });
    const { page } = await seat();
    for (const path of pages) {
      await page.goto(origin + path);
      expect(await page.evaluate(() => getComputedStyle(document.body).direction), path).toBe("rtl");
      const [name, card] = await Promise.all([page.locator("header strong").boundingBox(), page.locator(".card").boundingBox()]);
      expect((name?.x ?? 0) + (name?.width ?? 0), `${path}: the name stands on the right`).toBeGreaterThan((card?.width ?? 0) / 2);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(320);
      expect(await violations(page), path).toEqual([]);
      const english = await page.evaluate(() => {
        const walker = document.createTreeWalker(document.querySelector(".card") ?? document.body, NodeFilter.SHOW_TEXT);
        const texts: string[] = [];
        while (walker.nextNode())
          if (walker.currentNode.parentElement?.closest("dl,.address") === null) texts.push(walker.currentNode.textContent ?? "");
        return texts.filter((text) => /[a-z]{3}/i.test(text) && !text.includes("⟦") && !/Gallery|gallery\.example/.test(text));
      });
      expect(english, path).toEqual([]);
    }
    await page.goto(origin + (pages[0] ?? ""));
    const [deny, allow] = await Promise.all(["deny", "allow"].map((value) => page.locator(`button[value="${value}"]`).boundingBox()));
    expect(deny?.x).toBeGreaterThanOrEqual(allow?.x ?? Number.POSITIVE_INFINITY);
  });
});
