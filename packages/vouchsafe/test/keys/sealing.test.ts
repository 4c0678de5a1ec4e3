import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createKeyring, openAsHolder, type Purpose, sealForHolder } from "../../src/keys/sealing.ts";

const secret = "a secret for tests, longer than 32 bytes";
const newer = "the secret that took its place, also long";
const keys = createKeyring([secret]);
const purposes: readonly Purpose[] = ["authorization code", "done page", "form", "fingerprint"];
const base64url = Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
const text = fc.string({ unit: "grapheme" }).filter((one) => one.isWellFormed());

describe("sealing, AES-256-GCM under keys of one secret", () => {
  it("opens what it sealed, for its purpose and context", () => {
    fc.assert(
      fc.property(fc.constantFrom(...purposes), text, text, (purpose, content, context) => {
        const sealed = keys.seal(purpose, content, context);
        expect(sealed).toMatch(/^[A-Za-z0-9_-]+$/);
        expect(keys.open(purpose, sealed, context)).toBe(content);
      }),
    );
  });

  it("opens nothing for another purpose or context", () => {
    fc.assert(
      fc.property(fc.constantFrom(...purposes), fc.constantFrom(...purposes), text, text, (purpose, other, context, another) => {
        fc.pre(purpose !== other && context !== another);
        const sealed = keys.seal(purpose, "answer", context);
        expect(keys.open(other, sealed, context)).toBeUndefined();
        expect(keys.open(purpose, sealed, another)).toBeUndefined();
      }),
    );
  });

  it("opens nothing in which a single character was changed", () => {
    fc.assert(
      fc.property(text, fc.nat(), fc.constantFrom(...base64url, "=", "+", "/", " ", "."), (content, at, character) => {
        const sealed = keys.seal("authorization code", content);
        const index = at % sealed.length;
        fc.pre(sealed[index] !== character);
        expect(keys.open("authorization code", sealed.slice(0, index) + character + sealed.slice(index + 1))).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  it.each(["ada", "grace", "budget"])("opens nothing with another last character, whose bits may be unused: %s", (content) => {
    const sealed = keys.seal("authorization code", content);
    const opened = base64url.filter((last) => keys.open("authorization code", sealed.slice(0, -1) + last) !== undefined);
    expect(opened).toEqual([sealed.at(-1)]);
  });

  it("opens nothing longer, shorter, padded or spaced", () => {
    const sealed = keys.seal("form", "answer");
    for (const other of [
      "",
      "A",
      sealed.slice(1),
      sealed.slice(0, -1),
      `${sealed}A`,
      `${sealed}=`,
      `${sealed}\n`,
      ` ${sealed}`,
      `${sealed}.${sealed}`,
    ])
      expect(keys.open("form", other)).toBeUndefined();
  });

  it("never seals the same text to the same seal", () => {
    expect(keys.seal("form", "answer")).not.toBe(keys.seal("form", "answer"));
  });

  it("opens with every secret of the list, and seals with the newest", () => {
    const both = createKeyring([newer, secret]);
    expect(both.open("form", keys.seal("form", "old"))).toBe("old");
    expect(createKeyring([newer]).open("form", both.seal("form", "new"))).toBe("new");
    expect(keys.open("form", both.seal("form", "new"))).toBeUndefined();
  });
});

describe("signing of forms, HMAC-SHA-256", () => {
  it("verifies what it signed, for its purpose, text and secret alone", () => {
    const signature = keys.sign("form", "allow");
    expect(keys.verify("form", "allow", signature)).toBe(true);
    expect(keys.verify("form", "deny", signature)).toBe(false);
    expect(keys.verify("done page", "allow", signature)).toBe(false);
    expect(createKeyring([newer]).verify("form", "allow", signature)).toBe(false);
    expect(createKeyring([newer, secret]).verify("form", "allow", signature)).toBe(true);
  });

  it("verifies nothing in which a single character was changed, the last one included", () => {
    const signature = keys.sign("form", "allow");
    for (let index = 0; index < signature.length; index++) {
      const verified = base64url.filter((character) =>
        keys.verify("form", "allow", signature.slice(0, index) + character + signature.slice(index + 1)),
      );
      expect(verified).toEqual([signature[index]]);
    }
    for (const other of ["", signature.slice(1), `${signature}A`]) expect(keys.verify("form", "allow", other)).toBe(false);
  });

  it("shows with a fingerprint which secret it is, and never the secret", () => {
    expect(createKeyring([newer, secret]).fingerprints).toEqual([...createKeyring([newer]).fingerprints, ...keys.fingerprints]);
    expect(keys.fingerprints[0]).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });
});

describe("sealing for whoever holds a token, HKDF of RFC 5869", () => {
  it("opens with that token alone", () => {
    fc.assert(
      fc.property(text, text, text, (token, other, content) => {
        const sealed = sealForHolder(token, content);
        expect(openAsHolder(token, sealed)).toBe(content);
        expect(openAsHolder(other, sealed)).toBe(token === other ? content : undefined);
      }),
    );
  });

  it("opens nothing in which a single bit was changed", () => {
    const sealed = sealForHolder("token", "answer");
    for (let index = 0; index < sealed.length; index++) {
      const changed = Uint8Array.from(sealed, (byte, at) => (at === index ? byte ^ 1 : byte));
      expect(openAsHolder("token", changed)).toBeUndefined();
    }
  });
});
