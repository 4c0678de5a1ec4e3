import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { coversScope, difference, formatScope, intersection, parseScope, union, type Vocabulary } from "../../src/protocol/scope.ts";
import { refusalOf } from "./refusal.ts";

const plain = { description: "", required: false, operatorOnly: false, implies: [] };
const vocabulary: Vocabulary = new Map([
  ["read", plain],
  ["write", { ...plain, implies: ["read"] }],
  ["admin", { ...plain, implies: ["write"] }],
]);

/** NQCHAR of RFC 6749 Appendix A.4, spelled out. */
const allowed = Array.from({ length: 0x7e - 0x21 + 1 }, (_, index) => String.fromCharCode(0x21 + index)).filter(
  (c) => c !== '"' && c !== "\\",
);
const name = fc.array(fc.constantFrom(...allowed), { minLength: 1, maxLength: 8 }).map((characters) => characters.join(""));

describe("scope, OAuth 2.1 §1.4.1", () => {
  it("reads names between spaces, each once, in their order", () => {
    expect(parseScope("write read write")).toEqual(["write", "read"]);
    expect(parseScope("  read   write ")).toEqual(["read", "write"]);
    expect(parseScope("")).toEqual([]);
  });

  it("is case-sensitive", () => {
    expect(parseScope("Read read")).toEqual(["Read", "read"]);
  });

  it("reads back whatever it writes", () => {
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 6 }), (names) => {
        expect(parseScope(formatScope(names))).toEqual(names);
      }),
    );
  });

  it("refuses every character that a scope name cannot have", () => {
    fc.assert(
      fc.property(
        name,
        fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
        name,
        (before, character, after) => {
          const isAllowed = allowed.includes(character) || character === " ";
          expect(refusalOf(() => parseScope(before + character + after))).toBe(isAllowed ? undefined : "invalid_scope");
        },
      ),
      { numRuns: 500 },
    );
    for (const text of ['"', "\\", "\t", "\n", "\0", "\x7F", "é", "\u00A0"])
      expect(refusalOf(() => parseScope(`read${text}`))).toBe("invalid_scope");
  });

  it("forms sets as sets are formed", () => {
    expect(intersection(["write", "read"], ["read", "write", "share"])).toEqual(["write", "read"]);
    expect(union(["read"], ["write", "read"])).toEqual(["read", "write"]);
    expect(difference(["read", "write"], ["read"])).toEqual(["write"]);
  });
});

describe("whether a granted scope is enough, RFC 6750 §3.1", () => {
  it("is enough when everything needed was granted", () => {
    expect(coversScope(["read", "write"], ["read"], vocabulary)).toBe(true);
    expect(coversScope(["read"], ["read", "write"], vocabulary)).toBe(false);
    expect(coversScope(["read"], [], vocabulary)).toBe(true);
    expect(coversScope([], ["read"], vocabulary)).toBe(false);
  });

  it("counts what a granted scope implies, one way only", () => {
    expect(coversScope(["write"], ["read"], vocabulary)).toBe(true);
    expect(coversScope(["read"], ["write"], vocabulary)).toBe(false);
  });

  it("knows no scope that the vocabulary has lost, and never a name of our language", () => {
    expect(coversScope(["gone"], ["read"], vocabulary)).toBe(false);
    expect(coversScope(["read"], ["constructor"], vocabulary)).toBe(false);
  });
});
