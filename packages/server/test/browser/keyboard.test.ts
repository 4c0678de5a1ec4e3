import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { AccountHolder } from "../interop/account-holder.ts";
import { LoopbackApp } from "../interop/loopback-app.ts";
import { type RunningServer, startServer } from "../running-server.ts";
import { launchChromium } from "./chromium.ts";
import { SeatedPerson } from "./seated-person.ts";

describe.each([
  { mode: "with JavaScript", javaScriptEnabled: true },
  { mode: "without JavaScript", javaScriptEnabled: false },
])("a person without a mouse, $mode", ({ javaScriptEnabled }) => {
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

  it("signs in, allows, edits, makes and deletes a token, disconnects and signs out by Tab, Enter and Space alone", async () => {
    const printer = await LoopbackApp.register(server.origin, "Photo Printer");
    onTestFinished(printer.callback.close);
    const person = await SeatedPerson.at(browser, ada, { javaScriptEnabled });
    const { page } = person;
    const { keyboard } = page;
    const asked = await printer.ask({ scope: "read write" });

    await page.goto(asked.link.href);
    await tabTo(page, "textbox", "E-mail");
    await keyboard.type(ada.email);
    await tabTo(page, "textbox", "Password");
    await keyboard.type(ada.password);
    await tabTo(page, "button", "Sign in");
    await keyboard.press("Enter");

    await page.getByText("Not verified.").waitFor();
    await tabTo(page, "checkbox", "Create, change and delete notes");
    await keyboard.press("Space");
    await tabTo(page, "button", "Allow");
    await keyboard.press("Space");
    await tabTo(page, "link", "Continue");
    await keyboard.press("Enter");
    expect((await printer.redeem(asked, await printer.answer(asked))).scope).toBe("read write");
    await page.waitForURL((url) => url.href.startsWith(printer.callback.redirectUri));

    await page.goto(`${server.origin}/my/connected_apps`);
    await tabTo(page, "link", 'Edit "Photo Printer"');
    await keyboard.press("Enter");
    await tabTo(page, "checkbox", "Read your notes");
    await keyboard.press("Space");
    await tabTo(page, "button", "Save");
    await keyboard.press("Enter");
    await page.getByText("named itself · Create, change and delete notes").waitFor();

    await tabTo(page, "link", "Personal access tokens");
    await keyboard.press("Enter");
    await tabTo(page, "textbox", "Name");
    await keyboard.type("Night backup");
    await tabTo(page, "button", "Make the token");
    await keyboard.press("Enter");
    await page.getByText("Copy it now.").waitFor();
    await tabTo(page, "link", "Done");
    await keyboard.press("Enter");
    await tabTo(page, "button", "Delete: Night backup");
    await keyboard.press("Enter");
    await page.getByText("You have no tokens.").waitFor();

    await tabTo(page, "link", "Connected apps");
    await keyboard.press("Enter");
    await tabTo(page, "link", 'Disconnect "Photo Printer"');
    await keyboard.press("Enter");
    await tabTo(page, "button", "Disconnect");
    await keyboard.press("Space");
    await page.getByText("has been disconnected").waitFor();

    await page.goto(`${server.origin}/`);
    await tabTo(page, "link", "Sign out");
    await keyboard.press("Enter");
    await tabTo(page, "button", "Sign out");
    await keyboard.press("Enter");
    await page.waitForURL(`${server.origin}/sign_in`);
    expect(person.complaints).toEqual([]);
  });
});

/** Goes there as far as Tab leads, and sees on the way where the focus is. */
async function tabTo(page: Page, role: "button" | "checkbox" | "link" | "textbox", name: string): Promise<void> {
  const target = page.getByRole(role, { name, exact: true });
  await target.waitFor();
  for (let stop = 0; stop < 20; stop++) {
    await page.keyboard.press("Tab");
    const focused = page.locator(":focus");
    if ((await focused.count()) === 0) continue;
    expect(await focused.evaluate((element) => getComputedStyle(element).outlineStyle)).toBe("solid");
    if (await target.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`Tab does not lead to the ${role} "${name}"`);
}
