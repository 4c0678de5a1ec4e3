import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { AccountHolder } from "../interop/account-holder.ts";
import { serveDocuments } from "../interop/document-server.ts";
import { LoopbackApp } from "../interop/loopback-app.ts";
import { type RunningServer, startServer } from "../running-server.ts";
import { launchChromium } from "./chromium.ts";
import { SeatedPerson } from "./seated-person.ts";

const album = join(import.meta.dirname, "../../../../test-artifacts/pages");

describe("the pages that a person sees, photographed for whoever changes them", () => {
  let server: RunningServer;
  let browser: Browser;
  let ada: AccountHolder;

  beforeAll(async () => {
    mkdirSync(album, { recursive: true });
    [server, browser] = await Promise.all([startServer({ environment: { OAUTH_CLIENT_ID_METADATA_LOOPBACK: "on" } }), launchChromium()]);
    ada = await AccountHolder.join(server, "ada");
  });
  afterAll(async () => {
    await browser.close();
    await server.stop();
  });

  it.each([320, 1280])("fit into %i pixels without scrolling sideways, and have a light and a dark face", async (width) => {
    const printer = await LoopbackApp.register(server.origin, "Photo Printer of the Community Centre in Llanfairpwllgwyngyll");
    onTestFinished(printer.callback.close);
    const person = await SeatedPerson.at(browser, ada, { viewport: { width, height: 720 } });
    const { page } = person;
    const asked = await printer.ask({ scope: "read write", resource: `${server.origin}/mcp` });

    await page.goto(asked.link.href);
    await photograph(page, "sign-in", "continue");
    await person.signIn();
    await photograph(page, "consent", "It will be able to");
    await person.allow.click();
    await page.waitForURL((url) => url.pathname === "/oauth/done");
    await photograph(page, "done", "Going back");
    await page.waitForURL((url) => url.href.startsWith(printer.callback.redirectUri));
    await printer.redeem(asked, await printer.answer(asked));

    await page.goto(`${server.origin}/my/connected_apps`);
    await photograph(page, "connected-apps", "Photo Printer");
    await page.goto(`${server.origin}/my/connected_apps/${printer.client.client_id}/disconnect`);
    await photograph(page, "disconnect", "It stops working now");
    await page.goto(`${server.origin}/oauth/authorize?response_type=code&client_id=nobody-knows`);
    await photograph(page, "error", "this app");
  });

  it.each([320, 1280])("fit into %i pixels where a person makes a token of their own and sees it once", async (width) => {
    const person = await SeatedPerson.at(browser, ada, { viewport: { width, height: 720 } });
    const { page } = person;
    await page.goto(`${server.origin}/my/access_tokens`);
    await person.signIn();
    await page.goto(`${server.origin}/my/access_tokens`);
    await page.getByLabel("Name").fill("Night backup of the Community Centre in Llanfairpwllgwyngyll");
    await photograph(page, "access-tokens", "A token is a password for a program.");
    await page.getByRole("button", { name: "Make the token" }).click();
    await photograph(page, "new-access-token", "It is shown this once.");
    expect(await page.locator("code").first().innerText()).toMatch(/^vs_pat_[A-Za-z0-9_-]{49}$/);
    await page.reload();
    expect(await page.locator("body").innerText()).toContain("Token is no longer visible");
    await photograph(page, "access-tokens-list", "Night backup");
    await page
      .getByRole("button", { name: /^Delete/ })
      .first()
      .click();
  });

  it.each([320, 1280])("fit into %i pixels where the app is known by the document of a website", async (width) => {
    const site = await serveDocuments();
    onTestFinished(site.close);
    const path = `/household-budget-of-the-community-centre/${width}.json`;
    const redirectUris = ["http://127.0.0.1:4711/callback", "https://budget.example/callback"];
    site.documents.set(path, { client_id: site.origin + path, client_name: "Household Budget", redirect_uris: redirectUris });
    const person = await SeatedPerson.at(browser, ada, { viewport: { width, height: 720 } });
    const [onComputer, onWebsite] = redirectUris.map((redirectUri) => {
      const link = new URL("/oauth/authorize", server.origin);
      link.search = new URLSearchParams({
        response_type: "code",
        client_id: site.origin + path,
        redirect_uri: redirectUri,
        code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        code_challenge_method: "S256",
        scope: "read write",
      }).toString();
      return link;
    });

    await person.follow(onComputer ?? new URL(server.origin));
    await photograph(
      person.page,
      "consent-on-this-computer",
      `From ${new URL(site.origin).host} · an app on your computer (127.0.0.1:4711)`,
    );
    await person.page.goto(onWebsite?.href ?? "");
    await photograph(person.page, "consent-known-website", "The website 127.0.0.1");
    await site.close();
    await person.page.goto(`${server.origin}/oauth/authorize${onWebsite?.search.replace("household", "unknown")}`);
    await photograph(person.page, "document-unreachable", "did not answer. Try again in a minute.");
  });
});

async function photograph(page: Page, name: string, words: string): Promise<void> {
  const width = page.viewportSize()?.width ?? 0;
  expect(await page.locator("body").innerText()).toContain(words);
  const corners: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(album, `${name}-${width}-${colorScheme}.png`), fullPage: true });
    corners.push((await page.screenshot({ clip: { x: 1, y: 1, width: 1, height: 1 } })).toString("base64"));
  }
  expect(corners[0], `${name} has no dark face`).not.toBe(corners[1]);
  const widest = await page.evaluate(() => {
    for (const details of document.querySelectorAll("details")) details.open = true;
    return document.documentElement.scrollWidth;
  });
  expect(widest, `${name} at ${width} px, with its details open`).toBeLessThanOrEqual(width);
}
