import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { App } from "./app.ts";
import { createClient } from "./interop/operator-client.ts";
import { Person } from "./person.ts";
import { type RunningServer, startServer } from "./running-server.ts";

let server: RunningServer;
beforeAll(async () => {
  server = await startServer({
    environment: { OAUTH_RATE_LIMIT_SIGN_IN: "3/1m", OAUTH_RATE_LIMIT_SIGN_IN_ACCOUNT: "5/1h", OAUTH_RATE_LIMIT_SIGN_IN_ADDRESS: "100/1m" },
  });
  await server.command(["users", "add", "ada@example.com", "--password-stdin"], "a-long-password");
});
afterAll(() => server.stop());

describe("signing in", () => {
  it("counts failures by account, however its address is spelled", async () => {
    const stranger = new Person(server.origin);
    const statuses: number[] = [];
    for (const email of ["ada@example.com", "ADA@example.com", " ada@example.com ", "Ada@Example.com"])
      statuses.push((await stranger.signIn(email, "a-wrong-password")).status);
    expect(statuses).toEqual([401, 401, 401, 429]);
  });

  it("looks at no more passwords of those sent at once than the limit", async () => {
    const strangers = Array.from({ length: 30 }, () => new Person(server.origin));
    const answers = await Promise.all(strangers.map((stranger) => stranger.signIn("barbara@example.com", "a-wrong-password")));
    const statuses = answers.map(({ status }) => status);
    expect([statuses.filter((status) => status === 401).length, statuses.filter((status) => status === 429).length]).toEqual([3, 27]);
  });

  it("counts no right password, however often it is sent", async () => {
    await server.command(["users", "add", "hedy@example.com", "--password-stdin"], "a-long-password");
    for (let time = 0; time < 5; time++) {
      const hedy = new Person(server.origin);
      await hedy.signIn("hedy@example.com", "a-long-password");
      expect((await hedy.open("/")).html).toContain("You are signed in");
    }
  });

  it("leads on by 303, so that no browser takes the password along", async () => {
    await server.command(["users", "add", "grace@example.com", "--password-stdin"], "a-long-password");
    const grace = new Person(server.origin);
    const page = await grace.open("/sign_in");
    const body = new URLSearchParams({ ...page.hidden(), email: "grace@example.com", password: "a-long-password" });
    const response = await grace.send("/sign_in", { method: "POST", body, headers: { origin: server.origin } });
    expect([response.status, response.headers.get("location")]).toEqual([303, "/"]);
  });

  it("ends the session that the browser had", async () => {
    for (const email of ["sofia@example.com", "emilie@example.com"])
      await server.command(["users", "add", email, "--password-stdin"], "a-long-password");
    const family = new Person(server.origin);
    await family.signIn("sofia@example.com", "a-long-password");
    const before = family.cookies;
    await family.signIn("emilie@example.com", "a-long-password", await family.open("/sign_in?prompt=login"));
    const kept = await fetch(`${server.origin}/`, { headers: { cookie: before } });
    expect(await kept.text()).not.toContain("You are signed in");
  });

  it("is refused to an address that fails at many accounts, and slow at an account that fails from many addresses", async () => {
    const guarded = await startServer({
      environment: { OAUTH_TRUST_PROXY: "1", OAUTH_RATE_LIMIT_SIGN_IN_ADDRESS: "3/1m", OAUTH_RATE_LIMIT_SIGN_IN_ACCOUNT: "3/1h" },
    });
    onTestFinished(async () => void (await guarded.stop()));
    const stranger = new Person(guarded.origin);
    const page = await stranger.open("/sign_in");
    const tryFrom = async (address: string, email: string): Promise<readonly [status: number, milliseconds: number]> => {
      const [body, began] = [new URLSearchParams({ ...page.hidden(), email, password: "a-wrong-password" }), performance.now()];
      const headers = { origin: guarded.origin, "x-forwarded-for": address };
      const { status } = await stranger.send("/sign_in", { method: "POST", body, headers });
      return [status, performance.now() - began];
    };
    const statuses: number[] = [];
    for (const name of ["ada", "grace", "alan", "hedy"]) statuses.push((await tryFrom("203.0.113.7", `${name}@example.com`))[0]);
    expect(statuses).toEqual([401, 401, 401, 429]);
    for (const address of ["198.51.100.1", "198.51.100.2", "198.51.100.3"]) await tryFrom(address, "mary@example.com");
    const [status, waited] = await tryFrom("198.51.100.4", "mary@example.com");
    expect(status).toBe(401);
    expect(waited).toBeGreaterThan(1900);
  });

  it("records a form that is not ours with its private reason, as every refusal", async () => {
    const response = await fetch(`${server.origin}/sign_in`, {
      method: "POST",
      body: new URLSearchParams({ email: "ada@example.com", password: "a-long-password", csrf: "forged" }),
    });
    expect(response.status).toBe(400);
    const html = await response.text();
    expect(html).toContain("This form is too old");
    const shown = /<dt>Request<\/dt><dd><code>([^<]+)</.exec(html)?.[1];
    const database = new DatabaseSync(join(server.directory, "vouchsafe.db"), { readOnly: true });
    const recorded = (): Record<string, unknown>[] =>
      database
        .prepare("SELECT event FROM audit_events WHERE type = 'request.refused'")
        .all()
        .map((row) => JSON.parse(String(row["event"])) as Record<string, unknown>);
    await expect.poll(() => recorded().length).toBe(1);
    expect(recorded()[0]).toMatchObject({
      endpoint: "sign_in",
      error: "invalid_request",
      reason: expect.stringContaining("sign-in form") as string,
      address: "127.0.0.1",
      requestId: shown,
    });
    database.close();
  });
});

describe("the sign-in page", () => {
  it("takes e-mail and password in fields that a password manager knows and a person may paste into", async () => {
    const { html } = await new Person(server.origin).open("/sign_in");
    expect(html).toMatch(/<input type="email" name="email" value="" autocomplete="username" required>/);
    expect(html).toMatch(/<input type="password" name="password" autocomplete="current-password" required>/);
    expect(html).not.toMatch(/onpaste|autocomplete="off"/);
  });

  it("has the address filled in that an app said, letter by letter", async () => {
    const link = (await App.register(server)).request({ login_hint: "ada+notes@example.com" });
    expect((await new Person(server.origin).open(link)).html).toContain('name="email" value="ada+notes@example.com"');
  });

  it("says the same of a wrong password and of an account that does not exist", async () => {
    await server.command(["users", "add", "alan@example.com", "--password-stdin"], "a-long-password");
    const pages = [];
    for (const email of ["alan@example.com", "nobody@example.com"]) {
      const page = await new Person(server.origin).signIn(email, "a-wrong-password");
      pages.push([page.status, page.html.replaceAll(email, "").replace(/name="csrf" value="[^"]*"/, "")]);
    }
    expect(pages[0]).toEqual(pages[1]);
    expect(pages[0]).toEqual([401, expect.stringContaining("That e-mail and password don&#39;t match.")]);
  });

  it("says after too many tries how long to wait, and takes the request along all the while", async () => {
    const hedy = new Person(server.origin);
    let page = await hedy.open((await App.register(server)).request());
    for (const _ of ["first", "second", "third", "fourth"]) page = await hedy.signIn("hedy@example.com", "a-wrong-password", page);
    expect([page.status, page.html]).toEqual([429, expect.stringMatching(/Too many tries\. You can try again in \d+ seconds\./)]);
    expect(page.hidden()["return_to"]).toMatch(/^\/oauth\/authorize\?/);
  });

  it("says for which app it is, in quotes where that named itself", async () => {
    const app = await App.register(server);
    const page = await new Person(server.origin).open(app.request());
    expect(page.html).toContain("<p>To continue to <b>an app that named itself &quot;Budget app&quot;</b></p>");
    const printer = await createClient(server, [
      "--name",
      "Photo printer",
      "--public",
      "--redirect-uri",
      "https://printer.example/callback",
    ]);
    const link = new App(server, printer.client_id).request({ redirect_uri: "https://printer.example/callback", scope: undefined });
    expect((await new Person(server.origin).open(link)).html).toContain("<p>To continue to <b>Photo printer</b> (printer.example)</p>");
  });

  it("lets somebody switch accounts at the question, which then is the other one's", async () => {
    for (const email of ["mary@example.com", "linus@example.com"])
      await server.command(["users", "add", email, "--password-stdin"], "a-long-password");
    const app = await App.register(server);
    const family = new Person(server.origin);
    await family.signIn("mary@example.com", "a-long-password");
    const asked = await family.open(app.request());
    expect(asked.html).toContain("Signed in as mary@example.com");
    const [, switching = ""] = /<a href="([^"]+)">Switch account<\/a>/.exec(asked.html) ?? [];
    const page = await family.signIn("linus@example.com", "a-long-password", await family.open(switching.replaceAll("&amp;", "&")));
    expect(page.html).toContain("Signed in as linus@example.com");
    expect((await family.decide(page, "allow", { scope: "read" })).searchParams.get("code")).toMatch(/\w/);
    expect((await family.submit(asked, "/oauth/authorize", { decision: "allow", scope: "read" })).html).toContain(
      "This request is too old",
    );
  });
});

describe("vouchsafe dev", () => {
  it("has its demo account from the moment it is ready", async () => {
    const dev = await startServer({ args: ["dev"] });
    try {
      const ada = new Person(dev.origin);
      expect((await ada.signIn("ada@example.com", "vouchsafe-demo")).html).toContain("You are signed in as ada@example.com");
    } finally {
      await dev.stop();
    }
  });
});
