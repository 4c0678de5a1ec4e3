import { describe, expect, it } from "vitest";
import { clientFamily } from "../../src/http/client-family.ts";

describe("what asked, RFC 9110 §10.1.5", () => {
  it.each([
    ["claude-code", "claude-code/2.0.1 (external, cli)"],
    ["node", "node"],
    ["Firefox", "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"],
    ["a".repeat(32), `${"a".repeat(50)}/1`],
  ])("is %s", async (family, userAgent) => expect(await clientFamily(userAgent)).toBe(family));

  it.each(["", "<script>hacked()</script>/1", " curl/8", "Mozilla/5.0 (compatible; nothing)"])("is not known from %j", async (userAgent) =>
    expect(await clientFamily(userAgent)).toBeUndefined(),
  );
});
