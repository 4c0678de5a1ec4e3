import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { equalHashes, hashSecret, isSecret, mintIdentifier, mintSecret, type SecretKind } from "../../src/protocol/secret.ts";

const prefixes: Readonly<Record<SecretKind, string>> = {
  access: "vs_at_",
  refresh: "vs_rt_",
  personal: "vs_pat_",
  client: "vs_cs_",
  registration: "vs_iat_",
  configuration: "vs_rat_",
};
const kinds = Object.keys(prefixes) as SecretKind[];

describe("secrets, OAuth 2.1 §7.1 (entropy), RFC 6750 §5.2", () => {
  it.each(kinds)(
    "gives the %s secret a prefix that scanners find, 256 random bits and a checksum, in an alphabet that needs no encoding",
    (kind) => {
      const secret = mintSecret(kind);
      expect(secret.startsWith(prefixes[kind])).toBe(true);
      expect(secret.slice(prefixes[kind].length)).toMatch(/^[A-Za-z0-9_-]{49}$/);
      expect(Buffer.from(secret.slice(prefixes[kind].length, -6), "base64url")).toHaveLength(32);
    },
  );

  it("accepts a secret for its own kind alone", () => {
    for (const kind of kinds) {
      const secret = mintSecret(kind);
      expect(kinds.filter((other) => isSecret(other, secret))).toEqual([kind]);
    }
  });

  it("refuses a secret in which any one character was changed", () => {
    const alphabet = Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/ \0ä");
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.nat(), fc.constantFrom(...alphabet), (kind, at, character) => {
        const secret = mintSecret(kind);
        const index = at % secret.length;
        fc.pre(secret[index] !== character);
        expect(isSecret(kind, secret.slice(0, index) + character + secret.slice(index + 1))).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it("refuses every other last character of the checksum, also those that decode to the same bytes", () => {
    const secret = mintSecret("access");
    const others = Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_").filter((last) => last !== secret.at(-1));
    expect(others.filter((last) => isSecret("access", secret.slice(0, -1) + last))).toEqual([]);
  });

  it("refuses what is longer, shorter or empty", () => {
    const secret = mintSecret("refresh");
    for (const text of ["", "vs_rt_", secret.slice(0, -1), `${secret}A`, ` ${secret}`, `${secret}\n`])
      expect(isSecret("refresh", text)).toBe(false);
  });

  it("never mints the same twice, also beyond what is drawn ahead", () => {
    const minted = Array.from({ length: 2000 }, (_, index) => (index % 2 === 0 ? mintSecret("access").slice(6, 49) : mintIdentifier()));
    expect(new Set(minted).size).toBe(2000);
    expect(minted.filter((text) => /^A{8}/.test(text))).toEqual([]);
  });

  it("mints identifiers of 128 bits that need no encoding, and that no command takes for an option", () => {
    for (let time = 0; time < 2000; time++) expect(mintIdentifier()).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_-]{21}$/);
  });

  it("keeps only the SHA-256 hash", () => {
    expect(Buffer.from(hashSecret("abc")).toString("hex")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(equalHashes(hashSecret(text), createHash("sha256").update(text).digest())).toBe(true);
      }),
    );
  });

  it("tells different hashes and lengths apart", () => {
    expect(equalHashes(hashSecret("ada"), hashSecret("ada"))).toBe(true);
    expect(equalHashes(hashSecret("ada"), hashSecret("grace"))).toBe(false);
    expect(equalHashes(hashSecret("ada"), hashSecret("ada").subarray(0, 31))).toBe(false);
  });
});
