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
export function temporaryDirectory(purpose: "bench" | "crash" = "bench"): string {
  const directory = mkdtempSync(join(tmpdir(), `vouchsafe-${purpose}-`));
  directories.add(directory);
  return directory;
}

/** Removes such a folder before that, or lets it stay. */
export function giveUp(directory: string, stays = false): void {
  directories.delete(directory);
  if (!stays) rmSync(directory, { recursive: true, force: true });
}

/** However the run ends, it leaves no process and no file behind. */
export function clearUp(): void {
  for (const child of children) child.kill("SIGKILL");
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
}
