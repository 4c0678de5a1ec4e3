import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { freshnessOf } from "../../src/client-id-metadata/freshness.ts";
import { minutes, seconds } from "../a-server.ts";

const day = 1440 * minutes;

describe("how long a document is kept, Client ID Metadata Document §4.4, RFC 9111 §5.2.2", () => {
  it.each([
    ["max-age=3600", 3600 * seconds],
    ["public, max-age=3600", 3600 * seconds],
    ["MAX-AGE=3600,must-revalidate", 3600 * seconds],
    ['max-age="3600"', 3600 * seconds],
    ["max-age=60", 60 * seconds],
    ["max-age=61", 61 * seconds],
    ["max-age=86400", day],
  ])("is as long as it says: %s", (header, expected) => {
    expect(freshnessOf(header)).toBe(expected);
  });

  it.each(["", "public", "max-age=0", "max-age=59", "max-age=-1", "max-age", "max-age=", "max-age=1h", "x-max-age=3600", "s-maxage=3600"])(
    "is a minute at least, so that nobody makes us ask all the time: %j",
    (header) => {
      expect(freshnessOf(header)).toBe(minutes);
    },
  );

  it.each(["max-age=86401", "max-age=31536000", "max-age=9999999999", "max-age=99999999999999999999"])("is a day at most: %s", (header) => {
    expect(freshnessOf(header)).toBe(day);
  });

  it("is not at all where it is not to be stored", () => {
    for (const header of ["no-store", "No-Store", "max-age=3600, no-store", "no-store,max-age=3600"]) expect(freshnessOf(header)).toBe(0);
  });

  it("is as short as may be where it is not to be used without asking again", () => {
    for (const header of ["no-cache, max-age=86400", "max-age=86400, no-cache", "max-age=86400,NO-CACHE"])
      expect(freshnessOf(header)).toBeLessThanOrEqual(minutes);
  });

  it("is within its bounds whatever the header says", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.integer().map((age) => `max-age=${age}`),
        ),
        (header) => {
          const freshness = freshnessOf(header);
          expect(freshness === 0 || (freshness >= minutes && freshness <= day)).toBe(true);
        },
      ),
    );
  });
});
