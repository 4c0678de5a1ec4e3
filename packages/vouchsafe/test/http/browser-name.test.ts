import { describe, expect, it } from "vitest";
import { browserName } from "../../src/http/browser-name.ts";

const named = (userAgent: string) => browserName(new Request("http://localhost/", { headers: { "user-agent": userAgent } }));

describe("the browser in which a person agreed, RFC 9110 §10.1.5", () => {
  it.each([
    ["Firefox on Linux", "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"],
    [
      "Safari on macOS",
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Safari/605.1.15",
    ],
    [
      "Chrome on Windows",
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36",
    ],
    [
      "Safari on iOS",
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1",
    ],
  ])("is %s", async (name, userAgent) => {
    const { browser, system } = (await named(userAgent)) ?? {};
    expect(`${browser} on ${system}`).toBe(name);
  });

  it.each([
    "",
    "curl/8.1.2",
    "Mozilla/5.0 (Nowhere) Firefox/130.0",
    "<script>hacked()</script>/1 (Linux)",
    `${"a".repeat(50)}/1 (Linux)`,
    "x\ty/1 (Linux)",
  ])("is not known from %j", async (userAgent) => expect(await named(userAgent)).toBeUndefined());

  it("is read from the first 500 characters alone", async () =>
    expect(await named(`${"x".repeat(500)} Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0`)).toBeUndefined());
});
