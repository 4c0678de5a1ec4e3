import { write, writeSync } from "node:fs";

/** How long a full pipe is left alone before it is tried again, in milliseconds. */
const pause = 10;

/** How often the lines that are left at exit are tried: a reader that stands still must not keep the process. */
const lastAttempts = 100;

export interface LogLines {
  readonly write: (line: string) => void;
}

/**
 * Lines that are written one batch after another, so that a slow reader keeps no request waiting; what is left at exit is
 * written then. What cannot be written, because the reader has gone or the disk is full, is dropped: a server goes on
 * serving without its log.
 */
export function createLogLines(fd: number): LogLines {
  let waiting = "";
  let isWriting = false;
  const writeNext = (): void => {
    isWriting = waiting !== "";
    const batch = Buffer.from(waiting);
    waiting = "";
    if (isWriting) send(batch);
  };
  const send = (batch: Buffer): void =>
    write(fd, batch, (error, written) => {
      if (error?.code === "EAGAIN") setTimeout(() => send(batch), pause);
      else if (error === null && written < batch.length) send(batch.subarray(written));
      else writeNext();
    });
  process.once("exit", () => writeLast(fd, Buffer.from(waiting)));
  return {
    write: (line) => {
      waiting += line;
      if (isWriting) return;
      isWriting = true;
      setImmediate(writeNext);
    },
  };
}

function writeLast(fd: number, lines: Buffer): void {
  let rest = lines;
  for (let attempt = 0; attempt < lastAttempts && rest.length > 0; attempt++) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause);
    }
  }
}
