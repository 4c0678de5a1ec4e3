import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { requireCodeChallenge, verifyCodeVerifier } from "../../src/protocol/pkce.ts";
import { challenge, verifier } from "../a-server.ts";
import { refusalOf } from "./refusal.ts";

const unreserved = Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~");
const anyVerifier = fc.array(fc.constantFrom(...unreserved), { minLength: 43, maxLength: 128 }).map((characters) => characters.join(""));
const challengeOf = (text: string): string => createHash("sha256").update(text).digest("base64url");

describe("code verifier, RFC 7636 §4.1, §4.6", () => {
  it("meets the test vector of RFC 7636 Appendix B", () => {
    expect(challengeOf(verifier)).toBe(challenge);
    expect(verifyCodeVerifier(verifier, challenge)).toBe(true);
  });

  it("accepts every well-formed verifier for its own challenge and no other one", () => {
    fc.assert(
      fc.property(anyVerifier, anyVerifier, (one, other) => {
        expect(verifyCodeVerifier(one, challengeOf(one))).toBe(true);
        expect(verifyCodeVerifier(other, challengeOf(one))).toBe(one === other);
      }),
    );
  });

  it.each([42, 129])("refuses a verifier of %d characters even if its hash is right", (length) => {
    const text = "a".repeat(length);
    expect(verifyCodeVerifier(text, challengeOf(text))).toBe(false);
  });

  it.each([43, 128])("accepts a verifier of %d characters", (length) => {
    const text = "a".repeat(length);
    expect(verifyCodeVerifier(text, challengeOf(text))).toBe(true);
  });

  it.each([" ", "+", "/", "=", "é", "\n", "\0"])("refuses a verifier with %j even if its hash is right", (character) => {
    const text = `${character}${"a".repeat(43)}`;
    expect(verifyCodeVerifier(text, challengeOf(text))).toBe(false);
  });

  it("refuses the challenge itself as a verifier: there is no plain", () => {
    expect(verifyCodeVerifier(challenge, challenge)).toBe(false);
    expect(verifyCodeVerifier("", challenge)).toBe(false);
  });

  it("refuses the verifier where the kept challenge has another length", () => {
    expect(verifyCodeVerifier(verifier, challenge.slice(1))).toBe(false);
    expect(verifyCodeVerifier(verifier, "")).toBe(false);
  });
});

describe("code challenge, OAuth 2.1 §4.1.1, RFC 7636 §4.3", () => {
  it("accepts a challenge with S256", () => {
    expect(requireCodeChallenge(challenge, "S256")).toBe(challenge);
  });

  it.each([
    ["no challenge", undefined, "S256"],
    ["no method, which means plain", challenge, undefined],
    ["plain", challenge, "plain"],
    ["an unknown method", challenge, "S512"],
    ["a method in lower case", challenge, "s256"],
    ["a challenge that is too short", challenge.slice(1), "S256"],
    ["a challenge that is too long", `${challenge}A`, "S256"],
    ["a padded challenge", `${challenge}=`, "S256"],
    ["a challenge in plain base64", challenge.replace("-", "+"), "S256"],
    ["a challenge with a line break", `${challenge}\n`, "S256"],
  ])("is refused where there is %s", (_, given, method) => {
    expect(refusalOf(() => requireCodeChallenge(given, method))).toBe("invalid_request");
  });
});
