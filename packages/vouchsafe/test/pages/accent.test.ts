import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contrast, papers, readableAccent } from "../../src/pages/accent.ts";

const color = fc.integer({ min: 0, max: 0xffffff }).map((number) => `#${number.toString(16).padStart(6, "0")}`);

describe("the accent colour, WCAG 2.2", () => {
  it.each([
    ["#000000", "#ffffff", 21],
    ["#777777", "#ffffff", 4.48],
    ["#ffffff", "#ffffff", 1],
  ])("measures contrast as the standard does: %s on %s is %d", (a, b, ratio) => {
    expect(contrast(a, b)).toBeCloseTo(ratio, 1);
    expect(contrast(b, a)).toBeCloseTo(ratio, 1);
  });

  it("can be read on light pages and on dark ones, and be written on, whatever colour an operator likes", () => {
    fc.assert(
      fc.property(color, (liked) => {
        const { light, dark } = readableAccent(liked);
        for (const paper of papers.light) expect(contrast(light, paper)).toBeGreaterThanOrEqual(4.5);
        for (const paper of papers.dark) expect(contrast(dark, paper)).toBeGreaterThanOrEqual(4.5);
        expect(contrast("#ffffff", light)).toBeGreaterThanOrEqual(4.5);
        expect(contrast("#000000", dark)).toBeGreaterThanOrEqual(4.5);
      }),
    );
  });

  it.each([
    ["#ffcc00", "#866b00", "#ffcc00"],
    ["#07ff05", "#048003", "#07ff05"],
    ["#2a0e41", "#2a0e41", "#9587a0"],
    ["#777777", "#6e6e6e", "#888888"],
  ])("is mixed with black for light pages, and with white for dark ones, no more than it takes: %s", (liked, light, dark) => {
    expect(readableAccent(liked)).toEqual({ light, dark });
  });

  it("stays as it is where it can be read already", () => {
    expect(readableAccent("#2451b3").light).toBe("#2451b3");
    expect(readableAccent("#8fb0ff").dark).toBe("#8fb0ff");
  });
});
