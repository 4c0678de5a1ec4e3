import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { failedClaims, subjectOfAssertion } from "../../src/protocol/client-assertion.ts";
import { refusalOf } from "./refusal.ts";

const now = 1_800_000_000_000;
const seconds = now / 1000;
const audiences = ["https://notes.example.com", "https://notes.example.com/oauth/token"];
const good = { iss: "printer", sub: "printer", aud: audiences[0], exp: seconds + 60, jti: "1" };

const reason = (changes: Readonly<Record<string, unknown>>, at = now): string | undefined =>
  failedClaims({ ...good, ...changes }, "printer", audiences, at);

describe("the claims of a client's assertion, RFC 7523 §3", () => {
  it("are good as they must be, with and without those that may be left out", () => {
    expect(reason({})).toBeUndefined();
    expect(reason({ iat: seconds, nbf: seconds, azp: "anything", scope: "read" })).toBeUndefined();
  });

  it.each([undefined, null, "", "Printer", "printer ", "grace", 7, ["printer"], {}])(
    "name the client as issuer and as subject, not %j",
    (other) => {
      const refused = "client_assertion: iss and sub are not the client";
      expect([reason({ iss: other }), reason({ sub: other })]).toEqual([refused, refused]);
    },
  );

  it("are for us: the issuer or one of the endpoint's names, alone or in a list", () => {
    for (const aud of [...audiences, audiences, [audiences[0]], [audiences[1], audiences[1]]]) expect(reason({ aud })).toBeUndefined();
  });

  it.each([
    undefined,
    null,
    "",
    [],
    7,
    {},
    [7],
    [[audiences[0]]],
    "https://notes.example.com/",
    "https://NOTES.example.com",
    "https://notes.example.com/oauth/token/",
    "https://evil.example",
    "https://notes.example.com https://evil.example",
    { "0": audiences[0], length: 1 },
  ])("are not for somebody else: %j", (aud) => {
    expect(reason({ aud })).toBe("client_assertion: aud is neither the issuer nor the endpoint");
  });

  it("are not for somebody else beside us: they could send it on", () => {
    for (const aud of [
      [audiences[0], "https://evil.example"],
      ["https://evil.example", audiences[0]],
    ])
      expect(reason({ aud })).toBe("client_assertion: aud is neither the issuer nor the endpoint");
  });

  it("end, and are good until 30 seconds after, to the millisecond", () => {
    expect(reason({ exp: seconds }, now + 29_999)).toBeUndefined();
    expect(reason({ exp: seconds }, now + 30_000)).toBe("client_assertion has expired");
  });

  it("end within five minutes, and 30 seconds for a clock that is ahead", () => {
    expect(reason({ exp: seconds + 330 })).toBeUndefined();
    expect(reason({ exp: seconds + 331 })).toBe("client_assertion: exp is more than five minutes ahead");
    expect(reason({ exp: seconds + 330 }, now - 1)).toBe("client_assertion: exp is more than five minutes ahead");
  });

  it.each([undefined, null, String(seconds + 60), Number.NaN, Number.POSITIVE_INFINITY, true, [seconds + 60]])(
    "end at a time, not %j",
    (exp) => {
      expect(reason({ exp })).toBe("client_assertion: exp is missing");
    },
  );

  it("were made in the past, or up to 30 seconds ahead; how long ago does not matter while they live", () => {
    expect([reason({ iat: seconds + 30 }), reason({ iat: 0 }), reason({ iat: -1 })]).toEqual([undefined, undefined, undefined]);
    for (const iat of [seconds + 31, String(seconds), null, {}]) expect(reason({ iat })).toBe("client_assertion: iat is in the future");
  });

  it("are valid by now, or in up to 30 seconds", () => {
    expect([reason({ nbf: seconds + 30 }), reason({ nbf: 0 })]).toEqual([undefined, undefined]);
    for (const nbf of [seconds + 31, String(seconds), null]) expect(reason({ nbf })).toBe("client_assertion is not valid yet");
  });

  it("have an identifier of their own, of a length that can be kept", () => {
    expect([reason({ jti: "x".repeat(1000) }), reason({ jti: " " })]).toEqual([undefined, undefined]);
    for (const jti of [undefined, null, "", 7, {}, ["1"], "x".repeat(1001)])
      expect(reason({ jti })).toBe("client_assertion: jti is missing");
  });

  it("are never good for anybody else, whatever they say", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (iss, sub) => {
        fc.pre(iss !== "printer" || sub !== "printer");
        expect(reason({ iss, sub })).toBeDefined();
      }),
    );
  });
});

const encode = (value: unknown): string => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

describe("whom an assertion speaks for, before it is verified", () => {
  it("is its sub", () => {
    expect(subjectOfAssertion(`${encode({ alg: "ES256" })}.${encode({ sub: "printer", iss: "x" })}.c2ln`)).toBe("printer");
    expect(subjectOfAssertion(`e30.${encode({ sub: "https://printer.example/ä" })}.c2ln`)).toBe("https://printer.example/ä");
  });

  it.each([
    "",
    "x",
    "..",
    "e30.e30",
    `e30.${encode({ sub: "printer" })}.`,
    `.${encode({ sub: "printer" })}.c2ln`,
    `e30.${encode({ sub: "printer" })}.c2ln.x`,
    ` e30.${encode({ sub: "printer" })}.c2ln`,
    `e30.${encode({ sub: "printer" })}=.c2ln`,
    `e30.${encode({ sub: "printer" })}.c2ln\n`,
    `e30.${encode({ sub: "" })}.c2ln`,
    `e30.${encode({ sub: 7 })}.c2ln`,
    `e30.${encode({ sub: ["printer"] })}.c2ln`,
    `e30.${encode({})}.c2ln`,
    `e30.${encode([{ sub: "printer" }])}.c2ln`,
    `e30.${encode("null")}.c2ln`,
    `e30.${encode('"printer"')}.c2ln`,
    `e30.${encode("{")}.c2ln`,
    `e30.${encode('\uFEFF{"sub":"printer"}')}.c2ln`,
    `e30.${encode('{"__proto__":{"sub":"printer"}}')}.c2ln`,
  ])("is nobody where it is no signed JWT with a sub: %j", (assertion) => {
    expect(refusalOf(() => subjectOfAssertion(assertion))).toBe("invalid_client");
  });

  it("is a text or a refusal, and nothing else, whatever is sent", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.tuple(fc.base64String(), fc.base64String()).map(([a, b]) => `${a}.${b}.x`),
        ),
        (assertion) => {
          const refusal = refusalOf(() => subjectOfAssertion(assertion));
          expect([undefined, "invalid_client"]).toContain(refusal);
        },
      ),
    );
  });
});
