import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LoopbackApp } from "../interop/loopback-app.ts";
import { launchChromium } from "./chromium.ts";
import { type FurnishedServer, furnish } from "./furnished-server.ts";
import { attack, ScriptWatch } from "./script-watch.ts";

const hostile = `<img src=x onerror="${attack}">`;

describe("the operator's dashboard in a browser", () => {
  let browser: Browser;
  let at: FurnishedServer;

  beforeAll(async () => {
    browser = await launchChromium();
    at = await furnish(browser);
  });
  afterAll(async () => {
    await browser.close();
    await at.close();
  });

  it("lets an operator search, disable and enable an app without JavaScript", async () => {
    const { page, complaints } = await at.seat("operator", { javaScriptEnabled: false });
    await page.goto(at.server.origin);
    await page.getByRole("link", { name: "Operate" }).click();
    await page.getByRole("link", { name: "Apps", exact: true }).click();
    await page.getByLabel("Name or id").fill("number 3");
    await page.getByRole("button", { name: "Show" }).click();
    await page.getByRole("link", { name: "Tool number 3" }).click();
    await page.getByRole("link", { name: "Disable" }).click();
    await page.getByText("1 person, 1 connection and 0 tokens of its own stop working now").waitFor();
    await page.getByRole("button", { name: "Disable" }).click();
    await page.getByText('"Tool number 3" is disabled.').waitFor();
    await page.getByRole("link", { name: "Enable" }).click();
    await page.getByRole("button", { name: "Enable" }).click();
    await page.getByText('"Tool number 3" is enabled.').waitFor();
    expect(complaints).toEqual([]);
  });

  it("shows what happens as it happens, as text, and by reloading where there is no script", async () => {
    const { page, complaints } = await at.seat("operator");
    const watch = await ScriptWatch.over(page);
    await page.goto(`${at.server.origin}/admin/live`);
    await page.getByText("Live", { exact: true }).last().waitFor();
    const app = await LoopbackApp.register(at.server.origin, hostile);
    await app.callback.close();
    const row = page.locator("tbody tr").first();
    await row.getByText("client.registered").waitFor();
    await row.getByText(`name: ${hostile}`).waitFor();
    expect(watch.executions).toEqual([]);
    expect(complaints).toEqual([]);

    const { page: still } = await at.seat("operator", { javaScriptEnabled: false });
    await still.goto(`${at.server.origin}/admin/live`);
    await LoopbackApp.register(at.server.origin, "Late Arrival").then(({ callback }) => callback.close());
    await still.getByRole("link", { name: "Reload" }).click();
    await still.locator("tbody tr").first().getByText("name: Late Arrival").waitFor();
  });

  it("lets whoever is on a phone scroll a table inside itself", async () => {
    const { page } = await at.seat("operator", { viewport: { width: 320, height: 640 } });
    await page.goto(`${at.server.origin}/admin/connections`);
    const table = page.getByRole("region", { name: "Connections" });
    expect(await table.evaluate((region) => region.scrollWidth > region.clientWidth)).toBe(true);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
  });
});
