import { describe, expect, it } from "vitest";
import { parseDuration } from "../src/duration.ts";

describe("lengths of time, as people write them", () => {
  it.each<[string | number, number]>([
    [60, 60_000],
    ["60", 60_000],
    ["90s", 90_000],
    ["10m", 600_000],
    ["1h", 3_600_000],
    ["30d", 2_592_000_000],
    ["0", 0],
    [" 5m ", 300_000],
  ])("reads %j", (text, milliseconds) => expect(parseDuration(text)).toBe(milliseconds));

  it.each<string | number>([
    "",
    "never",
    "1w",
    "1.5h",
    1.5,
    "-1",
    -1,
    "1 h",
    "1h30m",
    "h",
    "1e3",
    "12345678901",
    Number.NaN,
    Number.POSITIVE_INFINITY,
    "１",
  ])("takes %j for no length of time", (text) => expect(parseDuration(text)).toBeUndefined());
});
