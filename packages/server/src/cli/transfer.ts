import { existsSync } from "node:fs";
import type { Command } from "commander";
import { exportRows, type RowCounts } from "vouchsafe/sqlite";
import { accountSchema, everyTable } from "../account-schema.ts";
import { isOwnFile } from "../backup/own-files.ts";
import { makePortable } from "../backup/portable-file.ts";
import { type TakenIn, takeIn, textOfFile } from "../backup/take-in.ts";
import { counted } from "../counted.ts";
import { type DatabaseAddress, type Environment, nameOfDatabase, readEnvironment, secretFile } from "../environment.ts";
import { CommandError, exitCode } from "../exit.ts";
import { openStore, patience } from "../main.ts";
import { command } from "./command.ts";
import { inWords, nonZero } from "./move-refusals.ts";
import { printFacts, printJson, say, writeOut } from "./output.ts";
import { startProgress } from "./progress.ts";

/** From one database to another, whatever their engines. */
export function addTransferCommands(program: Command): void {
  command(
    program,
    "export <file>",
    "Writes everything into a portable file, or with - to stdout: for a database of either kind.",
    "vouchsafe export vouchsafe.jsonl",
  )
    .option("--force", "replace the file if it is there")
    .option("--json", "data as JSON on stdout")
    .action(async (file: string, flags: CopyFlags) => exportInto(await readEnvironment(), file, flags));
  command(
    program,
    "import <file>",
    "Takes in what `export` wrote, or with - from stdin, while no server runs: all of it, or nothing.",
    "DATABASE_URL=postgres://vouchsafe@db.example.com/vouchsafe vouchsafe import vouchsafe.jsonl",
  )
    .option("--force", "replace what the database holds")
    .option("--json", "data as JSON on stdout")
    .action(importFrom);
}

export interface CopyFlags {
  readonly force?: boolean;
  readonly json?: boolean;
}

const standard = "-";

/** `export FILE|-`: a portable copy of one moment. */
export async function exportInto(environment: Environment, file: string, flags: CopyFlags): Promise<void> {
  const { database } = environment;
  if (database.kind === "sqlite" && !existsSync(database.path))
    throw new CommandError(exitCode.storage, `There is no database ${database.path}.`);
  if (file === standard) process.stdout.prependOnceListener("error", endWithoutCopy);
  else refuseOwnFile(database, file);
  const store = await openStore(environment, { busyTimeout: patience });
  const progress = startProgress("Exporting");
  const onProgress = (done: number, all: number): void => progress.show(done / Math.max(1, all));
  try {
    await store.database.migrate(accountSchema, "accounts");
    if (file === standard) await exportRows(store.database, everyTable, writeOut, { onProgress });
    else showRows({ file, rows: await inWords(makePortable(store, file, flags.force === true, onProgress)) }, flags);
  } finally {
    progress.end();
    await store.close();
  }
  say(
    `A portable copy of ${nameOfDatabase(database)} as it was when this began. It holds hashes, sealed keys and what is known about people: keep it like the database.`,
  );
  tellOfSecret(environment);
}

/** Half a copy is none. Of other output the reader may have read enough. */
function endWithoutCopy(error: Error): void {
  say(`The copy was not written to its end: ${error.message}.`);
  process.exit(exitCode.failure);
}

/** With `--force` too: a copy never takes the place of what it is a copy of. */
export function refuseOwnFile(database: DatabaseAddress, file: string): void {
  if (isOwnFile(database, file))
    throw new CommandError(exitCode.usage, `${file} is the database, or belongs to it: give the copy another name.`);
}

/** `import FILE|-`. Exit code 1 where the audit was altered. */
async function importFrom(file: string, flags: CopyFlags): Promise<void> {
  const environment = await readEnvironment();
  const progress = startProgress("Importing");
  const text = file === standard ? process.stdin.setEncoding("utf8") : textOfFile(file);
  const onProgress = (done: number, all: number): void => progress.show(done / Math.max(1, all));
  const taking = takeIn({ environment, text, replaces: flags.force === true, voidsCodes: false, onProgress });
  const imported = await inWords(taking.finally(progress.end));
  showRows(imported, flags);
  say(`${nameOfDatabase(environment.database)} holds all of it: whoever was signed in or connected still is.`);
  verdictOf(imported);
}

/** The rows of each table that has any. */
export function showRows({ file, rows }: { readonly file?: string; readonly rows: RowCounts }, flags: CopyFlags): void {
  if (flags.json === true) printJson({ file, rows });
  else printFacts({ file, ...nonZero(rows) });
}

/** What a copy does not hold. */
export function tellOfSecret({ database, values }: Environment): void {
  const where = values.secret !== undefined || database.kind !== "sqlite" ? "OAUTH_SECRET" : secretFile(database.path);
  say(`The secret is not in it: keep ${where} too, in another place. Without it nothing that is sealed opens again.`);
}

/** What the audit is like; exit code 1 where it was altered. */
export function verdictOf({ audit }: TakenIn): void {
  const { events, findings } = audit;
  if (findings.length > 0)
    throw new CommandError(
      exitCode.failure,
      `Its audit was altered: ${counted(events, "event")}, ${counted(findings.length, "finding")}. vouchsafe audit verify shows them.`,
    );
  say(`Its audit is as it was written: ${counted(events, "event")}.`);
}
