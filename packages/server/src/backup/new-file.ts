import { chmodSync, closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";

/** There is something in the file's place already. */
export class FileExists extends Error {
  constructor(path: string) {
    super(`${path} is there already`);
    this.name = "FileExists";
  }
}

/**
 * Makes a file that only this account can read. It has its name once it is whole and on the disk, and not before.
 * @param write fills the empty file of the path that it is given
 * @throws FileExists unless it `replaces` what has that name
 */
export async function makeFile(path: string, replaces: boolean, write: (temporary: string) => Promise<void>): Promise<void> {
  if (!replaces && existsSync(path)) throw new FileExists(path);
  const temporary = `${path}.${process.pid}.partial`;
  closeSync(openSync(temporary, "wx", 0o600));
  try {
    await write(temporary);
    chmodSync(temporary, 0o600);
    flush(temporary);
    if (replaces) renameSync(temporary, path);
    else takeName(temporary, path);
    flush(dirname(path));
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** A name that somebody took meanwhile stays theirs. */
function takeName(temporary: string, path: string): void {
  try {
    linkSync(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") throw new FileExists(path);
    renameSync(temporary, path); // a file system without links
  }
}

/** To the disk: the bytes of a file, or the names of a folder. */
export function flush(path: string): void {
  if (process.platform === "win32") return;
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
