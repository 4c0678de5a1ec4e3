/** Portable copies: everything, from one engine to the other and back, or nothing. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { agreement, clientNamed, grantOf, issued, now, registered, tokenOf } from "../src/store/contract/cast.ts";
import { postgres } from "../src/store/postgres/postgres.ts";
import { periods } from "../src/store/reports.ts";
import { run } from "../src/store/sql/database.ts";
import { countRows, exportRows } from "../src/store/sql/export.ts";
import { type ImportOptions, importRows } from "../src/store/sql/import.ts";
import type { Value } from "../src/store/sql/rows.ts";
import type { SqlStore } from "../src/store/sql/store.ts";
import { type Column, columnsOf, leftBehind, libraryTables, type Table } from "../src/store/sql/tables.ts";
import type { CopyHead } from "../src/store/sql/transfer.ts";
import { sqlite } from "../src/store/sqlite/sqlite.ts";
import { newDatabase } from "./a-postgres/new-database.ts";

const folder = mkdtempSync(join(tmpdir(), "vouchsafe-transfer-"));
const opened: SqlStore[] = [];
let files = 0;
afterAll(async () => {
  for (const store of opened) await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const kept = <Store extends SqlStore>(store: Store): Store => {
  opened.push(store);
  return store;
};
const newSqlite = () => kept(sqlite(join(folder, `${++files}.db`), { synchronous: "normal" }));
const newPostgres = async () => kept(await postgres(await newDatabase()));
const engines: readonly (readonly [string, () => Promise<SqlStore>])[] = [
  ["SQLite", async () => newSqlite()],
  ["PostgreSQL", newPostgres],
];

describe("the tables that move", () => {
  it("are all tables of the schema but those that are left behind, in SQLite", () => {
    const { database } = newSqlite();
    const found = database.all("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").map(([name]) => name);
    expect(sortedNames(allTables())).toEqual(sortedNames([...found.map(String), "schema_versions", "rate_limits"]));
    const columns = libraryTables.map(({ name }) => [
      name,
      sorted(
        database.all("SELECT name, type FROM pragma_table_info(:table)", { table: name }).map(([column, type]) => ({
          name: String(column),
          kind: ({ TEXT: "text", INTEGER: "integer", BLOB: "bytes" } as const)[String(type) as "TEXT"],
        })),
      ),
    ]);
    expect(columns).toEqual(libraryTables.map((table) => [table.name, sorted(columnsOf(table))]));
  });

  it("are all tables of the schema but those that are left behind, in PostgreSQL", async () => {
    const { database } = await newPostgres();
    const found = (await database.all("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).map(([name]) => name);
    expect(sortedNames(allTables())).toEqual(sortedNames(found.map(String)));
    const rows = await database.all(
      "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'",
    );
    const kinds = { text: "text", bigint: "integer", integer: "integer", bytea: "bytes" } as const;
    const columns = libraryTables.map(({ name }) => [
      name,
      sorted(
        rows
          .filter(([table]) => table === name)
          .map(([, column, type]) => ({ name: String(column), kind: kinds[String(type) as keyof typeof kinds] })),
      ),
    ]);
    expect(columns).toEqual(libraryTables.map((table) => [table.name, sorted(columnsOf(table))]));
  });

  it("are read in the order of their primary keys", async () => {
    const { database } = await newPostgres();
    const rows = await database.all(`
      SELECT CAST(CAST(indrelid AS regclass) AS TEXT), CAST(attname AS TEXT) FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY(indkey)
      WHERE indisprimary ORDER BY array_position(CAST(indkey AS SMALLINT[]), attnum)`);
    for (const { name, key } of libraryTables)
      expect([name, rows.filter(([table]) => table === name).map(([, column]) => column)]).toEqual([name, key.split(" ")]);
  });
});

describe("a portable copy", () => {
  it("brings every column of every table to PostgreSQL and back to SQLite as it was", async () => {
    const [first, middle, last] = [newSqlite(), await newPostgres(), newSqlite()];
    await fill(first, manyRows);
    const copy = await exported(first);
    await importRows(middle.database, libraryTables, pieces(copy, 1000));
    const second = await exported(middle);
    expect(bodyOf(second)).toEqual(bodyOf(copy));
    await importRows(last.database, libraryTables, pieces(second, 100_000));
    expect(bodyOf(await exported(last))).toEqual(bodyOf(copy));
    for (const [table, count] of Object.entries(await countRows(last.database, libraryTables))) expect(count, table).toBe(manyRows);
  });

  it.each(engines)("lets ids go on behind those that came, in %s", async (_, open) => {
    const [source, target] = [newSqlite(), await open()];
    await fill(source);
    await importRows(target.database, libraryTables, pieces(await exported(source)));
    await target.record([{ at: now, type: "sign_out", subject: "ada" }]);
    const [highest] = (await target.database.get("SELECT max(id) FROM audit_events")) ?? [];
    expect(highest).toBe(fewRows + 1);
  });

  it.each(
    engines.flatMap(([engine, open]) => [
      [engine, "as it is", undefined, open] as const,
      [engine, "as SQLite once held it", "2.0", open] as const,
    ]),
  )("lets what was counted before be counted no second time, in %s, %s", async (_, __, written, open) => {
    const [source, target] = [newSqlite(), await open()];
    const signOut = { at: now, type: "sign_out", subject: "ada" } as const;
    await source.record([signOut, signOut]);
    expect(await source.reports.countEvents(10)).toBe(2);
    if (written !== undefined)
      await source.database.commit(function* () {
        yield* run("UPDATE settings SET value = :written WHERE name = 'events_counted'", { written });
      });
    await importRows(target.database, libraryTables, pieces(await exported(source)));
    await target.record([signOut]);
    expect(await target.reports.countEvents(10)).toBe(1);
    const counts = await target.reports.counts({ period: periods.day, from: now - periods.day, until: now + periods.day });
    expect(counts.map(({ type, count }) => [type, count])).toEqual([["sign_out", 3]]);
  });

  it.each(engines)("is of one moment of %s, whatever is written meanwhile", async (_, open) => {
    const store = await open();
    await fill(store);
    let lines = "";
    let written = false;
    await exportRows(store.database, libraryTables, async (text) => {
      lines += text;
      if (written) return;
      written = true;
      await store.addClient(clientNamed("late"), registered("late"));
      await store.transact(() => run("DELETE FROM settings"));
    });
    expect(await store.client("late")).toBeDefined();
    expect(lines).not.toContain('"late"');
    const target = newSqlite();
    await importRows(target.database, libraryTables, pieces(lines));
    expect((await countRows(target.database, libraryTables))["settings"]).toBe(fewRows);
  });

  describe.each(engines)("into %s", (_, open) => {
    it("leaves nothing behind where it is cut off, altered, or not wanted", async () => {
      const source = newSqlite();
      await fill(source);
      const copy = await exported(source);
      const store = await open();
      const attempts: readonly (readonly [string, RegExp, ImportOptions?])[] = [
        [copy.slice(0, copy.length / 2), /line \d+|cut off/],
        [copy.slice(0, copy.lastIndexOf('{"end"')), /cut off/],
        [copy.replace("name 7 ", "name 8 "), /not as it was made/],
        [`${copy}${copy}`, /behind its end/],
        [copy.replace('"redirect_uris"', '"redirect_urns"'), /does not know the column redirect_urns/],
        [copy.replace('{"table":"flows"', '{"table":"floes"'), /does not know the table floes/],
        [copy.replace('"format":1', '"format":2'), /newer Vouchsafe/],
        ["a letter to grace", /no portable copy/],
        ["", /cut off/],
        [copy, /not of ours/, { check: refuseHead }],
      ];
      for (const [text, words, options] of attempts) {
        await expect(importRows(store.database, libraryTables, pieces(text), options), String(words)).rejects.toThrow(words);
        expect(Object.values(await countRows(store.database, libraryTables)).some((count) => count > 0)).toBe(false);
      }
      await importRows(store.database, libraryTables, pieces(copy));
    });

    it("refuses where there are rows, and replaces them only when told to", async () => {
      const source = newSqlite();
      await fill(source);
      const copy = await exported(source);
      const store = await open();
      await store.addClient(clientNamed("budget"), registered("budget"));
      await expect(importRows(store.database, libraryTables, pieces(copy))).rejects.toThrow("there are rows in clients, audit_events");
      await expect(importRows(store.database, libraryTables, pieces(copy.slice(0, -9)), { replaces: true })).rejects.toThrow();
      expect(await store.client("budget")).toBeDefined();
      await importRows(store.database, libraryTables, pieces(copy), { replaces: true });
      expect(await store.client("budget")).toBeUndefined();
      expect(bodyOf(await exported(store))).toEqual(bodyOf(copy));
    });

    it("refuses codes from before an older state was put back, whoever's they are", async () => {
      const source = newSqlite();
      await source.addClient(clientNamed("budget"), registered("budget"));
      const store = await open();
      await importRows(store.database, libraryTables, pieces(await exported(source)), { codesVoidBefore: now + 1 });
      const redeem = (subject: string, createdAt: number) => {
        const grant = grantOf(subject, "budget", { createdAt });
        return store.openGrant(
          { grant, agreement, tokens: [tokenOf(grant, "access"), tokenOf(grant, "refresh")], firstOfClient: true },
          issued,
        );
      };
      expect([await redeem("ada", now), await redeem("grace", now)]).toEqual(["void", "void"]);
      expect([await redeem("ada", now + 1), await redeem("grace", now + 1)]).toEqual(["opened", "opened"]);
      await store.voidAllCodes(now + 3);
      expect([await redeem("ada", now + 2), await redeem("ada", now + 3)]).toEqual(["void", "opened"]);
    });
  });
});

const allTables = (): readonly string[] => [...libraryTables.map(({ name }) => name), ...leftBehind];
const sortedNames = (names: readonly string[]): readonly string[] => names.toSorted();
const sorted = (columns: readonly Column[]): readonly Column[] => columns.toSorted((a, b) => (a.name < b.name ? -1 : 1));

function refuseHead({ engine }: CopyHead): void {
  throw new Error(`${engine} is not of ours`);
}

const fewRows = 50;
/** A page and a piece of another. */
const manyRows = 1100;

/** Rows in which every column has a value, and every seventh row all the gaps that it may have. */
async function fill(store: SqlStore, rowsPerTable = fewRows): Promise<void> {
  await store.database.load(libraryTables, async ({ insert }) => {
    for (const table of libraryTables) {
      const columns = columnsOf(table);
      const rows = Array.from({ length: rowsPerTable }, (_, row) => columns.map((column) => sampleOf(table, column, row)));
      await insert({ table, columns, rows });
    }
  });
}

const optional = new Set(
  sqlite(":memory:")
    .database.all(
      "SELECT m.name, c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.\"notnull\" = 0",
    )
    .map((names) => names.join(" ")),
);

function sampleOf(table: Table, { name, kind }: Column, row: number): Value {
  const isKey = table.key.split(" ").includes(name);
  if (!isKey && row % 7 === 0 && optional.has(`${table.name} ${name}`)) return null;
  if (kind === "integer") return name.endsWith("_at") ? Number.MAX_SAFE_INTEGER - row : row + 1;
  const text = `${name} ${row} "{quoted}" \\ , NULL \n\t\u{1F642} ü`;
  return kind === "text" ? text : new TextEncoder().encode(text);
}

/** The copy without its head and its checksum, which say when and where it was made. */
const bodyOf = (copy: string): readonly string[] => copy.trimEnd().split("\n").slice(1, -1);

async function exported(store: SqlStore): Promise<string> {
  let copy = "";
  await exportRows(store.database, libraryTables, async (lines) => {
    copy += lines;
  });
  return copy;
}

async function* pieces(text: string, size = 65_536): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}
