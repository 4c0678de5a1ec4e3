import { describe, expect, it } from "vitest";
import { authorizePath, browserOf, open, press, readPage } from "../a-person.ts";
import { aServer, lastReason, minutes, photoPrinter } from "../a-server.ts";
import { ask, outcomeOf, signIn, someone, wayBack } from "../a-sign-in.ts";

describe("the mark of a request that came back from sign-in", () => {
  async function aMarked() {
    const { server, app, browser } = await someone();
    server.clock.now += minutes;
    const back = wayBack(await ask(browser, app, { prompt: "login" }));
    return { server, app, browser: signIn(browser), back };
  }
  const mark = /&vouchsafe_sent_to_sign_in=(\d+)\.([\w-]+)$/;

  it("is at the end, and nothing else of the request is changed", async () => {
    const { app, back } = await aMarked();
    expect(back.replace(mark, "")).toBe(authorizePath(app, { prompt: "login" }));
  });

  it("counts for this very request", async () => {
    const { app, browser, back } = await aMarked();
    const [own = ""] = mark.exec(back) ?? [];
    expect(outcomeOf(await open(browser, back))).toBe("asked");
    for (const other of [{ state: "other" }, { scope: "write" }, { max_age: "0" }])
      expect(outcomeOf(await open(browser, authorizePath(app, { prompt: "login", ...other }) + own))).toBe("sign-in login");
    expect(outcomeOf(await open(browser, authorizePath(await photoPrinter(browser.server), { prompt: "login" }) + own))).toBe(
      "sign-in login",
    );
  });

  it("is worth nothing where it was forged, moved or its time was changed", async () => {
    const { app, browser, back } = await aMarked();
    const [, time = "", signature = ""] = mark.exec(back) ?? [];
    const plain = authorizePath(app, { prompt: "login" });
    for (const forged of [
      `&vouchsafe_sent_to_sign_in=0.${signature}`,
      `&vouchsafe_sent_to_sign_in=${Number(time) - 1}.${signature}`,
      `&vouchsafe_sent_to_sign_in=${time}.${signature.slice(1)}`,
      `&vouchsafe_sent_to_sign_in=${time}.`,
      `&vouchsafe_sent_to_sign_in=${time}`,
      "&vouchsafe_sent_to_sign_in=",
      `&vouchsafe_sent_to_sign_in=${time}.${signature}&x=1`,
      `&Vouchsafe_sent_to_sign_in=${time}.${signature}`,
    ])
      expect([forged, outcomeOf(await open(browser, plain + forged))]).toEqual([forged, "sign-in login"]);
  });

  it("given twice is a request that is malformed", async () => {
    const { browser, back, server } = await aMarked();
    const [own = ""] = mark.exec(back) ?? [];
    expect(outcomeOf(await open(browser, back + own))).toBe("invalid_request");
    expect(lastReason(server)).toBe("a parameter is repeated");
  });

  it("of a server with another secret is worth nothing", async () => {
    const { back, server } = await aMarked();
    const other = aServer({ secret: "another secret of 32 bytes, or more", store: server.store, now: () => server.clock.now });
    expect(outcomeOf(await open(browserOf(other), back))).toBe("sign-in login");
  });

  it("does no harm in the consent form", async () => {
    const { browser, back, server } = await aMarked();
    const decided = await press(browser, await readPage(await open(browser, back)), "allow");
    expect(decided.status).toBe(303);
    expect(server.errors).toEqual([]);
  });
});
