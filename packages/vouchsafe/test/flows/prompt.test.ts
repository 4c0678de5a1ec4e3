import { describe, expect, it } from "vitest";
import { allow, authorizePath, browserOf, open, submit } from "../a-person.ts";
import { aServer, budgetApp, days, issuer, minutes, photoPrinter, redeem, seconds } from "../a-server.ts";
import { ask, outcome, outcomeOf, signIn, someone, wayBack } from "../a-sign-in.ts";

describe("prompt=login, OpenID Connect Core §3.1.2.1", () => {
  it("makes whoever is signed in sign in again, once", async () => {
    const { server, app, browser } = await someone();
    server.clock.now += minutes;
    const sent = await ask(browser, app, { prompt: "login", login_hint: "ada@example.com" });
    expect([sent.status, outcomeOf(sent)]).toEqual([302, "sign-in login"]);
    expect(new URL(sent.headers.get("location") ?? "", issuer).searchParams.get("hint")).toBe("ada@example.com");
    server.clock.now += 5 * seconds;
    signIn(browser);
    const back = await open(browser, wayBack(sent));
    expect(outcomeOf(back)).toBe("asked");
  });

  it("is not done by coming back without it", async () => {
    const { server, app, browser } = await someone();
    server.clock.now += minutes;
    const sent = await ask(browser, app, { prompt: "login" });
    server.clock.now += seconds;
    const again = await open(browser, wayBack(sent));
    expect(outcomeOf(again)).toBe("sign-in login");
    signIn(browser);
    expect(outcomeOf(await open(browser, wayBack(again)))).toBe("asked");
  });

  it("counts a sign-in of the very moment", async () => {
    const { app, browser } = await someone();
    const sent = await ask(browser, app, { prompt: "login" });
    expect(outcomeOf(sent)).toBe("sign-in login");
    expect(outcomeOf(await open(browser, wayBack(sent)))).toBe("asked");
  });

  it("believes a host app that says nothing of times that somebody signed in", async () => {
    const server = aServer();
    const [app, browser] = [await photoPrinter(server), browserOf(server)];
    const sent = await ask(browser, app, { prompt: "login" });
    expect(outcomeOf(sent)).toBe("sign-in login");
    expect(outcomeOf(await open(browser, wayBack(sent)))).toBe("asked");
  });

  it("says nothing to whoever signs in anyway", async () => {
    const { server, app } = await someone();
    const browser = browserOf(server, "nobody");
    const sent = await ask(browser, app, { prompt: "login" });
    expect(outcomeOf(sent)).toBe("sign-in");
  });

  it("is wanted also of a request that was sent by POST", async () => {
    const { app, browser } = await someone();
    const fields = Object.fromEntries(new URLSearchParams(authorizePath(app, { prompt: "login" }).split("?")[1]));
    const sent = await submit(browser, "/oauth/authorize", fields);
    expect([sent.status, outcomeOf(sent)]).toEqual([303, "sign-in login"]);
    expect(outcomeOf(await open(browser, wayBack(sent)))).toBe("asked");
  });

  it("does not undo what was said before: who signs in again need not be asked again", async () => {
    const { server, app, browser } = await someone();
    await redeem(server, app, await allow(browser, app));
    server.clock.now += minutes;
    const sent = await ask(browser, app, { prompt: "login" });
    expect(outcomeOf(sent)).toBe("sign-in login");
    signIn(browser);
    expect(outcomeOf(await open(browser, wayBack(sent)))).toBe("code");
  });

  it("comes with others: login first, and the page at last", async () => {
    const { server, app, browser } = await someone();
    await redeem(server, app, await allow(browser, app));
    server.clock.now += minutes;
    const sent = await ask(browser, app, { prompt: "consent select_account login" });
    expect(outcomeOf(sent)).toBe("sign-in login");
    signIn(browser);
    expect(outcomeOf(await open(browser, wayBack(sent)))).toBe("asked");
  });
});

describe("prompt=select_account", () => {
  it("lets the person choose an account, once, whoever they come back as", async () => {
    const { app, browser } = await someone();
    const sent = await ask(browser, app, { prompt: "select_account" });
    expect(outcomeOf(sent)).toBe("sign-in select_account");
    expect(outcomeOf(await open(browser, wayBack(sent)))).toBe("asked");
  });
});

describe("max_age, OpenID Connect Core §3.1.2.1", () => {
  it("is how long ago the sign-in may be, to the millisecond", async () => {
    const { server, app, browser } = await someone();
    server.clock.now += 60 * seconds;
    expect(await outcome(browser, app, { max_age: "60" })).toBe("asked");
    server.clock.now += 1;
    expect(await outcome(browser, app, { max_age: "60" })).toBe("sign-in login");
    expect(await outcome(browser, app, { max_age: "61" })).toBe("asked");
    expect(await outcome(browser, app)).toBe("asked");
  });

  it("of 0 wants a sign-in now, and one is enough though it takes a moment to come back", async () => {
    const { server, app, browser } = await someone();
    server.clock.now += 1;
    const sent = await ask(browser, app, { max_age: "0" });
    expect(outcomeOf(sent)).toBe("sign-in login");
    server.clock.now += 5 * seconds;
    signIn(browser);
    server.clock.now += 2 * seconds;
    expect(outcomeOf(await open(browser, wayBack(sent)))).toBe("asked");
  });

  it("is never met, and once believed, where the host app says nothing of times", async () => {
    const server = aServer();
    const [app, browser] = [await photoPrinter(server), browserOf(server)];
    const sent = await ask(browser, app, { max_age: "999999999" });
    expect(outcomeOf(sent)).toBe("sign-in login");
    expect(outcomeOf(await open(browser, wayBack(sent)))).toBe("asked");
  });

  it("is met again only by another sign-in, when the same address is opened long after", async () => {
    const { server, app, browser } = await someone();
    server.clock.now += minutes;
    const sent = await ask(browser, app, { max_age: "30" });
    signIn(browser);
    expect(outcomeOf(await open(browser, wayBack(sent)))).toBe("asked");
    server.clock.now += days;
    expect(outcomeOf(await open(browser, wayBack(sent)))).toBe("sign-in login");
  });

  it.each(["", "-1", "1.5", "soon", "0x10", "1e3", " 60", "9999999999"])("is refused where it is no number of seconds: %j", async (age) => {
    const { app, browser } = await someone();
    expect(await outcome(browser, app, { max_age: age })).toBe(age === "" ? "asked" : "invalid_request");
  });
});

describe("prompt=none, OpenID Connect Core §3.1.2.1, §3.1.2.6", () => {
  async function anAllowed() {
    const { server, app, browser } = await someone();
    await redeem(server, app, await allow(browser, app));
    server.clock.now += minutes;
    return { server, app, browser };
  }

  it("shows nothing, whatever would have to be shown", async () => {
    const { server, app, browser } = await anAllowed();
    expect(await outcome(browser, app, { prompt: "none" })).toBe("code");
    expect(await outcome(browserOf(server, "nobody"), app, { prompt: "none" })).toBe("login_required");
    expect(await outcome(browser, app, { prompt: "none", max_age: "59" })).toBe("login_required");
    expect(await outcome(browser, app, { prompt: "none", max_age: "60" })).toBe("code");
    expect(await outcome(browser, app, { prompt: "none", scope: "share" })).toBe("consent_required");
    expect(await outcome(browser, await photoPrinter(server), { prompt: "none" })).toBe("consent_required");
    expect(await outcome(browser, await budgetApp(server), { prompt: "none" })).toBe("consent_required");
  });

  it.each(["none login", "none consent", "select_account none", "none none"])("stands alone: %s", async (prompt) => {
    const { app, browser } = await anAllowed();
    expect(await outcome(browser, app, { prompt })).toBe("invalid_request");
  });

  it("tells the app with state and issuer, and nothing is decided", async () => {
    const { server, app } = await anAllowed();
    const decided = server.events.filter(({ type }) => type.startsWith("consent.")).length;
    const response = await ask(browserOf(server, "nobody"), app, { prompt: "none" });
    expect(Object.fromEntries(new URL(response.headers.get("location") ?? "").searchParams)).toEqual({
      error: "login_required",
      error_description: "The person is not signed in.",
      state: "xyz",
      iss: issuer,
    });
    expect(server.events.filter(({ type }) => type.startsWith("consent.")).length).toBe(decided);
  });

  it("shows nothing even where the request came back from sign-in", async () => {
    const { server, app, browser } = await anAllowed();
    const back = wayBack(await ask(browser, app, { prompt: "login" }));
    server.clock.now += 1;
    const response = await open(browser, back.replace("prompt=login", "prompt=none"));
    expect(outcomeOf(response)).not.toBe("asked");
    expect(outcomeOf(response)).not.toContain("sign-in");
  });
});

describe("prompts that nobody knows", () => {
  it("say nothing", async () => {
    const { app, browser } = await someone();
    expect(await outcome(browser, app, { prompt: "create dance" })).toBe("asked");
  });
});
