import { Connection } from "./connection.ts";
import type { Cookies } from "./cookies.ts";
import { type RunningServer, startMeasured } from "./server-process.ts";
import type { Clients, Place, Target } from "./target.ts";

/** A target that is up, with clients registered, one person signed in per connection, and one beside them. */
export interface Stage {
  readonly target: Target;
  readonly place: Place;
  readonly server: RunningServer;
  readonly clients: Clients;
  readonly browsers: readonly Cookies[];
  /** Of a person who does nothing else than connect many apps. */
  readonly collector: Cookies;
}

export async function openStage(target: Target, connections: number): Promise<Stage> {
  const server = await startMeasured(target, connections + 1);
  const { place } = server;
  const clients = await target.populate(place);
  const connection = new Connection(place.port);
  const browsers: Cookies[] = [];
  for (let person = 0; person < connections; person++) browsers.push(await target.signIn(connection, place, person));
  const collector = await target.signIn(connection, place, connections);
  connection.close();
  return { target, place, server, clients, browsers, collector };
}
