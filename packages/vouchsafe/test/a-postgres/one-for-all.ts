/**
 * One PostgreSQL for all tests of a run, in whichever thread they run. It starts when the first of them asks for a database, so that
 * who tests something else does not wait for it. `TEST_DATABASE_URL` names a running one to use instead.
 */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { createDatabase, dropDatabase } from "./databases.ts";
import { type Postgres, startPostgres } from "./server.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The socket that answers every connection with the URL of a new database. */
    readonly newDatabases: string;
  }
}

/** Listens for tests that want a database, and cleans up when all have run. */
export default async function onePostgresForAll(project: TestProject): Promise<() => Promise<void>> {
  const databases = databasesOn(process.env["TEST_DATABASE_URL"]);
  const folder = await mkdtemp(join(tmpdir(), "vouchsafe-databases-"));
  const listener = createServer((socket) => void answer(socket, databases.create)).listen(join(folder, "socket"));
  await once(listener, "listening");
  project.provide("newDatabases", join(folder, "socket"));
  return async () => {
    listener.close();
    await rm(folder, { recursive: true });
    await databases.end();
  };
}

interface Databases {
  readonly create: () => Promise<string>;
  readonly end: () => Promise<void>;
}

const databasesOn = (running: string | undefined): Databases => (running === undefined ? onOurOwn() : onARunningOne(running));

function onOurOwn(): Databases {
  let started: Promise<Postgres> | undefined;
  return {
    create: async () => {
      started ??= startPostgres();
      return (await started).newDatabase();
    },
    end: async () => (await started?.catch(() => undefined))?.stop(),
  };
}

function onARunningOne(url: string): Databases {
  const created: string[] = [];
  return {
    create: async () => {
      const database = await createDatabase(url);
      created.push(database);
      return database;
    },
    end: async () => {
      for (const database of created) await dropDatabase(url, database);
    },
  };
}

async function answer(socket: Socket, create: () => Promise<string>): Promise<void> {
  // Who has left meanwhile needs no answer.
  socket.on("error", () => undefined);
  try {
    socket.end(JSON.stringify({ url: await create() }));
  } catch (error) {
    socket.end(JSON.stringify({ error: String(error) }));
  }
}
