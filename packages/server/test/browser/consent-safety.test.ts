import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { AccountHolder } from "../interop/account-holder.ts";
import { LoopbackApp } from "../interop/loopback-app.ts";
import { type RunningServer, startServer } from "../running-server.ts";
import { launchChromium } from "./chromium.ts";
import { SeatedPerson } from "./seated-person.ts";

const milliseconds = (time: number) => new Promise((resolve) => setTimeout(resolve, time));
/** The done page of a loopback client goes on after two seconds: what has not arrived by then does not arrive. */
const untilDone = 2_500;

describe("consent in a real browser cannot be had by accident or by trick", () => {
  let server: RunningServer;
  let browser: Browser;
  let ada: AccountHolder;

  beforeAll(async () => {
    [server, browser] = await Promise.all([startServer(), launchChromium()]);
    ada = await AccountHolder.join(server, "ada");
  });
  afterAll(async () => {
    await browser.close();
    await server.stop();
  });

  it.each(["Enter", "Space"])("grants nothing when %s is pressed right after the page has loaded", async (key) => {
    const { person } = await atConsent();
    await person.page.keyboard.press(key);
    await milliseconds(500);

    expect(person.decisions).toEqual([]);
    expect(await person.allow.isVisible()).toBe(true);
  });

  it.each(['input[name="scope"]', 'input[name="lifetime"]'])("never takes Enter in %s for Allow", async (choice) => {
    const { person } = await atConsent();
    await person.page.locator(choice).first().focus();
    await person.page.keyboard.press("Enter");
    await milliseconds(500);

    expect(person.decisions).not.toContain("allow");
  });

  it("does not render in a frame of another origin, even of the same site, where the person's session is sent", async () => {
    const { person, asked } = await atConsent();
    const foreign = createServer((request, response) => {
      response.writeHead(200, { "content-type": "text/html" });
      response.end(
        request.url === "/harmless"
          ? "harmless"
          : `<iframe name="consent" src="${asked.link.href.replaceAll("&", "&amp;")}"></iframe><iframe name="control" src="/harmless"></iframe>`,
      );
    });
    await new Promise<void>((resolve) => foreign.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void foreign.close());
    await person.page.goto(`http://localhost:${(foreign.address() as AddressInfo).port}/`);

    expect(await person.page.frame("control")?.content()).toContain("harmless");
    expect(person.page.frame("consent")?.url()).toBe("chrome-error://chromewebdata/");
    expect(await person.page.frame("consent")?.content()).not.toContain("Allow");
    expect(person.complaints).toContainEqual(expect.stringContaining("frame-ancestors 'none'"));
  });

  it("takes a double click on Allow for one decision: the person arrives once, with one code, and it works", async () => {
    const { person, printer, asked } = await atConsent();
    await person.allow.dblclick();
    const answer = await printer.answer(asked);
    await milliseconds(untilDone);

    expect(printer.callback.arrivals).toHaveLength(1);
    expect((await printer.redeem(asked, answer)).scope).toBe("read");
    expect(person.complaints).toEqual([]);
  });

  it("takes two clicks on a slow line for one decision: both are sent, one code is made, and the person arrives", async () => {
    const { person, printer, asked } = await atConsent();
    const donePages: string[] = [];
    await person.page.route("**/oauth/authorize", async (route) => {
      // Chromium adds this header only on the wire, behind the place where the line is slow here.
      const headers = { ...(await route.request().allHeaders()), "sec-fetch-site": "same-origin" };
      const response = await route.fetch({ maxRedirects: 0, headers });
      donePages.push(response.headers()["location"] ?? "");
      await milliseconds(500);
      // The second click has cancelled the first one's answer by now.
      await route.fulfill({ response }).catch(() => undefined);
    });
    await person.allow.scrollIntoViewIfNeeded();
    const button = await person.allow.boundingBox();
    for (const _ of ["first", "second"]) {
      await person.page.mouse.click((button?.x ?? 0) + 20, (button?.y ?? 0) + 20);
      await milliseconds(200);
    }
    const answer = await printer.answer(asked);

    expect(person.decisions).toEqual(["allow", "allow"]);
    expect(donePages).toHaveLength(2);
    for (const path of donePages) {
      const page = await person.page.request.get(new URL(path, server.origin).href);
      expect(await page.text()).toContain(`code=${answer.get("code")}`);
    }
    expect((await printer.redeem(asked, answer)).scope).toBe("read");
  });

  it("shows the done page when the person goes back from the client, and never issues a second code", async () => {
    const { person, printer, asked } = await atConsent();
    await person.allow.click();
    const answer = await printer.answer(asked);
    await person.page.waitForURL((url) => url.href.startsWith(printer.callback.redirectUri));
    await person.page.goBack();
    expect(new URL(person.page.url()).pathname).toBe("/oauth/done");
    await milliseconds(untilDone);
    await person.page.goBack();
    await person.page.goBack();
    await milliseconds(untilDone);

    expect(new Set(printer.callback.arrivals.map((arrival) => arrival.get("code")))).toEqual(new Set([answer.get("code")]));
    expect(person.decisions).toEqual(["allow"]);
    expect((await printer.redeem(asked, answer)).scope).toBe("read");
  });

  async function atConsent() {
    const printer = await LoopbackApp.register(server.origin, "Photo Printer");
    onTestFinished(printer.callback.close);
    const person = await SeatedPerson.at(browser, ada);
    const asked = await printer.ask({ scope: "read" });
    await person.follow(asked.link);
    return { person, printer, asked };
  }
});
