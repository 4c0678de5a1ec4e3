import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults, RunOptions } from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchChromium } from "./chromium.ts";
import { everyPage, isDone } from "./every-page.ts";
import { type FurnishedServer, furnish } from "./furnished-server.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const levels = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** No colour depends on the width, so that two faces show all there is; what is no matter of looks is looked for once. */
const faces = [
  { width: 320, colorScheme: "light", rules: levels },
  { width: 1280, colorScheme: "dark", rules: ["color-contrast", "link-in-text-block", "target-size"] },
] as const;

describe("pages for everybody, by WCAG 2.2 AA", () => {
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

  it("would be noticed if they were not: axe finds what is wrong with another page", async () => {
    const { page } = await at.seat("stranger");
    await page.setContent('<html><p style="color:#999;background:#fff">pale</p><input><meta http-equiv="refresh" content="2;url=/">');
    await page.evaluate(axe);
    const found = async (rules: readonly string[]) => (await violations(page, rules, [])).map((words) => words.split(":", 1)[0]);

    expect(await found(levels)).toEqual(expect.arrayContaining(["color-contrast", "html-has-lang", "label", "meta-refresh"]));
    expect(await found(faces[1].rules)).toEqual(["color-contrast"]);
  });

  it.each(everyPage)("$name: axe finds nothing, narrow and wide, light and dark", async (visit) => {
    const { page } = await at.seat(visit.who, visit.locale === undefined ? {} : { locale: visit.locale });
    await visit.open(page, at);
    await page.getByText(visit.words).first().waitFor();
    await page.evaluate(axe);
    await page.evaluate(() => {
      for (const details of document.querySelectorAll("details")) details.open = true;
    });
    for (const { width, colorScheme, rules } of faces) {
      await page.setViewportSize({ width, height: 720 });
      await page.emulateMedia({ colorScheme });
      // The done page has to go on by itself: nothing but a refresh works without script and past `form-action`.
      expect(await violations(page, rules, isDone(visit) ? ["meta-refresh"] : []), `${width} px, ${colorScheme}`).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), `sideways at ${width} px`).toBeLessThanOrEqual(width);
    }
  });
});

async function violations(page: Page, rules: readonly string[], waived: readonly string[]): Promise<readonly string[]> {
  const options: RunOptions = {
    runOnly: [...rules],
    rules: Object.fromEntries(waived.map((rule) => [rule, { enabled: false }])),
    resultTypes: ["violations"],
  };
  const found = await page.evaluate(
    (asked) => (globalThis as unknown as { axe: { run: (asked: RunOptions) => Promise<AxeResults> } }).axe.run(asked),
    options,
  );
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}
