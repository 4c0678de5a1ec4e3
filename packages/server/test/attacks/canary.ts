/** A loopback listener that nobody may contact: {canary}. */
import { createServer, type Server } from "node:http";

export class Canary {
  readonly #server: Server;
  contacts = 0;

  static async listen(): Promise<Canary> {
    const canary = new Canary();
    await new Promise<void>((resolve) => canary.#server.listen(0, "127.0.0.1", resolve));
    return canary;
  }

  private constructor() {
    this.#server = createServer((_, response) => response.end());
    // A connection is enough, whatever is spoken on it.
    this.#server.on("connection", () => {
      this.contacts += 1;
    });
    this.#server.unref();
  }

  get address(): string {
    const address = this.#server.address();
    return `127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  }

  close(): void {
    this.#server.close();
  }
}
