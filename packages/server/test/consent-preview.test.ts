import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { checkConfiguration } from "vouchsafe";
import { memory } from "vouchsafe/memory";
import { createLook } from "vouchsafe/pages";
import { frameIn } from "../src/pages/words.ts";
import { previewIndex, samplePages } from "../src/preview/sample-pages.ts";
import { environmentOf, runCommand } from "./running-server.ts";

const look = createLook(
  checkConfiguration({
    issuer: "http://localhost:3000",
    secret: "a secret for tests, longer than 32 bytes",
    store: memory(),
    branding: { name: "Notes" },
    scopes: { read: "Read your notes" },
    signedIn: () => undefined,
    signInUrl: () => "/sign_in",
  }),
);

describe("vouchsafe consent preview", () => {
  it.each(["en", "de"])(
    "has every page and tier with sample data, none over 10 KB but the dashboard's, and none that leaves: %s",
    (language) => {
      const pages = samplePages(frameIn(look, language, ""));
      expect([...pages.keys()]).toEqual(
        expect.arrayContaining(["consent/own", "consent/known-website", "done/loopback", "error/looks-false"]),
      );
      for (const [name, page] of pages) {
        const text = String(page.html);
        // The dashboard has tables and charts, is opened by operators alone, and speaks English to them all.
        const isDashboard = name.startsWith("admin");
        expect(Buffer.byteLength(text), name).toBeLessThan(isDashboard ? 32_768 : 10_240);
        expect(text, name).toContain(`<html lang="${isDashboard ? "en" : language}"`);
        expect(text, name).not.toMatch(/http-equiv="refresh"|undefined|NaN|\[object/);
      }
    },
  );

  it("is what the documentation shows, page by page, on a phone and at a desk", () => {
    const docs = join(import.meta.dirname, "../../../docs");
    const shown = readFileSync(join(docs, "pages.md"), "utf8");
    const pictures = [...shown.matchAll(/\]\(([^)]+\.png)\)/g)].map(([, path = ""]) => path);
    const names = [...samplePages(frameIn(look, "en", "")).keys()];
    const expected = names.flatMap((name) => ["phone", "desktop"].map((face) => `screenshots/${name.replaceAll("/", ".")}.${face}.png`));
    expect(pictures.toSorted()).toEqual(expected.toSorted());
    for (const path of pictures) expect(existsSync(join(docs, path)), path).toBe(true);
  });

  it("lists them all", () => {
    const pages = samplePages(frameIn(look, "en", ""));
    const index = String(previewIndex(pages.keys(), frameIn(look, "en", "")).html);
    for (const name of pages.keys()) expect(index).toContain(`href="/${name}"`);
  });

  it("serves them until it is stopped, in the language that was asked for, as pages are sent", async () => {
    const preview = spawn(process.execPath, [join(import.meta.dirname, "../bin/vouchsafe.js"), "consent", "preview", "--port", "0"]);
    onTestFinished(() => void preview.kill());
    const said = await new Promise<string>((resolve) => preview.stderr.once("data", (data) => resolve(String(data))));
    const origin = `http://127.0.0.1:${/localhost:(\d+)/.exec(said)?.[1]}`;
    for (const name of samplePages(frameIn(look, "en", "")).keys()) expect((await fetch(`${origin}/${name}`)).status, name).toBe(200);

    const german = await fetch(`${origin}/consent/own?ui_locales=de`);
    expect(await german.text()).toContain("Nicht erlauben");
    expect(german.headers.get("content-security-policy")).toContain("default-src 'none'");
    const list = await fetch(`${origin}/`, { headers: { "accept-language": "en" } });
    expect([list.status, await list.text()]).toEqual([200, expect.stringContaining('href="/consent/own"')]);
    expect((await fetch(`${origin}/nowhere`)).status).toBe(404);
  });

  it("shows each tier with what only that tier says, and each error with its own headline", () => {
    const pages = samplePages(frameIn(look, "en", ""));
    const marks: Readonly<Record<string, string>> = {
      "consent/own": "Made by Notes",
      "consent/checked": "✓ <b>claude.ai</b> · checked by Notes",
      "consent/known-website": "not checked by Notes",
      "consent/on-this-computer": "Did you start this?",
      "consent/named-itself": "Not verified.",
      "consent/step-up": "It now also asks for",
      "consent/changed": "Budget Plus has changed since you last allowed it.",
      "consent/nothing-ticked": "Nothing is ticked.",
    };
    const consents = [...pages].filter(([name]) => name.startsWith("consent/"));
    expect(consents.map(([name]) => name).toSorted()).toEqual(Object.keys(marks).toSorted());
    for (const [name, page] of consents) expect(String(page.html), name).toContain(marks[name]);
    const headlines = [...pages]
      .filter(([name]) => name.startsWith("error/"))
      .map(([, page]) => /<h1>.*?<\/h1>\n.*/.exec(String(page.html))?.[0]);
    expect(new Set(headlines).size).toBe(headlines.length);
  });

  it.each(["many", "-1", "65536", "", "30.5"])("is refused in one sentence, as a matter of usage, on port %j", async (port) => {
    const options = { cwd: tmpdir(), env: environmentOf(tmpdir(), 0) };
    const { code, stderr } = await runCommand(["consent", "preview", `--port=${port}`], options);
    expect([code, stderr.trim().split("\n")]).toEqual([2, [expect.stringContaining("--port")]]);
  });
});
