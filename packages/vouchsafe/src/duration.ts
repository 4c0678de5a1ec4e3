/** Lengths of time as people write them: `60`, `90s`, `10m`, `1h`, `30d`. A bare number is seconds. */
const units: Readonly<Record<string, number>> = { "": 1000, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds, or undefined where the text is no length of time. */
export function parseDuration(text: string | number): number | undefined {
  const [, digits, unit = ""] = /^(\d{1,10})([smhd]?)$/.exec(String(text).trim()) ?? [];
  return digits === undefined ? undefined : Number(digits) * (units[unit] ?? 0);
}
