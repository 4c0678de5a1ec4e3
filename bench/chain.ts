import { connectApp, parseTokens, resourceOf } from "./authorization-flow.ts";
import { Connection } from "./connection.ts";
import { type Cost, costBetween, readWork } from "./cost.ts";
import type { Field } from "./field.ts";
import { median } from "./summary.ts";

/** What a refresh costs at the beginning of a chain, and at its end. */
export interface ChainCosts {
  readonly first: Cost;
  readonly last: Cost;
  /** Medians of what was measured side by side. */
  readonly ratio: number;
}

/** So many refreshes are compared, in so many turns, of so many chains at once. */
const [compared, turns, lanes] = [100, 10, 8];

/**
 * Chains that are as long as that, but for their last hundred refreshes; then those, in turn with the first hundred of new
 * chains: the length is all they differ in, not the hour nor the size of the table.
 */
export async function measureChain({ stage }: Field, refreshes: number): Promise<ChainCosts> {
  const connections = Array.from({ length: lanes }, () => new Connection(stage.place.port));
  try {
    const long = await newChains(stage, connections);
    await Promise.all(long.map((chain) => advance(chain, Math.max(0, refreshes - compared))));
    const fresh = await newChains(stage, connections);
    const slices: { readonly first: Cost; readonly last: Cost }[] = [];
    for (let turn = 0; turn < turns; turn++) {
      const last = await measured(stage, long);
      slices.push({ first: await measured(stage, fresh), last });
    }
    const costs = (of: "first" | "last"): Cost => ({
      server: median(slices.map((slice) => slice[of].server)),
      database: median(slices.map((slice) => slice[of].database)),
    });
    const [first, last] = [costs("first"), costs("last")];
    return { first, last, ratio: median(slices.map((slice) => total(slice.last) / total(slice.first))) };
  } finally {
    for (const connection of connections) connection.close();
  }
}

interface Chain {
  readonly refresh: () => Promise<void>;
}

async function newChains(stage: Field["stage"], connections: readonly Connection[]): Promise<readonly Chain[]> {
  return Promise.all(
    connections.map(async (connection, lane) => {
      const browser = stage.browsers[lane % stage.browsers.length];
      if (browser === undefined) throw new Error("nobody is signed in");
      let { refreshToken } = await connectApp(connection, stage, browser);
      const refresh = async (): Promise<void> => {
        const form = { grant_type: "refresh_token", client_id: stage.clients.app, refresh_token: refreshToken, ...resourceOf(stage) };
        ({ refreshToken } = parseTokens(await connection.send({ method: "POST", path: stage.target.paths.token, form, status: 200 })));
      };
      return { refresh };
    }),
  );
}

async function measured(stage: Field["stage"], chains: readonly Chain[]): Promise<Cost> {
  const before = await readWork(stage);
  await Promise.all(chains.map((chain) => advance(chain, compared / turns)));
  return costBetween(before, await readWork(stage), (compared / turns) * chains.length);
}

async function advance({ refresh }: Chain, refreshes: number): Promise<void> {
  for (let done = 0; done < refreshes; done++) await refresh();
}

const total = ({ server, database }: Cost): number => server + database;
