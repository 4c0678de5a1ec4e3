import { once } from "node:events";

type Value = string | number | boolean | undefined;
/** Every row has the same members; undefined where there is nothing to say. */
export type Row = Readonly<Record<string, Value>>;

/** Data goes to stdout: JSON with `--json`, else a table. Words go to stderr. */
export function printRows(rows: readonly Row[], asJson: boolean): void {
  if (asJson) printJson(rows);
  else printTable(rows);
}

/** A table of the members of its first row. */
export function printTable(rows: readonly Row[]): void {
  const [first] = rows;
  if (first === undefined) return;
  const names = Object.keys(first);
  const cells = [names, ...rows.map((row) => names.map((name) => printable(String(row[name] ?? ""))))];
  const widths = names.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  for (const row of cells) printLine(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "));
}

/** A line of a report. */
export function printLine(text = ""): void {
  process.stdout.write(`${printable(text).trimEnd()}\n`);
}

/** One thing, a member a line. What is absent is left out. */
export function printFacts(facts: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(facts))
    if (value !== undefined) printLine(`${name.padEnd(27)}${[value].flat().map(inWords).join(" ")}`);
}

const inWords = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** Clients name themselves: what would move the cursor, colour the screen or turn the reading direction is shown as a mark. */
const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\u{FFFD}");

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2).replace(/[^\P{C}\n]/gu, escaped)}\n`);
}

/** What JSON need not escape, and a terminal may obey. */
const escaped = (sign: string): string =>
  Array.from({ length: sign.length }, (_, index) => `\\u${sign.charCodeAt(index).toString(16).padStart(4, "0")}`).join("");

/** Writes as fast as stdout is read. */
export async function writeOut(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, "drain");
}

/** Words, of a line or several. What a server elsewhere answers is among them. */
export function say(words: string): void {
  process.stderr.write(`${words.split("\n").map(printable).join("\n")}\n`);
}
