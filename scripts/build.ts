/** Builds both packages. `--if-stale` builds only when a source is newer than the last build. */
import { spawnSync } from "node:child_process";
import { globSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const modified = (file: string): number => statSync(join(root, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;

const sources = globSync(["packages/*/src/**/*.ts", "packages/*/tsconfig.json", "tsconfig*.json", "package-lock.json"], { cwd: root });
const marks = ["vouchsafe", "server"].map((name) => `packages/${name}/tsconfig.tsbuildinfo`);
const built = Math.min(...marks.map(modified));
const stale = sources.some((file) => modified(file) > built);

if (!process.argv.includes("--if-stale") || stale) {
  const { status } = spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-b", "tsconfig.build.json", "--force"], {
    cwd: root,
    stdio: "inherit",
  });
  // What failed is not fresh, whatever the compiler left behind.
  if (status !== 0) for (const mark of marks) rmSync(join(root, mark), { force: true });
  process.exitCode = status ?? 1;
}
