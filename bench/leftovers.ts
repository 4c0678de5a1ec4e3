import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const children = new Set<ChildProcess>();
const directories = new Set<string>();

/** Ends this child with the run, if it has not ended before. */
export function endWithRun(child: ChildProcess): ChildProcess {
  children.add(child);
  return child.once("exit", () => children.delete(child));
}

/** A folder that is removed with the run. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "vouchsafe-bench-"));
  directories.add(directory);
  return directory;
}

/** However the run ends, it leaves no process and no file behind. */
export function clearUp(): void {
  for (const child of children) child.kill("SIGKILL");
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
}
