/** One thing that was looked at, and how it is. */
export interface Check {
  readonly check: string;
  readonly status: "ok" | "warning" | "finding";
  /** One sentence: what was seen. */
  readonly seen: string;
  /** The exact line to change, or the header or member to send. */
  readonly change?: string;
  /** Who demands it, such as `RFC 8414 §3.3`. */
  readonly source?: string;
}

export const ok = (check: string, seen: string): Check => ({ check, status: "ok", seen });

/** Something that works for some, or will not for long. `source`: who demands it. */
export const warning = (check: string, seen: string, change: string, source?: string): Check => ({
  check,
  status: "warning",
  seen,
  change,
  ...(source === undefined ? {} : { source }),
});

/** Something that stops clients, or endangers people. */
export const finding = (check: string, seen: string, change: string, source?: string): Check => ({
  ...warning(check, seen, change, source),
  status: "finding",
});

/** The longest text of a server's that is shown. */
const longestShown = 200;

/** What a server said, as it can be shown on any terminal: in quotes, on one line, nothing invisible. */
export function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  const shown = text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
  return shown.replace(/\p{C}/gu, (sign) => `\\u${(sign.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`);
}
