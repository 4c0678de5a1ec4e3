import { Client } from "pg";

/** A connection to the database of this URL, to be ended by whoever asked for it. */
export async function connectTo(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  await client.connect();
  return client;
}
