import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AuthorizationCode, decodeAuthorizationCode, encodeAuthorizationCode } from "../../src/protocol/authorization-code.ts";

const text = fc.string({ unit: "grapheme" });
const code: fc.Arbitrary<AuthorizationCode> = fc.record({
  grantId: text,
  clientId: text,
  subject: text,
  redirectUri: fc.webUrl(),
  scope: fc.array(text),
  resources: fc.array(fc.webUrl()),
  codeChallenge: text,
  identity: text,
  madeAt: fc.nat(),
  expiresAt: fc.nat(),
  grantEndsAt: fc.option(fc.nat(), { nil: undefined }),
  browser: fc.option(fc.record({ browser: text, system: text }), { nil: undefined }),
  tellIn: fc.option(text, { nil: undefined }),
});

describe("what an authorization code holds, OAuth 2.1 §4.1.2", () => {
  it("comes out as it went in, whatever people and apps are called", () => {
    fc.assert(
      fc.property(code, (one) => {
        expect(decodeAuthorizationCode(encodeAuthorizationCode(one))).toEqual(one);
      }),
    );
  });

  it("keeps a grant without an end apart from one that ends at the beginning of time", () => {
    fc.assert(
      fc.property(code, (one) => {
        expect(decodeAuthorizationCode(encodeAuthorizationCode({ ...one, grantEndsAt: 0 })).grantEndsAt).toBe(0);
        expect(decodeAuthorizationCode(encodeAuthorizationCode({ ...one, grantEndsAt: undefined })).grantEndsAt).toBeUndefined();
      }),
    );
  });
});
