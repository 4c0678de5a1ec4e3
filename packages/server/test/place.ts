/** A folder with a server that is stopped and started again on the same port, for what happens to its database meanwhile. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environmentOf, type Finished, type RunningServer, runCommand, startServer } from "./running-server.ts";

const places = new Set<Place>();

export class Place {
  readonly directory = mkdtempSync(join(tmpdir(), "vouchsafe-place-"));
  readonly port: number;
  readonly environment: Record<string, string>;
  #running: RunningServer | undefined;

  constructor(port: number, environment: Record<string, string> = {}) {
    this.port = port;
    this.environment = { OAUTH_RATE_LIMITS: "off", ...environment };
    places.add(this);
  }

  static async stopAll(): Promise<void> {
    for (const place of places) await place.stop();
  }

  static async removeAll(): Promise<void> {
    await Place.stopAll();
    for (const { directory } of places) rmSync(directory, { recursive: true, force: true });
    places.clear();
  }

  get origin(): string {
    return `http://localhost:${this.port}`;
  }

  file(name: string): string {
    return join(this.directory, name);
  }

  async serve(): Promise<RunningServer> {
    this.#running = await startServer({ directory: this.directory, port: this.port, environment: this.environment });
    return this.#running;
  }

  async stop(): Promise<void> {
    await this.#running?.stop();
    this.#running = undefined;
  }

  run(args: readonly string[], environment: Record<string, string> = {}, input?: string): Promise<Finished> {
    const env = environmentOf(this.directory, this.port, { ...this.environment, ...environment });
    return runCommand(args, { cwd: this.directory, env, ...(input === undefined ? {} : { input }) });
  }
}
