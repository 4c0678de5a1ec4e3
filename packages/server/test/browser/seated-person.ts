/** A person in front of a real browser of their own, and somebody who watches what that browser complains about. */
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { onTestFinished } from "vitest";
import type { AccountHolder } from "../interop/account-holder.ts";

export class SeatedPerson {
  readonly page: Page;
  /** What the browser refused, failed at, or would have sent to another machine. */
  readonly complaints: string[] = [];
  /** The Content-Security-Policy of every page that the server showed. */
  readonly policies: string[] = [];
  /** What the browser has sent from consent forms, whichever button or key it was: `allow`, `deny`. */
  readonly decisions: string[] = [];
  readonly #account: AccountHolder;

  /** Opens a fresh browser profile, which ends with the test. */
  static async at(browser: Browser, account: AccountHolder, options: BrowserContextOptions = {}): Promise<SeatedPerson> {
    const context = await browser.newContext(options);
    onTestFinished(() => context.close());
    return new SeatedPerson(await context.newPage(), account);
  }

  private constructor(page: Page, account: AccountHolder) {
    this.page = page;
    this.#account = account;
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") this.complaints.push(message.text());
    });
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    page.on("request", (request) => {
      const { protocol, hostname, pathname } = new URL(request.url());
      if (protocol !== "data:" && hostname !== "localhost" && hostname !== "127.0.0.1")
        this.complaints.push(`left this machine: ${request.url()}`);
      if (request.method() === "POST" && pathname === "/oauth/authorize")
        this.decisions.push(new URLSearchParams(request.postData() ?? "").get("decision") ?? "none");
    });
    page.on("response", (response) => {
      const { "content-type": type, "content-security-policy": policy } = response.headers();
      const shown = response.status() < 300 || response.status() > 399;
      if (shown && new URL(response.url()).hostname === "localhost" && type?.startsWith("text/html"))
        this.policies.push(policy ?? "no policy");
    });
  }

  /** Fills in the sign-in page that is open, and sends it. */
  async signIn(): Promise<void> {
    await this.page.fill('input[name="email"]', this.#account.email);
    await this.page.fill('input[name="password"]', this.#account.password);
    await this.page.press('input[name="password"]', "Enter");
    await this.page.waitForURL((url) => url.pathname !== "/sign_in");
  }

  /** Opens an app's link as somebody who is not signed in yet, and comes as far as the consent page. */
  async follow(link: URL): Promise<void> {
    await this.page.goto(link.href);
    await this.signIn();
    await this.allow.waitFor();
  }

  get allow(): Locator {
    return this.page.locator('button[name="decision"][value="allow"]');
  }

  get deny(): Locator {
    return this.page.locator('button[name="decision"][value="deny"]');
  }

  scope(name: string): Locator {
    return this.page.locator(`input[type="checkbox"][name="scope"][value="${name}"]`);
  }
}
