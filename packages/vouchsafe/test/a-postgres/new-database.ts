import { connect } from "node:net";
import { json } from "node:stream/consumers";
import { inject } from "vitest";
import "./one-for-all.ts";

/** The URL of an empty database on the PostgreSQL of this run. Whoever asks first waits for it to start. */
export async function newDatabase(): Promise<string> {
  const { url, error } = (await json(connect(inject("newDatabases")))) as { readonly url?: string; readonly error?: string };
  if (url === undefined) throw new Error(`there is no PostgreSQL for the tests: ${error}`);
  return url;
}
