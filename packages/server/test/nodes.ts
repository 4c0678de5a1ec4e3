/** Several server processes over one database, behind a balancer whose address is their issuer. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Balancer, startBalancer } from "./a-balancer.ts";
import { type RunningServer, startServer } from "./running-server.ts";

export interface Nodes extends Pick<Balancer, "origin" | "answered"> {
  readonly nodes: readonly RunningServer[];
  /** Starts a node that has ended again, at its old address. */
  readonly startAgain: (place: number) => Promise<void>;
  readonly stop: () => Promise<void>;
}

export async function startNodes(count: number, databaseUrl: string, environment: Record<string, string> = {}): Promise<Nodes> {
  const directory = mkdtempSync(join(tmpdir(), "vouchsafe-nodes-"));
  const balancer = await startBalancer();
  const start = (port?: number): Promise<RunningServer> =>
    startServer({
      directory,
      ...(port === undefined ? {} : { port }),
      environment: {
        DATABASE_URL: databaseUrl,
        OAUTH_ISSUER: balancer.origin,
        OAUTH_SECRET: "the-secret-that-all-of-the-nodes-have",
        OAUTH_TRUST_PROXY: "1",
        ...environment,
      },
    });
  const nodes = await Promise.all(Array.from({ length: count }, () => start()));
  balancer.balance(nodes.map(({ origin }) => origin));
  return {
    origin: balancer.origin,
    answered: balancer.answered,
    nodes,
    startAgain: async (place) => {
      nodes[place] = await start(Number(new URL(nodes[place]?.origin ?? "").port));
    },
    stop: async () => {
      await balancer.stop();
      await Promise.all(nodes.map((node) => node.stop()));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
