import { describe, expect, it } from "vitest";
import { type Form, formToken, isOwnForm, isSameOriginRequest, readCookie, recogniseBrowser } from "../../src/http/browser.ts";
import { createKeyring } from "../../src/keys/sealing.ts";
import { issuer } from "../a-server.ts";

const withHeaders = (headers: Record<string, string>): Request => new Request(`${issuer}/oauth/authorize`, { headers });
const withCookie = (cookie: string): Request => withHeaders({ cookie });

describe("cookies, RFC 6265 §5.4", () => {
  it("gives the value of a cookie that was sent once", () => {
    expect(readCookie(withCookie("a=1; session=ada=1; b=2"), "session")).toBe("ada=1");
    expect(readCookie(withCookie("xsession=1"), "session")).toBeUndefined();
    expect(readCookie(withHeaders({}), "session")).toBeUndefined();
  });

  it("takes a cookie that was sent twice for none: another host of the domain may have planted one", () => {
    expect(readCookie(withCookie("session=ada; session=eve"), "session")).toBeUndefined();
  });
});

describe("which browser asks", () => {
  it("gives a new browser a cookie that is bound to this very host", () => {
    const { id, headers } = recogniseBrowser(withHeaders({}), true);
    expect(headers).toEqual({ "set-cookie": `__Host-vouchsafe=${id}; Path=/; HttpOnly; SameSite=Lax; Secure` });
    expect(id).toMatch(/^[A-Za-z0-9_-]{22}$/);
  });

  it("cannot bind it to the host without https, and does not pretend to", () => {
    const { id, headers } = recogniseBrowser(withHeaders({}), false);
    expect(headers).toEqual({ "set-cookie": `vouchsafe=${id}; Path=/; HttpOnly; SameSite=Lax` });
  });

  it("knows the browser again, and sets nothing anew", () => {
    const { id } = recogniseBrowser(withHeaders({}), true);
    expect(recogniseBrowser(withCookie(`__Host-vouchsafe=${id}`), true)).toEqual({ id, headers: {} });
  });

  it.each(["vouchsafe=AAAAAAAAAAAAAAAAAAAAAA", "__Host-vouchsafe=short", "__Host-vouchsafe=AAAAAAAAAAAAAAAAAAAAA!"])(
    "takes %s for no cookie of ours",
    (cookie) => {
      expect(recogniseBrowser(withCookie(cookie), true).headers).toHaveProperty("set-cookie");
    },
  );
});

describe("whether a page of ours sent the request, CSRF of OAuth 2.1 §7.8", () => {
  it.each<[boolean, string, Record<string, string>]>([
    [true, "nothing is said", {}],
    [
      true,
      "the browser says same-origin, though a strict referrer policy hides the origin",
      { "sec-fetch-site": "same-origin", origin: "null" },
    ],
    [false, "the browser says same-site", { "sec-fetch-site": "same-site", origin: issuer }],
    [false, "the browser says cross-site", { "sec-fetch-site": "cross-site", origin: issuer }],
    [false, "the browser says that the person typed it", { "sec-fetch-site": "none" }],
    [true, "the origin is ours", { origin: issuer }],
    [false, "the origin is another", { origin: "https://evil.example" }],
    [false, "the origin is hidden", { origin: "null" }],
    [false, "the origin is another, though the referrer is ours", { origin: "https://evil.example", referer: `${issuer}/` }],
    [true, "the referrer is ours", { referer: `${issuer}/oauth/authorize?x=1` }],
    [false, "the referrer is another", { referer: `https://evil.example/${issuer}` }],
    [false, "the referrer only begins like ours", { referer: `${issuer}.evil.example/` }],
    [false, "the referrer is no URL", { referer: "nonsense" }],
  ])("is %s when %s", (expected, _, headers) => expect(isSameOriginRequest(withHeaders(headers), issuer)).toBe(expected));
});

describe("forms of ours", () => {
  const keys = createKeyring(["a secret for tests, longer than 32 bytes"]);
  const form: Form = { name: "consent", browser: { id: "firefox", headers: {} }, subject: "ada", sessionId: "1", about: "budget" };
  const check = (changed: Partial<Form>, token: string | undefined = formToken(keys, form), headers = {}): boolean =>
    isOwnForm(withHeaders(headers), keys, issuer, { ...form, ...changed }, token);

  it("come back as they were given", () => expect(check({})).toBe(true));

  it.each<[string, Partial<Form>]>([
    ["form", { name: "disconnect" }],
    ["browser", { browser: { id: "chromium", headers: {} } }],
    ["person", { subject: "grace" }],
    ["session", { sessionId: "2" }],
    ["matter", { about: "printer" }],
    ["session that ended", { sessionId: undefined }],
  ])("are refused for another %s", (_, changed) => expect(check(changed)).toBe(false));

  it("are refused without a token, with another, and from another site", () => {
    expect(isOwnForm(withHeaders({}), keys, issuer, form, undefined)).toBe(false);
    expect(check({}, "")).toBe(false);
    expect(check({}, formToken(createKeyring(["another secret, also longer than 32 bytes"]), form))).toBe(false);
    expect(check({}, undefined, { origin: "https://evil.example" })).toBe(false);
  });
});
