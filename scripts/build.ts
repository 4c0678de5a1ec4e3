/**
 * Builds both packages: checks their types and writes the library's down, and puts the modules of each into a few files, of
 * which a process finds and reads what it needs in half the time. `--if-stale` builds only when a source is newer than the last build.
 */
import { spawnSync } from "node:child_process";
import { globSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { build, type InputOptions } from "rolldown";

const root = join(import.meta.dirname, "..");
const [library, server] = [join(root, "packages/vouchsafe"), join(root, "packages/server")];

/** Written last. */
const mark = join(server, "dist/index.js");

if (!process.argv.includes("--if-stale") || isStale()) {
  for (const directory of [library, server]) rmSync(join(directory, "dist"), { recursive: true, force: true });
  if (checkTypes()) await bundleBoth();
  else process.exitCode = 1;
}

function isStale(): boolean {
  const modified = (file: string): number => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = globSync(
    [
      "packages/*/src/**/*.ts",
      "packages/*/tsconfig.json",
      "packages/*/package.json",
      "tsconfig*.json",
      "package-lock.json",
      "scripts/build.ts",
    ],
    { cwd: root },
  );
  return sources.some((file) => modified(join(root, file)) > modified(mark));
}

function checkTypes(): boolean {
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  return spawnSync(process.execPath, [compiler, "-b", "tsconfig.build.json", "--force"], { cwd: root, stdio: "inherit" }).status === 0;
}

async function bundleBoth(): Promise<void> {
  await bundle(library, "dist", {
    index: "src/index.ts",
    memory: "src/store/memory/memory.ts",
    sqlite: "src/store/sqlite/sqlite.ts",
    // A thread: the store starts it from beside itself.
    "reader-thread": "src/store/sqlite/reader-thread.ts",
    postgres: "src/store/postgres/postgres.ts",
    "store-contract": "src/store/contract/contract.ts",
    node: "src/node.ts",
    webhook: "src/webhook.ts",
    pages: "src/pages/index.ts",
  });
  await bundle(server, "dist", {
    // A process: the command starts it from beside itself.
    worker: "src/workers/worker.ts",
    index: "src/cli/index.ts",
  });
}

/** What is in no package of ours stays where npm puts it. What is loaded late stays a file of its own. */
async function bundle(directory: string, output: string, input: NonNullable<InputOptions["input"]>): Promise<void> {
  await build({
    cwd: directory,
    input,
    platform: "node",
    external: /^[^./]/,
    transform: { target: "esnext" },
    output: { dir: join(directory, output), format: "esm", entryFileNames: "[name].js", chunkFileNames: "[name]-[hash].js" },
    logLevel: "warn",
  });
}
