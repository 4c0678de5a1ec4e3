import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDuration } from "../../src/duration.ts";
import { personalScope, requireEnd, requireName, requirePersonalScope } from "../../src/protocol/personal-token.ts";
import { refusalOf } from "./refusal.ts";

const day = 86_400_000;
/** A Friday noon, UTC. */
const now = Date.UTC(2027, 0, 15, 12);
const end = (ends: string, mayNeverEnd = false, maximumLifetime = 366 * day): number | undefined =>
  requireEnd(ends, now, { mayNeverEnd, maximumLifetime, durationOf: parseDuration });

describe("when a person's token ends", () => {
  it("is after a length of time", () => {
    expect([end("7d"), end("30d"), end("90d"), end("1s"), end("60")]).toEqual([
      now + 7 * day,
      now + 30 * day,
      now + 90 * day,
      now + 1000,
      now + 60_000,
    ]);
  });

  it("is with the last moment of a date, in UTC", () => {
    expect(end("2027-01-15")).toBe(Date.UTC(2027, 0, 15, 23, 59, 59, 999));
    expect(end("2027-02-28")).toBe(Date.UTC(2027, 1, 28, 23, 59, 59, 999));
    expect(end("2027-12-31")).toBe(Date.UTC(2027, 11, 31, 23, 59, 59, 999));
    expect(end("2028-02-29", false, 500 * day)).toBe(Date.UTC(2028, 1, 29, 23, 59, 59, 999));
  });

  it("is never where that is allowed, and only there", () => {
    expect(end("never", true)).toBeUndefined();
    expect(refusalOf(() => end("never"))).toBe("invalid_request");
  });

  it("is as far as allowed, to the millisecond", () => {
    expect(end("30d", false, 30 * day)).toBe(now + 30 * day);
    expect(refusalOf(() => end("30d", false, 30 * day - 1))).toBe("invalid_request");
    expect(end("2028-01-15", false, 365 * day + day / 2 - 1)).toBe(Date.UTC(2028, 0, 15, 23, 59, 59, 999));
    expect(refusalOf(() => end("2028-01-15", false, 365 * day + day / 2 - 2))).toBe("invalid_request");
  });

  it.each([
    "",
    " ",
    "0",
    "0d",
    "-7d",
    "7 days",
    "7w",
    "1y",
    "9999999999d",
    "99999999999",
    "1e3",
    "Infinity",
    "NaN",
    "NEVER",
    "date",
    "2027-01-14",
    "2026-12-31",
    "2027-02-29",
    "2027-02-31",
    "2027-04-31",
    "2027-13-01",
    "2027-00-10",
    "2027-01-00",
    "2027-01-32",
    "2027-1-31",
    "27-01-31",
    "0027-01-31",
    "9999-12-31",
    "2029-01-01",
    "+002027-01-31",
    "2027-01-31T00:00:00Z",
    "2027-01-31 ",
    "2027-01-31\n",
    "31.01.2027",
    "٢٠٢٧-٠١-٣١",
  ])("is none of these: %j", (ends) => {
    expect(refusalOf(() => end(ends, true))).toBe("invalid_request");
  });

  it("is ahead and within what is allowed, whatever is said", () => {
    const dates = fc.tuple(fc.integer({ min: 2026, max: 2029 }), fc.integer({ min: 0, max: 14 }), fc.integer({ min: 0, max: 33 }));
    const texts = dates.map(([year, month, date]) => `${year}-${String(month).padStart(2, "0")}-${String(date).padStart(2, "0")}`);
    fc.assert(
      fc.property(
        fc.oneof(
          texts,
          fc.string(),
          fc.nat().map((count) => `${count}d`),
        ),
        (ends) => {
          let at: number | undefined;
          if (refusalOf(() => (at = end(ends))) !== undefined) return;
          expect(at).toBeGreaterThan(now);
          expect(at).toBeLessThanOrEqual(now + 366 * day);
          if (/^\d{4}-/.test(ends)) expect(new Date(at ?? 0).toISOString().startsWith(ends)).toBe(true);
        },
      ),
    );
  });
});

describe("what a person calls a token", () => {
  it("is what they typed, without the blanks around it", () => {
    expect([requireName("backup script"), requireName("  backup  "), requireName("Sicherung für Großmutter 📷")]).toEqual([
      "backup script",
      "backup",
      "Sicherung für Großmutter 📷",
    ]);
    expect(requireName("x".repeat(100))).toHaveLength(100);
  });

  it.each(["", "   ", "x".repeat(101), "a\nb", "a\0b", "a\tb", "a\u202Eb", "a\u200Bb", "a\u0085b", "\u2028".repeat(2)])(
    "is not %j",
    (name) => {
      expect(refusalOf(() => requireName(name))).toBe("invalid_request");
    },
  );
});

describe("what a person's token may do", () => {
  const scope = (operatorOnly = false) => ({ description: "", required: false, operatorOnly, implies: [] });
  const vocabulary = new Map([
    ["read", scope()],
    ["admin", scope(true)],
    ["write", scope()],
  ]);

  it("is offered but for what only operators give", () => {
    expect(personalScope(vocabulary)).toEqual(["read", "write"]);
  });

  it("is what was ticked, each once, in the order of the pages", () => {
    expect(requirePersonalScope(["write", "read", "write"], vocabulary)).toEqual(["read", "write"]);
  });

  it.each([[[]], [["admin"]], [["read", "admin"]], [["everything"]], [[""]], [["read write"]], [["READ"]], [["__proto__"]]])(
    "is not %j",
    (wanted) => {
      expect(refusalOf(() => requirePersonalScope(wanted, vocabulary))).toBe("invalid_scope");
    },
  );
});
