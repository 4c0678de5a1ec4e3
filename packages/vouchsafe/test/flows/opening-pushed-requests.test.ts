import { describe, expect, it } from "vitest";
import { allow, authorizePath, browserOf, connect, goOn, open, press, readPage, tokensOf } from "../a-person.ts";
import { aPushed, openPushed, push, pushedPath } from "../a-pushed-request.ts";
import { aServer, issuer, lastEvent, lastReason, minutes, photoPrinter, redeem, refresh, statusAtApi, sweep } from "../a-server.ts";

const tooOld = { status: 400, isTooOld: true };
async function refusalOf(response: Response) {
  return { status: response.status, isTooOld: (await response.text()).includes("This request is too old") };
}

describe("opening a pushed request, RFC 9126 §4", () => {
  it("works as if it had been sent in full, state and all", async () => {
    const { server, app, browser, uri } = await aPushed({ state: "a b&c=ä" });
    const page = await readPage(await openPushed(browser, app, uri));
    expect(Object.keys(page.scopes)).toEqual(["read", "write"]);
    const { target } = await goOn(browser, await press(browser, page, "allow"));
    expect([target.origin + target.pathname, target.searchParams.get("state"), target.searchParams.get("iss")]).toEqual([
      app.redirectUri,
      "a b&c=ä",
      issuer,
    ]);
    const { access } = await tokensOf(await redeem(server, app, target.searchParams.get("code") ?? ""));
    expect(await statusAtApi(server, access)).toBe(200);
  });

  it("works any number of times until it is decided, and then never again", async () => {
    const { server, app, browser, uri } = await aPushed();
    await openPushed(browser, app, uri);
    await openPushed(browserOf(server, "grace"), app, uri);
    const page = await readPage(await openPushed(browser, app, uri));
    await press(browser, page, "allow");
    for (const who of [browser, browserOf(server, "grace"), browserOf(server, "nobody")]) {
      expect(await refusalOf(await openPushed(who, app, uri))).toEqual(tooOld);
      expect(lastReason(server)).toBe("the pushed request was answered before");
    }
  });

  it("works never again after a no, either", async () => {
    const { app, browser, uri } = await aPushed();
    await press(browser, await readPage(await openPushed(browser, app, uri)), "deny");
    expect(await refusalOf(await openPushed(browser, app, uri))).toEqual(tooOld);
  });

  it("works never again also after sweeps, while it would live", async () => {
    const { server, app, browser, uri } = await aPushed();
    server.clock.now += 10 * minutes - 1;
    await press(browser, await readPage(await openPushed(browser, app, uri)), "allow");
    await sweep(server);
    expect(await refusalOf(await openPushed(browser, app, uri))).toEqual(tooOld);
  });

  it("ends to the millisecond", async () => {
    const { server, app, browser, uri } = await aPushed();
    server.clock.now += 10 * minutes - 1;
    expect((await openPushed(browser, app, uri)).status).toBe(200);
    server.clock.now += 1;
    expect(await refusalOf(await openPushed(browser, app, uri))).toEqual(tooOld);
    expect(lastReason(server)).toBe("the pushed request has expired");
  });

  it("leaves whoever is looking at the page the time that every page gives", async () => {
    const { server, app, browser, uri } = await aPushed();
    server.clock.now += 9 * minutes;
    const page = await readPage(await openPushed(browser, app, uri));
    server.clock.now += 2 * minutes;
    expect((await press(browser, page, "allow")).status).toBe(303);
  });

  it("is for the app that pushed it alone", async () => {
    const { server, app, browser, uri } = await aPushed();
    const other = await photoPrinter(server);
    expect(await refusalOf(await openPushed(browser, other, uri))).toEqual(tooOld);
    expect(lastReason(server)).toBe("the pushed request is another client's");
    expect((await open(browser, `/oauth/authorize?${new URLSearchParams({ request_uri: uri })}`)).status).toBe(400);
    expect((await openPushed(browser, app, uri)).status).toBe(200);
  });

  it.each(["", "x", "%00", "../", "A".repeat(5000)])("is nothing where the reference is none of ours: %j", async (id) => {
    const { server, app, browser } = await aPushed();
    expect(await refusalOf(await openPushed(browser, app, `urn:ietf:params:oauth:request_uri:${id}`))).toEqual(tooOld);
    expect(server.errors).toEqual([]);
  });

  it("is refused where the reference leads elsewhere, without going there", async () => {
    const { app, browser } = await aPushed();
    for (const uri of ["https://evil.example/request", "urn:example:request", "URN:ietf:params:oauth:request_uri:x"]) {
      const response = await open(browser, `${authorizePath(app)}&${new URLSearchParams({ request_uri: uri })}`);
      const target = new URL(response.headers.get("location") ?? "");
      expect([target.origin, target.searchParams.get("error")]).toEqual([new URL(app.redirectUri).origin, "request_uri_not_supported"]);
    }
  });

  it("looks at nothing that stands beside it but the app's name", async () => {
    const { server, app, browser, uri } = await aPushed();
    const beside = {
      scope: "share",
      redirect_uri: "https://evil.example/",
      state: "other",
      prompt: "none",
      code_challenge: "x",
      response_type: "token",
      resource: "https://evil.example",
      max_age: "0",
      request: "eyJ",
    };
    const page = await readPage(await openPushed(browser, app, uri, beside));
    expect(Object.keys(page.scopes)).toEqual(["read", "write"]);
    const { target } = await goOn(browser, await press(browser, page, "allow"));
    expect([target.origin, target.searchParams.get("state")]).toEqual(["https://printer.example", "xyz"]);
    expect((await redeem(server, app, target.searchParams.get("code") ?? "")).status).toBe(200);
  });

  it("survives sign-in, and takes the hint along", async () => {
    const { app, server, uri } = await aPushed({ login_hint: "ada@example.com" });
    const browser = browserOf(server, "nobody");
    const location = new URL((await openPushed(browser, app, uri)).headers.get("location") ?? "", issuer);
    expect([location.pathname, location.searchParams.get("hint")]).toEqual(["/sign_in", "ada@example.com"]);
    browser.cookies.set("session", "ada.1");
    expect((await open(browser, location.searchParams.get("returnTo") ?? "")).status).toBe(200);
    expect(await server.oauth.describeRequest(pushedPath(app, uri))).toMatchObject({ clientName: "Photo printer" });
  });

  it("takes its prompt along: to sign-in once, or to nobody", async () => {
    const { app, server, uri, browser } = await aPushed({ prompt: "login" });
    const location = new URL((await openPushed(browser, app, uri)).headers.get("location") ?? "", issuer);
    expect(location.searchParams.get("prompt")).toBe("login");
    expect((await open(browser, location.searchParams.get("returnTo") ?? "")).status).toBe(200);
    const silent = await openPushed(browser, app, await push(server, app, { prompt: "none" }));
    expect(new URL(silent.headers.get("location") ?? "").searchParams.get("error")).toBe("consent_required");
  });

  it("ends with the app", async () => {
    const { server, app, browser, uri } = await aPushed();
    await server.oauth.admin.disableClient(app.id);
    expect((await openPushed(browser, app, uri)).status).toBe(400);
    await server.oauth.admin.enableClient(app.id);
    const page = await readPage(await openPushed(browser, app, uri));
    await server.oauth.admin.deleteClient(app.id);
    expect((await press(browser, page, "allow")).status).toBe(400);
    expect(lastEvent(server, "consent.allowed")).toBeUndefined();
  });
});

describe("deciding on a pushed request", () => {
  it("counts once when Allow is pressed twice at once", async () => {
    const { server, app, browser, uri } = await aPushed();
    const page = await readPage(await openPushed(browser, app, uri));
    const [first, second] = await Promise.all([press(browser, page, "allow"), press(browser, page, "allow")]);
    expect(first.headers.get("location")).toBe(second.headers.get("location"));
    expect(server.events.filter(({ type }) => type === "consent.allowed").length).toBe(1);
  });

  it("counts once when it is open in two tabs: the first answer stands", async () => {
    const { server, app, browser, uri } = await aPushed();
    const [one, other] = [await readPage(await openPushed(browser, app, uri)), await readPage(await openPushed(browser, app, uri))];
    const denied = await press(browser, one, "deny");
    const allowed = await press(browser, other, "allow");
    expect(allowed.headers.get("location")).toBe(denied.headers.get("location"));
    expect((await goOn(browser, allowed)).target.searchParams.get("error")).toBe("access_denied");
    expect(lastEvent(server, "consent.allowed")).toBeUndefined();
  });

  it("counts once also where the tabs were opened, and answered, minutes apart", async () => {
    const { server, app, browser, uri } = await aPushed();
    const one = await readPage(await openPushed(browser, app, uri));
    server.clock.now += 10 * minutes - 1;
    const other = await readPage(await openPushed(browser, app, uri));
    const first = await press(browser, one, "allow");
    const code = (await goOn(browser, first)).target.searchParams.get("code") ?? "";
    const { access } = await tokensOf(await redeem(server, app, code));
    server.clock.now += 2 * minutes;
    await sweep(server);
    await press(browser, other, "allow");
    expect(server.events.filter(({ type }) => type === "consent.allowed").length).toBe(1);
    expect(await statusAtApi(server, access)).toBe(200);
  });

  it("is nobody else's: who opened it too gets no code of the one who decided", async () => {
    const { server, app, browser, uri } = await aPushed();
    const grace = browserOf(server, "grace");
    const [hers, other] = [await readPage(await openPushed(browser, app, uri)), await readPage(await openPushed(grace, app, uri))];
    await press(browser, hers, "allow");
    const second = await press(grace, other, "allow");
    expect((await open(grace, second.headers.get("location") ?? "")).status).toBe(400);
    expect(server.events.filter(({ type }) => type === "consent.allowed")).toMatchObject([{ subject: "ada" }]);
  });

  it("is one grant, and its code is good once", async () => {
    const { server, app, browser, uri } = await aPushed();
    const decided = await press(browser, await readPage(await openPushed(browser, app, uri)), "allow");
    const code = (await goOn(browser, decided)).target.searchParams.get("code") ?? "";
    const { refresh: token } = await tokensOf(await redeem(server, app, code));
    server.clock.now += 1;
    expect((await redeem(server, app, code)).status).toBe(400);
    expect(lastEvent(server, "code.replayed")).toBeDefined();
    expect((await refresh(server, app, token)).status).toBe(400);
  });
});

describe("a pushed request that what was said before answers", () => {
  async function aRemembered() {
    const server = aServer();
    const app = await photoPrinter(server);
    await connect(server, app);
    server.clock.now += 1;
    return { server, app, browser: browserOf(server), uri: await push(server, app, { scope: "read write" }) };
  }

  it("is answered once, also when it is opened twice at once", async () => {
    const { server, app, browser, uri } = await aRemembered();
    const answers = await Promise.all([openPushed(browser, app, uri), openPushed(browser, app, uri)]);
    const codes = answers.map(({ headers }) => URL.parse(headers.get("location") ?? "")?.searchParams.get("code"));
    expect(codes.filter((code) => typeof code === "string").length).toBe(1);
    expect(server.events.filter(({ type }) => type === "consent.remembered").length).toBe(1);
    expect(await refusalOf(await openPushed(browser, app, uri))).toEqual(tooOld);
  });

  it("is never answered again, also after sweeps: a second code of one grant would end it", async () => {
    const { server, app, browser, uri } = await aRemembered();
    const location = (await openPushed(browser, app, uri)).headers.get("location") ?? "";
    const { access } = await tokensOf(await redeem(server, app, new URL(location).searchParams.get("code") ?? ""));
    server.clock.now += 2 * minutes;
    await sweep(server);
    expect(await refusalOf(await openPushed(browser, app, uri))).toEqual(tooOld);
    expect(await statusAtApi(server, access)).toBe(200);
  });
});

describe("a request that is sent in full beside those that are pushed", () => {
  it("works as before", async () => {
    const { server, app, browser } = await aPushed();
    expect(await allow(browser, app)).toMatch(/\S/);
    expect(server.errors).toEqual([]);
  });
});
