import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { AccountHolder } from "../interop/account-holder.ts";
import { LoopbackApp } from "../interop/loopback-app.ts";
import { type RunningServer, startServer } from "../running-server.ts";
import { launchChromium } from "./chromium.ts";
import { SeatedPerson } from "./seated-person.ts";

describe.each([
  { mode: "with JavaScript", javaScriptEnabled: true },
  { mode: "without JavaScript", javaScriptEnabled: false },
])("consent in a real browser, $mode", ({ javaScriptEnabled }) => {
  let server: RunningServer;
  let browser: Browser;
  let ada: AccountHolder;
  let budget: LoopbackApp;

  beforeAll(async () => {
    [server, browser] = await Promise.all([startServer(), launchChromium()]);
    ada = await AccountHolder.join(server, "ada");
    budget = await LoopbackApp.register(server.origin, "Household Budget");
  });
  afterAll(async () => {
    await Promise.all([browser.close(), budget.callback.close()]);
    await server.stop();
  });

  it("shows who asks and where the answer goes, with reading alone ticked for an app that nobody has checked", async () => {
    const person = await SeatedPerson.at(browser, ada, { javaScriptEnabled });
    await person.follow((await budget.ask({ scope: "read write" })).link);

    const words = await person.page.locator("body").innerText();
    expect(words).toContain("Household Budget");
    expect(words).toContain(new URL(budget.callback.redirectUri).host);
    expect(words).toMatch(/We don.t know who made this app/);
    expect(words).toContain(ada.email);
    expect(await person.scope("read").isChecked()).toBe(true);
    expect(await person.scope("write").isChecked()).toBe(false);
    expect(person.complaints).toEqual([]);
  });

  it.each([320, 1280])("offers to decline by a button as large as that to allow, where %i pixels are wide", async (width) => {
    for (const locale of ["en", "de"]) {
      const person = await SeatedPerson.at(browser, ada, { javaScriptEnabled, locale, viewport: { width, height: 720 } });
      await person.page.goto((await budget.ask({ scope: "read" })).link.href);
      await person.signIn();
      const [deny, allow] = await Promise.all(
        ["deny", "allow"].map((decision) => person.page.locator(`button[name="decision"][value="${decision}"]`).boundingBox()),
      );
      expect([deny?.width, deny?.height], locale).toEqual([allow?.width, allow?.height]);
      expect(allow?.height).toBeGreaterThanOrEqual(44);
    }
  });

  it("takes a person who ticks and unticks, and clicks Allow, to the client with a code for exactly that", async () => {
    const person = await SeatedPerson.at(browser, ada, { javaScriptEnabled });
    const asked = await budget.ask({ scope: "read write", resource: `${server.origin}/mcp` });
    await person.follow(asked.link);
    await person.scope("write").check();
    await person.scope("read").uncheck();
    await person.allow.click();

    const answer = await budget.answer(asked);
    expect(answer.get("state")).toBe(asked.state);
    expect(answer.get("iss")).toBe(server.origin);
    expect((await budget.redeem(asked, answer)).scope).toBe("write");
    await person.page.waitForURL((url) => url.href.startsWith(budget.callback.redirectUri));
    expect(person.complaints).toEqual([]);
    // Without a policy that would have stopped a direct redirect of the form, arriving would prove nothing.
    expect(person.policies.length).toBeGreaterThanOrEqual(3);
    for (const policy of person.policies) {
      expect(policy.split(/;\s*/)).toEqual(
        expect.arrayContaining(["default-src 'none'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"]),
      );
    }
  });

  it("takes a person who clicks Don't allow to the client with access_denied, and no code", async () => {
    const person = await SeatedPerson.at(browser, ada, { javaScriptEnabled });
    const asked = await budget.ask({ scope: "read" });
    await person.follow(asked.link);
    await person.deny.click();

    const answer = await budget.callback.next();
    expect(Object.fromEntries(answer)).toMatchObject({ error: "access_denied", state: asked.state, iss: server.origin });
    expect(answer.has("code")).toBe(false);
    expect(person.complaints).toEqual([]);
  });

  it("would be noticed if a page broke its own policy, as a consent form that redirects to the client does", async () => {
    const person = await SeatedPerson.at(browser, ada, { javaScriptEnabled });
    const other = createServer((request, response) => {
      if (request.method === "POST") return response.writeHead(303, { location: budget.callback.redirectUri }).end();
      response.writeHead(200, { "content-type": "text/html", "content-security-policy": "default-src 'none'; form-action 'self'" });
      return response.end("<!doctype html><form method=post><button name=decision value=allow>Allow</button></form>");
    });
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void other.close());
    const arrived = budget.callback.arrivals.length;
    await person.page.goto(`http://127.0.0.1:${(other.address() as AddressInfo).port}/`);
    await person.allow.click();

    await expect.poll(() => person.complaints).toEqual([expect.stringContaining("form-action 'self'")]);
    expect(budget.callback.arrivals).toHaveLength(arrived);
  });
});
