/** Unpacks the browser once, before any test runs: workers that unpack at the same time would overwrite each other's half of it. */
import { existsSync } from "node:fs";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import chromium from "@sparticuz/chromium";
import { unpackedChromium } from "./chromium.ts";

export default async function unpackChromium(): Promise<void> {
  const folder = unpackedChromium();
  if (folder === undefined || existsSync(folder)) return;
  // The package takes a half-written binary for a finished one for ever, so the folder gets its name when all of it is there.
  const unfinished = await mkdtemp(`${folder}-`);
  await unpackInto(unfinished);
  await writeFile(join(unfinished, "fonts.conf"), fontsIn(folder));
  await rename(unfinished, folder).catch(async (error: unknown) => {
    await rm(unfinished, { recursive: true });
    // Another run may have been faster; only then is there nothing to complain about.
    if (!existsSync(folder)) throw error;
  });
}

/** The package unpacks into the temporary folder and nowhere else. */
async function unpackInto(folder: string): Promise<void> {
  const usual = process.env["TMPDIR"];
  process.env["TMPDIR"] = folder;
  try {
    await chromium.executablePath();
  } finally {
    if (usual === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = usual;
  }
}

/** Without any font a button has no size and cannot be clicked; a bare machine has none. */
const fontsIn = (folder: string): string => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>${folder}/fonts</dir>
  <cachedir>${folder}/fonts-cache</cachedir>
</fontconfig>
`;
