/** What the network around a server is to be, and what the server did with it: the files between `Network` and `network-spy.ts`. */
export interface NetworkPlan {
  /** What a name resolves to, look-up by look-up; the last answer stays. A name that is not here does not exist. */
  readonly names: Readonly<Record<string, readonly (readonly string[])[]>>;
  /** The port on this machine that stands for an `address:port` of the internet. Silence never answers; all else refuses. */
  readonly routes: Readonly<Record<string, number | "silence">>;
  /** `address:port` of the server's own database: what goes there is no part of the network. */
  readonly database?: string | undefined;
}

/** In the order in which they happened. */
export type NetworkRecord =
  | { readonly lookup: string }
  | { readonly connect: string }
  /** The bytes that came over a connection, when it has been closed. */
  | { readonly read: number };

export const planFile = "network.json";
export const recordFile = "network.log";
