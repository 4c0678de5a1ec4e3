import { existsSync, statSync } from "node:fs";
import type { Command } from "commander";
import { makeFile } from "../backup/new-file.ts";
import { kindOfFile } from "../backup/portable-file.ts";
import { restoreFile } from "../backup/restore-file.ts";
import { copyDatabase, examine } from "../backup/sqlite-file.ts";
import { type TakenIn, takeIn, textOfFile } from "../backup/take-in.ts";
import { type Environment, nameOfDatabase, readEnvironment } from "../environment.ts";
import { CommandError, exitCode } from "../exit.ts";
import { command } from "./command.ts";
import { inWords } from "./move-refusals.ts";
import { printFacts, printJson, say } from "./output.ts";
import { startProgress } from "./progress.ts";
import { type CopyFlags, exportInto, refuseOwnFile, showRows, tellOfSecret, verdictOf } from "./transfer.ts";

/** A database in a file, and back. */
export function addBackupCommands(program: Command): void {
  command(
    program,
    "backup <file>",
    "Copies the database into a file, beside a server that goes on. With PostgreSQL the file is what `export` writes.",
    "vouchsafe backup /backups/vouchsafe-2026-11-22.db",
  )
    .option("--force", "replace the file if it is there")
    .option("--json", "data as JSON on stdout")
    .action(backUp);
  command(
    program,
    "restore <file>",
    "Puts a backup in the place of the database, while no server runs.",
    "vouchsafe restore /backups/vouchsafe-2026-11-22.db",
  )
    .option("--force", "replace what the database holds")
    .option("--json", "data as JSON on stdout")
    .action(restore);
}

/** `backup FILE`: a copy of one moment that was read once more and is whole. */
async function backUp(file: string, flags: CopyFlags): Promise<void> {
  const environment = await readEnvironment();
  const { database } = environment;
  if (database.kind === "postgres") {
    await exportInto(environment, file, flags);
    say(
      "This is a portable copy, for `vouchsafe restore`. A large installation is better kept by pg_dump, or by PostgreSQL's continuous archiving.",
    );
    return;
  }
  if (!existsSync(database.path)) throw new CommandError(exitCode.storage, `There is no database ${database.path}.`);
  refuseOwnFile(database, file);
  await inWords(copyInto(file, database.path, flags.force === true));
  const facts = { file, bytes: statSync(file).size };
  if (flags.json === true) printJson(facts);
  else printFacts(facts);
  say(`A copy of ${database.path} as it was when this began; it was read once and is whole.`);
  tellOfSecret(environment);
}

async function copyInto(file: string, database: string, replaces: boolean): Promise<void> {
  const progress = startProgress("Copying");
  try {
    await makeFile(file, replaces, async (temporary) => {
      await copyDatabase(database, temporary, progress.show);
      const { damage, isOurs } = examine(temporary);
      if (damage !== undefined) throw new CommandError(exitCode.failure, `${database} is damaged: ${damage}. No backup was made.`);
      if (!isOurs) throw new CommandError(exitCode.failure, `${database} is not a database of Vouchsafe. No backup was made.`);
    });
  } finally {
    progress.end();
  }
}

/** `restore FILE`: all of the backup, or nothing. Exit code 1 where its audit was altered. */
async function restore(file: string, flags: CopyFlags): Promise<void> {
  const environment = await readEnvironment();
  const progress = startProgress("Restoring");
  const beat = setInterval(() => progress.show(undefined), 200);
  const restoring = restoreAny(environment, file, flags.force === true).finally(() => {
    clearInterval(beat);
    progress.end();
  });
  const restored = await inWords(restoring);
  showRows(restored, flags);
  say(whatItMeans(restored, nameOfDatabase(environment.database)));
  verdictOf(restored);
}

async function restoreAny(environment: Environment, file: string, replaces: boolean): Promise<TakenIn> {
  const { database } = environment;
  if (!existsSync(file)) throw new CommandError(exitCode.notFound, `There is no file ${file}.`);
  const kind = await kindOfFile(file);
  if (kind === "unknown") throw new CommandError(exitCode.failure, `${file} is no backup.`);
  if (kind === "portable") return takeIn({ environment, text: textOfFile(file), replaces, voidsCodes: true, onProgress: () => {} });
  if (database.kind === "postgres")
    throw new CommandError(
      exitCode.usage,
      `${file} is a SQLite database. To move it: DATABASE_URL=file:${file} vouchsafe export - | vouchsafe import -`,
    );
  if (database.path === ":memory:")
    throw new CommandError(exitCode.usage, "A database in memory ends with its process: nothing can be put into it.");
  return restoreFile(environment, database.path, file, replaces);
}

function whatItMeans({ newestEventAt }: TakenIn, database: string): string {
  const last = newestEventAt === undefined ? "" : ` Its last event is of ${new Date(newestEventAt).toISOString()}.`;
  return `${database} is as it was when the backup was made.${last}
Of what happened since then it knows nothing:
- Authorization codes that were made before now are refused, redeemed or not: none is redeemed twice.
- Whoever connected, registered or made an account since has to do so again.
- An app that refreshed since holds a token that is unknown now, and has to connect again. The refresh token it had before is live again.
- Whatever was revoked, disabled or deleted since is back: end it again.`;
}
