import { Connection } from "./connection.ts";
import type { Cookies } from "./cookies.ts";
import { type RunningServer, startMeasured } from "./server-process.ts";
import type { Clients, Place, Target } from "./target.ts";

/** A target that is up, with clients registered and one person signed in per connection. */
export interface Stage {
  readonly target: Target;
  readonly place: Place;
  readonly server: RunningServer;
  readonly clients: Clients;
  readonly browsers: readonly Cookies[];
}

export async function openStage(target: Target, people: number): Promise<Stage> {
  const server = await startMeasured(target, people);
  const { place } = server;
  const clients = await target.populate(place);
  const connection = new Connection(place.port);
  const browsers: Cookies[] = [];
  for (let person = 0; person < people; person++) browsers.push(await target.signIn(connection, place, person));
  connection.close();
  return { target, place, server, clients, browsers };
}
