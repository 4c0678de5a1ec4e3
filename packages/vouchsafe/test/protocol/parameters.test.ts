import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseParameters } from "../../src/protocol/parameters.ts";
import { refusalOf } from "./refusal.ts";

describe("parameters of a protocol request, OAuth 2.1 §3.1, §3.2", () => {
  it("gives the value of a parameter, form-decoded", () => {
    const parameters = parseParameters("scope=read+write&state=a%26b%3D%2B");
    expect(parameters.get("scope")).toBe("read write");
    expect(parameters.get("state")).toBe("a&b=+");
  });

  it("treats an empty parameter as an absent one", () => {
    const parameters = parseParameters("state=&scope&resource=&resource=https://notes.example", ["resource"]);
    expect(parameters.get("state")).toBeUndefined();
    expect(parameters.get("scope")).toBeUndefined();
    expect(refusalOf(() => parameters.require("state"))).toBe("invalid_request");
    expect(parameters.all("resource")).toEqual(["https://notes.example"]);
  });

  it("names a missing parameter to the client", () => {
    expect(() => parseParameters("").require("code")).toThrow(expect.objectContaining({ description: "The parameter code is missing." }));
  });

  it("ignores unknown parameters, also those with names of our language", () => {
    const parameters = parseParameters("ui_locales=de&__proto__=x&constructor=y");
    expect(parameters.get("toString")).toBeUndefined();
    expect(parameters.get("constructor")).toBe("y");
    expect(refusalOf(() => parameters.refuseDefects())).toBeUndefined();
  });

  it("refuses a repeated parameter when it is read, also with equal values, and no other one", () => {
    const parameters = parseParameters("client_id=budget&client_id=budget&state=xyz");
    expect(refusalOf(() => parameters.get("client_id"))).toBe("invalid_request");
    expect(refusalOf(() => parameters.all("client_id"))).toBe("invalid_request");
    expect(parameters.get("state")).toBe("xyz");
    expect(refusalOf(() => parameters.refuseDefects())).toBe("invalid_request");
  });

  it("refuses a repeated parameter of which one is empty", () => {
    expect(refusalOf(() => parseParameters("scope=&scope=read").get("scope"))).toBe("invalid_request");
  });

  it("lets resource repeat where it may, and keeps the order", () => {
    const parameters = parseParameters("resource=b&resource=a&resource=b", ["resource"]);
    expect(parameters.all("resource")).toEqual(["b", "a", "b"]);
    expect(refusalOf(() => parameters.refuseDefects())).toBeUndefined();
  });

  it.each(["state=%00", "state=a%00b", "state=%FF", "state=%C3", "state=%ED%A0%80", "%00=x", "%FF=x"])(
    "refuses a NUL and invalid UTF-8: %s",
    (text) => {
      expect(refusalOf(() => parseParameters(text).refuseDefects())).toBe("invalid_request");
    },
  );

  it("names a parameter of ours in the private reason, never its value nor any other name: these are the sender's words", () => {
    expect(() => parseParameters("code=secret&code=secret").refuseDefects()).toThrow(/^parameter "?code"? is repeated$/);
    expect(() => parseParameters("vs_at_x=1&vs_at_x=2").refuseDefects()).toThrow(/^a parameter is repeated$/);
    expect(() => parseParameters("x=%00").get("x")).toThrow(/^a parameter is malformed$/);
  });

  it("hands on a malformed value of what may repeat, for its own refusal: invalid_target", () => {
    const parameters = parseParameters("resource=%00", ["resource"]);
    expect(refusalOf(() => parameters.refuseDefects())).toBeUndefined();
    expect(parameters.all("resource")).toEqual(["\0"]);
  });

  const word = fc.string({ unit: "grapheme", maxLength: 12 }).filter((text) => !/[\0\uFFFD]/.test(text) && text.isWellFormed());

  it("reads back whatever was written, once, in any order", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(word, word), { selector: ([name]) => name, maxLength: 6 }), (pairs) => {
        const text = pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join("&");
        const parameters = parseParameters(text);
        parameters.refuseDefects();
        for (const [name, value] of pairs) expect(parameters.get(name)).toBe(value === "" ? undefined : value);
      }),
    );
  });

  it("refuses whatever is written twice, wherever the second stands", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(word, word), { minLength: 1, maxLength: 5 }),
        word,
        fc.nat(),
        fc.nat(),
        (pairs, value, which, where) => {
          const [name = ""] = pairs[which % pairs.length] ?? [];
          const doubled = pairs.toSpliced(where % (pairs.length + 1), 0, [name, value]);
          const text = doubled.map((pair) => pair.map(encodeURIComponent).join("=")).join("&");
          expect(refusalOf(() => parseParameters(text).get(name))).toBe("invalid_request");
        },
      ),
    );
  });
});
