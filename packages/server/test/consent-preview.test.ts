import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { de, en } from "vouchsafe/pages";
import { previewIndex, samplePages } from "../src/preview.ts";
import { environmentOf, runCommand } from "./running-server.ts";

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

  it("serves them until it is stopped, in the language that was asked for, as pages are sent", async () => {
    const preview = spawn(process.execPath, [join(import.meta.dirname, "../bin/vouchsafe.js"), "consent", "preview", "--port", "0"]);
    onTestFinished(() => void preview.kill());
    const said = await new Promise<string>((resolve) => preview.stderr.once("data", (data) => resolve(String(data))));
    const origin = `http://127.0.0.1:${/localhost:(\d+)/.exec(said)?.[1]}`;
    for (const name of samplePages(en).keys()) expect((await fetch(`${origin}/${name}`)).status, name).toBe(200);

    const german = await fetch(`${origin}/consent/own?ui_locales=de`);
    expect(await german.text()).toContain("Nicht erlauben");
    expect(german.headers.get("content-security-policy")).toContain("default-src 'none'");
    const list = await fetch(`${origin}/`, { headers: { "accept-language": "en" } });
    expect([list.status, await list.text()]).toEqual([200, expect.stringContaining('href="/consent/own"')]);
    expect((await fetch(`${origin}/nowhere`)).status).toBe(404);
  });

  it("shows each tier with what only that tier says, and each error with its own headline", () => {
    const pages = samplePages(en);
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
    for (const [name, page] of consents) expect(String(page), name).toContain(marks[name]);
    const headlines = [...pages].filter(([name]) => name.startsWith("error/")).map(([, page]) => /<h1>(.*?)<\/h1>/.exec(String(page))?.[1]);
    expect(new Set(headlines).size).toBe(headlines.length);
  });

  it.each(["many", "-1", "65536", "", "30.5"])("is refused in one sentence, as a matter of usage, on port %j", async (port) => {
    const options = { cwd: tmpdir(), env: environmentOf(tmpdir(), 0) };
    const { code, stderr } = await runCommand(["consent", "preview", `--port=${port}`], options);
    expect([code, stderr.trim().split("\n")]).toEqual([2, [expect.stringContaining("--port")]]);
  });
});
