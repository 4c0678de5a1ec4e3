type Row = Readonly<Record<string, string | number | boolean>>;

/** Data goes to stdout: JSON with `--json`, else a table. Words go to stderr. */
export function printRows(rows: readonly Row[], asJson: boolean): void {
  if (asJson) printJson(rows);
  else printTable(rows);
}

function printTable(rows: readonly Row[]): void {
  const [first] = rows;
  if (first === undefined) return;
  const names = Object.keys(first);
  const cells = [names, ...rows.map((row) => names.map((name) => String(row[name] ?? "")))];
  const widths = names.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  for (const row of cells)
    process.stdout.write(
      `${row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd()}\n`,
    );
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

export function say(words: string): void {
  process.stderr.write(`${words}\n`);
}

/** A time as people and programs both read it. */
export const isoTime = (at: number): string => new Date(at).toISOString();
