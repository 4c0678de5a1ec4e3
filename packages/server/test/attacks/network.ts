/** The network around one server: what its names resolve to and where its connections lead. Nothing leaves this machine. */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type NetworkPlan, type NetworkRecord, planFile, recordFile } from "./network-plan.ts";

const certificates = "trusted.pem";

export class Network {
  readonly #directory: string;
  readonly #database: string | undefined;
  readonly #names = new Map<string, readonly (readonly string[])[]>();
  readonly #routes = new Map<string, number | "silence">();

  /** Before the server is started: it reads these files. `database`: the `address:port` of the server's own, if it has one. */
  constructor(directory: string, trustedCertificates: string, database: string | undefined) {
    this.#directory = directory;
    this.#database = database;
    writeFileSync(join(directory, certificates), trustedCertificates);
    this.#write();
  }

  /** The variables that a server needs to be in this network. */
  static readonly environment: Readonly<Record<string, string>> = {
    NODE_OPTIONS: `--import=${new URL("network-spy.ts", import.meta.url).href}`,
    NODE_EXTRA_CA_CERTS: certificates,
  };

  /** What the name resolves to, look-up by look-up. */
  resolve(name: string, answers: readonly (readonly string[])[]): void {
    this.#names.set(name, answers);
    this.#write();
  }

  /** Makes the name a host of the public internet: what is connected to by https arrives at this port of ours. */
  lead(name: string, port: number | "silence"): void {
    const known = this.#names.get(name)?.[0]?.[0];
    const index = this.#names.size;
    const address = known ?? `93.184.${index >> 8}.${index & 255}`;
    this.#routes.set(`${address}:443`, port);
    this.resolve(name, [[address]]);
  }

  /** What the server has done so far. */
  get records(): readonly NetworkRecord[] {
    const path = join(this.#directory, recordFile);
    if (!existsSync(path)) return [];
    const lines = readFileSync(path, "utf8").split("\n");
    return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as NetworkRecord);
  }

  #write(): void {
    const plan: NetworkPlan = {
      names: Object.fromEntries(this.#names),
      routes: Object.fromEntries(this.#routes),
      database: this.#database,
    };
    // In one step: the server may be reading.
    const path = join(this.#directory, planFile);
    writeFileSync(`${path}.new`, JSON.stringify(plan));
    renameSync(`${path}.new`, path);
  }
}
