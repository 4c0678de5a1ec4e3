import { HtmlValidate } from "html-validate/node";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchChromium } from "./chromium.ts";
import { everyPage, isDashboard, isDone } from "./every-page.ts";
import { type FurnishedServer, furnish } from "./furnished-server.ts";

const validator = new HtmlValidate({
  root: true,
  extends: ["html-validate:recommended"],
  rules: {
    // The standard takes either case, and small letters are one choice less.
    "doctype-style": "off",
    // Every button of ours sends the form it stands in, which is what a button without a type does.
    "no-implicit-button-type": "off",
    // A checkbox for each scope: the form sends `scope` as often as one is ticked.
    "form-dup-name": ["error", { shared: ["radio", "submit", "checkbox"] }],
  },
});

/** Bytes: a page is there at once on any line. */
const heaviest = 10_240;

/** Of a page with fifty rows or a chart with its table: the operator opens it, and not everybody on the way to their app. */
const heaviestOfDashboard = 131_072;

describe("pages that a browser has nothing to guess about", () => {
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

  it.each(everyPage)(
    "$name: is valid HTML of at most 10 KB (the dashboard: 128), works without JavaScript, asks nobody else, and breaks no policy",
    async (visit) => {
      const person = await at.seat(visit.who, {
        javaScriptEnabled: false,
        ...(visit.locale === undefined ? {} : { locale: visit.locale }),
      });
      const { page } = person;
      const documents = new Map<string, Promise<string>>();
      const requests: string[] = [];
      page.on("request", (request) => {
        if (!request.isNavigationRequest()) requests.push(request.url());
      });
      page.on("response", (response) => {
        if (response.headers()["content-type"]?.startsWith("text/html") === true) documents.set(response.url(), response.text());
      });
      await visit.open(page, at);
      await page.getByText(visit.words).first().waitFor();

      const html = (await documents.get(page.url())) ?? "";
      expect(html).toContain("<!doctype html>");
      // A native app's done page waits, so that Back leads there and a failed launch leaves something to read.
      expect((await complaintsAbout(html)).filter((words) => !(isDone(visit) && words.startsWith("meta-refresh")))).toEqual([]);
      expect(Buffer.byteLength(html)).toBeLessThanOrEqual(isDashboard(visit) ? heaviestOfDashboard : heaviest);
      expect(requests).toEqual([]);
      // A browser says so of every page with an error's status; and a done page leaves this machine, which is what it is for.
      const expected = /^Failed to load resource: the server responded with a status of 4\d\d /;
      const wayOn = isDone(visit) ? await page.getByRole("link", { name: "Continue" }).getAttribute("href") : undefined;
      expect(person.complaints.filter((words) => !expected.test(words) && words !== `left this machine: ${wayOn}`)).toEqual([]);
    },
  );

  it("would be noticed if they were not: the validator finds what is wrong with another page", async () => {
    const found = await complaintsAbout('<!doctype html><html lang="en"><title>Other</title><p id="a"><b id="a">open</p></html>');
    expect(found).toEqual(expect.arrayContaining([expect.stringContaining("close-order"), expect.stringContaining("no-dup-id")]));
  });

  it.each(["website", "this computer", "app on this device"])("done, %s: goes on by itself to where its link leads", async (place) => {
    const visit = everyPage.find(({ name }) => name === `done, ${place}`);
    const { page } = await at.seat("ada");
    await visit?.open(page, at);

    const link = await page.getByRole("link", { name: "Continue" }).getAttribute("href");
    const seconds = place === "website" ? 0 : 2;
    expect(await refreshOf(page)).toBe(`${seconds};url=${link}`);
    expect(new URL(link ?? "").searchParams.has("code")).toBe(true);
  });
});

const refreshOf = (page: Page): Promise<string | null> => page.locator('meta[http-equiv="refresh"]').getAttribute("content");

async function complaintsAbout(html: string): Promise<readonly string[]> {
  const { results } = await validator.validateString(html);
  return results.flatMap(({ messages }) => messages.map(({ ruleId, message, line, column }) => `${ruleId}: ${message} ${line}:${column}`));
}
