import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { AccountHolder } from "../interop/account-holder.ts";
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
    [server, browser] = await Promise.all([startServer(), launchChromium()]);
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
