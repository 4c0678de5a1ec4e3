/** A real Chromium that comes through npm. Only its binary is taken from the package, whose own arguments switch web security off. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type LaunchOptions } from "playwright-core";

const switches = [
  "--headless=shell",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  // Whatever a page asks for, nothing leaves this machine.
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
];

export function launchChromium(): Promise<Browser> {
  return chromium.launch({ ...binary(), args: switches });
}

/** The folder that holds the unpacked browser, or nothing where another one is used. */
export function unpackedChromium(): string | undefined {
  if (process.env["CHROMIUM_PATH"] !== undefined || process.platform !== "linux" || process.arch !== "x64") return undefined;
  const manifest = join(createRequire(import.meta.url).resolve("@sparticuz/chromium"), "../../package.json");
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
  return join(tmpdir(), `vouchsafe-chromium-${version}`);
}

function binary(): LaunchOptions {
  const chosen = process.env["CHROMIUM_PATH"];
  if (chosen !== undefined) return { executablePath: chosen };
  const folder = unpackedChromium();
  if (folder === undefined) return { channel: "chrome" };
  return { executablePath: join(folder, "chromium"), env: { ...process.env, FONTCONFIG_FILE: join(folder, "fonts.conf") } };
}
