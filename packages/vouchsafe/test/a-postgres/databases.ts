/** Empty databases on a PostgreSQL that runs. */
import { randomBytes } from "node:crypto";
import { connectTo } from "./connection.ts";

/** Makes an empty database on the server of `url` and gives its URL. */
export async function createDatabase(url: string): Promise<string> {
  const created = new URL(url);
  created.pathname = `vouchsafe_test_${randomBytes(8).toString("hex")}`;
  // The other strategy ends with a checkpoint of the whole server.
  await command(url, `CREATE DATABASE ${nameIn(created)} TEMPLATE template0 STRATEGY wal_log`);
  return created.href;
}

/** Removes a database that `createDatabase` made, whoever is connected to it. */
export const dropDatabase = (url: string, database: string): Promise<void> =>
  command(url, `DROP DATABASE ${nameIn(new URL(database))} WITH (FORCE)`);

const nameIn = ({ pathname }: URL): string => pathname.slice(1);

async function command(url: string, sql: string): Promise<void> {
  const client = await connectTo(url);
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
