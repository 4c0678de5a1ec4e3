import { all, type MigrationSteps, run, type SqlStore, type Work } from "vouchsafe/sqlite";
import { firstNotes, mostNotes, type Note, type Notes } from "./notes.ts";

/** Made where the demo runs in several processes alone. A released step is never changed. */
const schema: MigrationSteps = {
  sqlite: ["CREATE TABLE demo_notes (subject TEXT NOT NULL, id INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (subject, id)) STRICT"],
  postgres: [
    'CREATE TABLE demo_notes (subject TEXT COLLATE "C" NOT NULL, id BIGINT NOT NULL, text TEXT COLLATE "C" NOT NULL, PRIMARY KEY (subject, id))',
  ],
};

const list = "SELECT id, text FROM demo_notes WHERE subject = :subject ORDER BY id";
const insert = "INSERT INTO demo_notes (subject, id, text) VALUES (:subject, :id, :text)";

/** Notes in the database, for processes that share it. */
export async function createSharedNotes(store: SqlStore): Promise<Notes> {
  await store.database.migrate(schema, "demo");
  const work = <Result>(subject: string, steps: () => Work<Result>): Promise<Result> =>
    store.transact(steps, { alone: [`notes of ${subject}`] });
  return {
    list: (subject) => work(subject, () => open(subject)),
    add: (subject, text) => work(subject, () => add(subject, text)),
  };
}

function* open(subject: string): Work<readonly Note[]> {
  const notes = (yield* all(list, { subject })).map(([id, text]) => ({ id: Number(id), text: String(text) }));
  if (notes.length > 0) return notes;
  for (const note of firstNotes) yield* run(insert, { subject, ...note });
  return firstNotes;
}

function* add(subject: string, text: string): Work<Note> {
  const notes = yield* open(subject);
  const note = { id: (notes.at(-1)?.id ?? 0) + 1, text };
  yield* run(insert, { subject, ...note });
  yield* run("DELETE FROM demo_notes WHERE subject = :subject AND id <= :old", { subject, old: note.id - mostNotes });
  return note;
}
