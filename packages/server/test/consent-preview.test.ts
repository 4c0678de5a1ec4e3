import { describe, expect, it } from "vitest";
import { de, en } from "vouchsafe/pages";
import { previewIndex, samplePages } from "../src/preview.ts";

describe("vouchsafe consent preview", () => {
  it.each([en, de])("has every page and tier with sample data, none over 10 KB, and none that leaves: $language", (messages) => {
    const pages = samplePages(messages);
    expect([...pages.keys()]).toEqual(
      expect.arrayContaining(["consent/own", "consent/known-website", "done/loopback", "error/looks-false"]),
    );
    for (const [name, page] of pages) {
      const text = String(page);
      expect(Buffer.byteLength(text), name).toBeLessThan(10_240);
      expect(text, name).toContain(`<html lang="${messages.language}"`);
      expect(text, name).not.toMatch(/http-equiv="refresh"|undefined|NaN|\[object/);
    }
  });

  it("lists them all", () => {
    const pages = samplePages(en);
    for (const name of pages.keys()) expect(String(previewIndex(pages.keys(), en))).toContain(`href="/${name}"`);
  });
});
