import { describe, expect, it } from "vitest";
import { checkConfiguration } from "vouchsafe";
import { memory } from "vouchsafe/memory";
import { createLook } from "vouchsafe/pages";
import { frameIn } from "../src/pages/words.ts";
import { previewIndex, samplePages } from "../src/preview/sample-pages.ts";

const look = createLook(
  checkConfiguration({
    issuer: "http://localhost:3000",
    secret: "a secret for tests, longer than 32 bytes",
    store: memory(),
    scopes: { read: "Read your notes" },
    signedIn: () => undefined,
    signInUrl: () => "/sign_in",
  }),
);

describe("vouchsafe consent preview", () => {
  it.each(["en", "de"])("has every page and tier with sample data, none over 10 KB, and none that leaves: %s", (language) => {
    const pages = samplePages(frameIn(look, language, ""));
    expect([...pages.keys()]).toEqual(
      expect.arrayContaining(["consent/own", "consent/known-website", "done/loopback", "error/looks-false"]),
    );
    for (const [name, page] of pages) {
      const text = String(page.html);
      expect(Buffer.byteLength(text), name).toBeLessThan(10_240);
      expect(text, name).toContain(`<html lang="${language}"`);
      expect(text, name).not.toMatch(/http-equiv="refresh"|undefined|NaN|\[object/);
    }
  });

  it("lists them all", () => {
    const pages = samplePages(frameIn(look, "en", ""));
    const index = String(previewIndex(pages.keys(), frameIn(look, "en", "")).html);
    for (const name of pages.keys()) expect(index).toContain(`href="/${name}"`);
  });
});
