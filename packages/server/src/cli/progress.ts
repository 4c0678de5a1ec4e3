/** How far something long has come, for whoever watches a terminal. */
export interface Progress {
  /** From 0 to 1; undefined: nobody knows, and yet it goes on. */
  readonly show: (part: number | undefined) => void;
  /** Leaves the line as it was. */
  readonly end: () => void;
}

interface Terminal {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

const width = 30;
/** Milliseconds between two pictures: a terminal is slower than what it watches. */
const pause = 100;

/** A bar on stderr; where that is no terminal, nothing. */
export function startProgress(title: string, terminal: Terminal = process.stderr, now: () => number = Date.now): Progress {
  if (terminal.isTTY !== true) return { show: () => {}, end: () => {} };
  let drawnAt = Number.NEGATIVE_INFINITY;
  let drawn = 0;
  return {
    show: (part) => {
      if (now() - drawnAt < pause) return;
      drawnAt = now();
      terminal.write(`\r${title} [${part === undefined ? wandering(drawn) : filled(part)}]${part === undefined ? "" : percent(part)}`);
      drawn += 1;
    },
    end: () => {
      if (drawn > 0) terminal.write("\r\u001B[K");
    },
  };
}

const filled = (part: number): string => "=".repeat(Math.round(width * part)).padEnd(width);
const percent = (part: number): string => `${String(Math.floor(100 * part)).padStart(4)} %`;
const wandering = (step: number): string => "===".padStart(3 + (step % (width - 2))).padEnd(width);
