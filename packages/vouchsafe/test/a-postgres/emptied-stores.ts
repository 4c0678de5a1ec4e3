/** Stores on PostgreSQL for tests that make a server in the middle of a sentence: they open when they are first asked something. */
import { Client } from "pg";
import { afterAll, onTestFinished } from "vitest";
import type { AuditEvent } from "../../src/audit.ts";
import { type MemoryStore, memory } from "../../src/store/memory/memory.ts";
import { type PostgresStore, postgres } from "../../src/store/postgres/postgres.ts";
import type { Store } from "../../src/store/store.ts";
import { newDatabase } from "./new-database.ts";

/** To be called once in a test file. What it gives makes a store that is empty, as `memory` does. */
export function emptiedStores(): () => MemoryStore {
  const free: string[] = [];
  const open = new Set<Promise<PostgresStore>>();
  afterAll(async () => {
    for (const opening of open) await (await opening).close();
  });
  return () => {
    const url = (async () => free.pop() ?? newDatabase())();
    const opening = url.then((database) => postgres(database, { connections: 4 }));
    open.add(opening);
    whenTestIsFinished(async () => {
      open.delete(opening);
      await (await opening).close();
      await empty(await url);
      free.push(await url);
    });
    return laterStore(opening);
  };
}

/** A store that was made before all tests of a file stays until its end. */
function whenTestIsFinished(giveBack: () => Promise<void>): void {
  try {
    onTestFinished(giveBack);
  } catch {
    // Not within a test.
  }
}

/** Making a database takes longer than emptying one, and removing the few rows of a test less long than `TRUNCATE`. */
async function empty(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(`
    DO $$ DECLARE name TEXT; BEGIN
      FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_versions' LOOP
        EXECUTE format('DELETE FROM %I', name);
      END LOOP;
    END $$`);
  await client.end();
}

function laterStore(opening: Promise<PostgresStore>): MemoryStore {
  const events: AuditEvent[] = [];
  // With the names of a store that is there at once.
  const shape: Store = memory();
  const store = later(opening as Promise<Store>, shape);
  const noted = new Set<AuditEvent>();
  store.subscribe((event) => {
    if (!noted.has(event)) events.push(event);
  });
  // Refusals are written after the answer; in memory that is at once, and so it is here for whoever looks.
  const record: Store["record"] = (refusals) => {
    for (const refusal of refusals) noted.add(refusal);
    events.push(...refusals);
    return store.record(refusals);
  };
  return { ...store, events, record };
}

/** Every verb waits until the store is open. What is said to it is heard in that order. */
function later<Part extends object>(opening: Promise<Part>, shape: Part): Part {
  const of = (name: string | symbol) => opening.then((part): unknown => Reflect.get(part, name));
  return new Proxy(shape, {
    get: (_, name): unknown => {
      const member: unknown = Reflect.get(shape, name);
      if (Array.isArray(member)) return member;
      if (typeof member === "object" && member !== null) return later(of(name) as Promise<object>, member);
      if (typeof member !== "function") return member;
      return async (...given: readonly unknown[]): Promise<unknown> => {
        const [part, verb] = [await opening, await of(name)];
        return Reflect.apply(verb as (...given: readonly unknown[]) => unknown, part, given);
      };
    },
  });
}
