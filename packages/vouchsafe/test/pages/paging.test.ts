import { describe, expect, it } from "vitest";
import { pageOf } from "../../src/pages/paging.ts";

const letters = "abcdefgh".split("");

describe("a list in pages", () => {
  it.each([
    [null, "abc", 1],
    ["1", "abc", 1],
    ["2", "def", 2],
    ["3", "gh", 3],
    ["4", "gh", 3],
    ["0", "abc", 1],
    ["-2", "abc", 1],
    ["2.9", "def", 2],
    ["x", "abc", 1],
    ["", "abc", 1],
    ["Infinity", "gh", 3],
  ])("shows a page that there is, where %j is asked for", (asked, shown, number) => {
    const { items, page } = pageOf(letters, 3, asked);
    expect([items.join(""), page]).toEqual([shown, { number, of: 3 }]);
  });

  it("is filled by what its items weigh, and loses none, be it heavier than a page", () => {
    const weights = [1, 1, 2, 5, 1, 9, 1];
    const shown = ["1", "2", "3", "4", "5"].map((asked) => pageOf(weights, 4, asked, (weight) => weight));
    expect(shown.map(({ items }) => items)).toEqual([[1, 1, 2], [5], [1], [9], [1]]);
    expect(shown[0]?.page.of).toBe(5);
  });

  it("has one page where it is empty", () => expect(pageOf([], 3, "7")).toEqual({ items: [], page: { number: 1, of: 1 } }));
});
