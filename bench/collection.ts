import { connectApp } from "./authorization-flow.ts";
import { Connection } from "./connection.ts";
import { registerApp } from "./registration.ts";
import type { Stage } from "./stage.ts";

/** What the collector has: this many apps, each connected this many times. */
const apps = 100;
const connectionsOfEach = 10;

/** As many flows at once. They share commits, which makes the collection a matter of seconds. */
const lanes = 32;

/** Lets the collector connect what is missing of the thousand connections. Resolves to where they are shown. */
export async function collect(stage: Stage): Promise<string> {
  const path = stage.target.paths.connectedApps;
  if (path === undefined) throw new Error(`${stage.target.name} shows no connected apps`);
  const connections = Array.from({ length: lanes }, () => new Connection(stage.place.port));
  try {
    let next = await countApps(connections, stage, path);
    const work = async (connection: Connection): Promise<void> => {
      while (next < apps) await connectOften(connection, stage, `Command-line tool ${next++}`);
    };
    await Promise.all(connections.map(work));
  } finally {
    for (const connection of connections) connection.close();
  }
  return path;
}

async function countApps([connection]: readonly Connection[], { collector }: Stage, path: string): Promise<number> {
  const headers = { cookie: collector.header, accept: "application/json" };
  const answer = await connection?.send({ path, headers, status: 200 });
  const { connected_apps = [] } = JSON.parse(answer?.body.toString() ?? "{}") as { connected_apps?: readonly unknown[] };
  return connected_apps.length;
}

async function connectOften(connection: Connection, stage: Stage, name: string): Promise<void> {
  const app = await registerApp(connection, stage.target, name);
  for (let number = 0; number < connectionsOfEach; number++) await connectApp(connection, stage, stage.collector, app);
}
