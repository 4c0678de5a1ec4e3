import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { responseUri } from "../../src/protocol/authorization-request.ts";

const callback = "https://printer.example/callback";
const answer = { code: "c0de", state: "a b&c=d", iss: "https://notes.example.com" };

describe("the answer to an authorization request, OAuth 2.1 §4.1.2, RFC 9207 §2", () => {
  it("is added to the redirect URI", () => {
    expect(responseUri(callback, answer)).toBe(`${callback}?code=c0de&state=a%20b%26c%3Dd&iss=https%3A%2F%2Fnotes.example.com`);
  });

  it("is added after the query that was registered", () => {
    expect(responseUri(`${callback}?tenant=7&x=%2F+`, { code: "c" })).toBe(`${callback}?tenant=7&x=%2F+&code=c`);
  });

  it("leaves out what there is not", () => {
    expect(responseUri(callback, { error: "access_denied", state: undefined })).toBe(`${callback}?error=access_denied`);
  });

  it("takes the place of what was registered under its names, so that nothing is there twice", () => {
    expect(responseUri(`${callback}?code=old&a=1&state=old&iss=old`, answer)).toBe(responseUri(`${callback}?a=1`, answer));
  });

  it("takes the place of its names also where they were registered percent-encoded", () => {
    const url = new URL(responseUri(`${callback}?%63ode=old&c%6Fde=old`, answer));
    expect(url.searchParams.getAll("code")).toEqual(["c0de"]);
  });

  it("keeps registered members with names of our language", () => {
    expect(responseUri(`${callback}?constructor=1&toString=2&__proto__=3`, { code: "c" })).toBe(
      `${callback}?constructor=1&toString=2&__proto__=3&code=c`,
    );
  });

  const letters = fc.array(fc.constantFrom(...Array.from("abcdeiost%2F+.~[]:@!$'()")), { maxLength: 6 }).map((list) => list.join(""));
  const pair = fc
    .tuple(fc.oneof(letters, fc.constantFrom("code", "state", "iss", "%63ode", "st%61te", "toString")), fc.option(letters))
    .map(([name, value]) => (value === null ? name : `${name}=${value}`));
  const isOurs = (one: string): boolean => ["code", "state", "iss"].some((name) => new URLSearchParams(one).has(name));

  it("has code, state and iss exactly once and as they are, whatever was registered", () => {
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 4 }), fc.string({ unit: "grapheme" }), (query, state) => {
        fc.pre(state.isWellFormed());
        const { searchParams } = new URL(responseUri(`${callback}?${query.join("&")}`, { ...answer, state }));
        expect([searchParams.getAll("code"), searchParams.getAll("state"), searchParams.getAll("iss")]).toEqual([
          ["c0de"],
          [state],
          [answer.iss],
        ]);
      }),
      { numRuns: 500 },
    );
  });

  it("keeps the rest of the registered query byte for byte and in its order", () => {
    fc.assert(
      fc.property(fc.array(pair, { minLength: 1, maxLength: 4 }), (query) => {
        const kept = query.filter((one) => one !== "" && !isOurs(one));
        const start = kept.length === 0 ? `${callback}?` : `${callback}?${kept.join("&")}&`;
        expect(responseUri(`${callback}?${query.join("&")}`, answer)).toBe(
          `${start}code=c0de&state=a%20b%26c%3Dd&iss=https%3A%2F%2Fnotes.example.com`,
        );
      }),
      { numRuns: 500 },
    );
  });
});
