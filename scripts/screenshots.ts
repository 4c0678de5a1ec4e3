/** Photographs every page of `vouchsafe consent preview` for the documentation, and writes docs/pages.md, which shows them. */
import { spawn } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { launchChromium } from "../packages/server/test/browser/chromium.ts";
import unpackChromium from "../packages/server/test/browser/unpack-chromium.ts";

const root = join(import.meta.dirname, "..");
const album = join(root, "docs/screenshots");

/** A phone in the dark, and a desk by day, where the dashboard's tables want more room. */
const faces = [
  { name: "phone", width: 360, dashboardWidth: 360, colorScheme: "dark" },
  { name: "desktop", width: 800, dashboardWidth: 1280, colorScheme: "light" },
] as const;

/** What the first part of a page's name stands for. */
const chapters: Readonly<Record<string, string>> = {
  home: "The first page",
  "sign-in": "Sign-in",
  "sign-up": "Sign-up",
  "sign-out": "Sign-out",
  password: "Change of password",
  consent: "Consent, in every tier and state",
  done: "The way back to the app",
  "connected-apps": "Connected apps",
  disconnect: "Disconnect",
  edit: "Edit a connection",
  "not-me": "This wasn't me",
  "access-tokens": "Personal access tokens",
  error: "When something cannot be",
  admin: "The operator's dashboard",
};

const preview = spawn(process.execPath, [join(root, "packages/server/bin/vouchsafe.js"), "consent", "preview", "--port", "0"], {
  cwd: emptyAlbum(),
});
try {
  const origin = await new Promise<string>((resolve) =>
    preview.stderr.once("data", (data) => resolve(`http://localhost:${/localhost:(\d+)/.exec(String(data))?.[1]}`)),
  );
  await unpackChromium();
  const names = await photograph(origin);
  writeFileSync(join(root, "docs/pages.md"), documentOf(names));
} finally {
  preview.kill();
}

/** The empty album, where no configuration file lies. */
function emptyAlbum(): string {
  rmSync(album, { recursive: true, force: true });
  mkdirSync(album, { recursive: true });
  return album;
}

async function photograph(origin: string): Promise<readonly string[]> {
  const browser = await launchChromium();
  const index = await (await fetch(origin)).text();
  const names = [...index.matchAll(/<a href="\/([^"]+)">/g)].map(([, name = ""]) => name);
  for (const { name: face, width, dashboardWidth, colorScheme } of faces) {
    const page = await browser.newPage({ viewport: { width, height: 400 }, colorScheme, locale: "en" });
    for (const name of names) {
      await page.setViewportSize({ width: chapterOf(name) === "admin" ? dashboardWidth : width, height: 400 });
      await page.goto(`${origin}/${name}`);
      await page.screenshot({ path: join(album, `${fileOf(name)}.${face}.png`), fullPage: true });
    }
  }
  await browser.close();
  return names;
}

function chapterOf(name: string): string {
  return name.split("/", 1)[0] ?? name;
}

function fileOf(name: string): string {
  return name.replaceAll("/", ".");
}

function documentOf(names: readonly string[]): string {
  const sections = Object.entries(chapters).map(([chapter, title]) => {
    const own = names.filter((name) => chapterOf(name) === chapter);
    return `## ${title}\n\n${own.map(rowOf).join("\n\n")}\n`;
  });
  return `# The pages

Every page with sample data, on a phone in the dark and at a desk by day. \`npm run screenshots\` makes this document and its pictures;
\`npx vouchsafe consent preview\` serves the pages themselves, as your settings make them look, also in German (\`?ui_locales=de\`).

${sections.join("\n")}`;
}

function rowOf(name: string): string {
  const pictures = faces.map(({ name: face }) => `![${name}, ${face}](screenshots/${fileOf(name)}.${face}.png)`);
  return `\`${name}\`\n\n${pictures.join(" ")}`;
}
