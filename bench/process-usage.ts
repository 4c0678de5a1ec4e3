import { readdirSync, readFileSync } from "node:fs";

/** In MB. */
export interface Memory {
  readonly resident: number;
  readonly peak: number;
  /** Without what is mapped from files, such as a SQLite database. */
  readonly anonymous: number;
}

/** In microseconds. */
const tick = 10_000;

/** CPU time of a process so far, in microseconds. */
export interface Usage {
  /** By the scheduler, to the nanosecond, of the threads that live. */
  readonly scheduled: number;
  /** In whole ticks, of all threads there were. */
  readonly ticked: number;
}

/** NaN where there is no /proc: only Linux has one. */
export function readUsage(pid: number): Usage {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const times = threads.map((thread) => Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]));
    return { scheduled: times.reduce((sum, time) => sum + time, 0) / 1000, ticked: tickedTime(readFileSync(`/proc/${pid}/stat`, "utf8")) };
  } catch {
    return { scheduled: Number.NaN, ticked: Number.NaN };
  }
}

/** The coarse figure is taken where it is clearly the larger one: then threads ended in between. */
export function cpuBetween(before: Usage, after: Usage): number {
  const scheduled = after.scheduled - before.scheduled;
  const ticked = after.ticked - before.ticked;
  return ticked > scheduled * 1.15 + 3 * tick ? ticked : scheduled;
}

/** utime and stime of proc_pid_stat(5), counted from behind the name, which may hold anything. */
function tickedTime(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * tick;
}

export function processMemory(pid: number): Memory {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const megabytes = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024;
    return { resident: megabytes("VmRSS"), peak: megabytes("VmHWM"), anonymous: megabytes("RssAnon") };
  } catch {
    return { resident: Number.NaN, peak: Number.NaN, anonymous: Number.NaN };
  }
}
