import { readdirSync, readFileSync } from "node:fs";

/** In microseconds. */
const tick = 10_000;

/**
 * CPU time that a process and all children it ever had have used, in microseconds: the difference of two readings holds those
 * that ended in between as well. Exact for the children that live, in whole ticks for the others. NaN where there is no /proc.
 */
export function familyCpu(parent: number): number {
  try {
    // Read first: a child that ends meanwhile is counted a little late, and not twice.
    const { itself, ended } = timesOf(parent);
    return childrenOf(parent).reduce((sum, child) => sum + scheduledTime(child), itself + ended);
  } catch {
    return Number.NaN;
  }
}

function childrenOf(parent: number): readonly number[] {
  return readFileSync(`/proc/${parent}/task/${parent}/children`, "utf8").split(" ").filter(Boolean).map(Number);
}

/** utime and stime, cutime and cstime of proc_pid_stat(5), counted from behind the name, which may hold anything. */
function timesOf(pid: number): { readonly itself: number; readonly ended: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = (first: number): number => (Number(fields[first]) + Number(fields[first + 1])) * tick;
  return { itself: ticks(11), ended: ticks(13) };
}

/** 0: it has just ended. */
function scheduledTime(pid: number): number {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    return threads.reduce(
      (sum, thread) => sum + Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]) / 1000,
      0,
    );
  } catch {
    return 0;
  }
}
