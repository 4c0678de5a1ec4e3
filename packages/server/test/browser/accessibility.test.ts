import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { levels, violations } from "./axe.ts";
import { launchChromium } from "./chromium.ts";
import { everyPage, isDone } from "./every-page.ts";
import { type FurnishedServer, furnish } from "./furnished-server.ts";

const looks = ["color-contrast", "link-in-text-block", "target-size"];

/** No colour depends on the width, so that two faces show axe all there is; what is no matter of looks is looked for once. */
const faces = [
  { width: 320, colorScheme: "light", rules: levels },
  { width: 1280, colorScheme: "dark", rules: looks },
  { width: 320, colorScheme: "dark", rules: [] },
  { width: 1280, colorScheme: "light", rules: [] },
] as const;

/** A picture of every page, for whoever changes them and asks for it by `PAGE_ALBUM=on`: a quarter of the time goes into it. */
const album = process.env["PAGE_ALBUM"] === "on" ? join(import.meta.dirname, "../../../../test-artifacts/pages") : undefined;

describe("pages for everybody, by WCAG 2.2 AA", () => {
  let browser: Browser;
  let at: FurnishedServer;

  beforeAll(async () => {
    if (album !== undefined) mkdirSync(album, { recursive: true });
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
    const found = async (rules: readonly string[]) => (await violations(page, rules, [])).map((words) => words.split(":", 1)[0]);

    expect(await found(levels)).toEqual(expect.arrayContaining(["color-contrast", "html-has-lang", "label", "meta-refresh"]));
    expect(await found(looks)).toEqual(["color-contrast"]);
  });

  it.each(everyPage)("$name: axe finds nothing, narrow and wide, light and dark, and Tab leads to all there is to do", async (visit) => {
    const { page } = await at.seat(visit.who, visit.locale === undefined ? {} : { locale: visit.locale });
    await visit.open(page, at);
    await page.getByText(visit.words).first().waitFor();
    await page.evaluate(() => {
      for (const details of document.querySelectorAll("details")) details.open = true;
    });
    for (const { width, colorScheme, rules } of faces) {
      await page.setViewportSize({ width, height: 720 });
      await page.emulateMedia({ colorScheme });
      // The done page has to go on by itself: nothing but a refresh works without script and past `form-action`.
      if (rules.length > 0)
        expect(await violations(page, rules, isDone(visit) ? ["meta-refresh"] : []), `${width} px, ${colorScheme}`).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), `sideways at ${width} px`).toBeLessThanOrEqual(width);
      if (album === undefined) continue;
      await page.screenshot({ path: join(album, `${visit.name.replace(/\W+/g, "-")}.${width}.${colorScheme}.png`), fullPage: true });
    }
    // What happens elsewhere meanwhile must not change a page that shows it.
    await page.context().setOffline(true);
    expect(await reachedByTab(page)).toEqual(await controls(page));
  });
});

/** What can be operated, in the order of the page; of a group of radio buttons the one that is chosen, and of equal neighbours one. */
const controls = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('a[href],button,input,select,summary,[tabindex="0"]')]
      .filter((element) => element.offsetParent !== null && !(element as HTMLInputElement).disabled)
      .filter((element) => !(element instanceof HTMLInputElement && element.type === "radio" && !element.checked))
      .map((element) => element.outerHTML)
      .filter((html, index, all) => html !== all[index - 1]),
  );

/** What somebody without a mouse comes to, and sees that they have. */
async function reachedByTab(page: Page): Promise<readonly string[]> {
  await page.evaluate(() => {
    (document.activeElement as HTMLElement | null)?.blur();
    window.getSelection()?.removeAllRanges();
  });
  const reached: string[] = [];
  for (let presses = 0; presses < 200; presses++) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      if (element === null || element === document.body) return undefined;
      return { html: element.outerHTML, isShown: getComputedStyle(element).outlineStyle !== "none" };
    });
    if (focused === undefined || (reached.length > 1 && focused.html === reached[0])) break;
    // A date has a place for each of its parts, which shows by itself that it is there.
    if (focused.html !== reached.at(-1)) reached.push(focused.isShown ? focused.html : `not shown: ${focused.html}`);
  }
  return reached;
}
