/** A host on which clients have their metadata documents: {doc}. The server under attack believes it to be on the internet. */
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import { createServer as createSilentServer, type Server as SilentServer } from "node:net";
import type { Certificate } from "../interop/self-signed-certificate.ts";
import { documentDomain, good } from "./document-certificates.ts";
import type { Network } from "./network.ts";

/** Gives the document out, or does something else. */
export type Serve = (response: ServerResponse, document: string) => void;

/** The document at this URL; a text stands for itself. */
export type Write = (url: string) => unknown;

export const jsonType = { "content-type": "application/json" };

/** A document with nothing wrong in it. */
export const goodDocument = (url: string) => ({
  client_id: url,
  client_name: "Household Budget",
  redirect_uris: ["https://c.example/cb"],
  grant_types: ["authorization_code", "refresh_token"],
  response_types: ["code"],
  token_endpoint_auth_method: "none",
});

const serveWell: Serve = (response, document) => response.writeHead(200, jsonType).end(document);

export class DocumentHost {
  readonly name: string;
  /** The paths that were asked for, in order. */
  readonly asked: string[] = [];
  /** The most requests that were open at once. */
  mostAtOnce = 0;
  serve: Serve = serveWell;
  write: Write = goodDocument;
  readonly #network: Network;
  readonly #server: Server;
  #silent: SilentServer | undefined;
  #open = 0;

  static async listen(network: Network, label: string): Promise<DocumentHost> {
    const host = new DocumentHost(network, `${label.toLowerCase()}.${documentDomain}`);
    await once(host.#server.listen(0, "127.0.0.1"), "listening");
    host.#lead(host.#server);
    return host;
  }

  private constructor(network: Network, name: string) {
    this.name = name;
    this.#network = network;
    this.#server = createServer(good, (request, response) => {
      this.asked.push(request.url ?? "/");
      this.#open += 1;
      this.mostAtOnce = Math.max(this.mostAtOnce, this.#open);
      response.once("close", () => {
        this.#open -= 1;
      });
      const document = this.write(`https://${name}${request.url}`);
      this.serve(response, typeof document === "string" ? document : JSON.stringify(document));
    });
  }

  /** The client id of the cases. */
  get url(): string {
    return `https://${this.name}/o.json`;
  }

  present(certificate: Certificate): void {
    this.#server.setSecureContext(certificate);
  }

  /** Packets get lost on the way: no connection is ever established. */
  vanish(): void {
    this.#network.lead(this.name, "silence");
  }

  /** Connections are taken, and nothing is ever said on them. */
  async fallSilent(): Promise<void> {
    this.#silent = createSilentServer((socket) => socket.on("error", () => socket.destroy()));
    await once(this.#silent.listen(0, "127.0.0.1"), "listening");
    this.#lead(this.#silent);
  }

  /** From now on everything is as it should be. */
  repair(): void {
    this.serve = serveWell;
    this.write = goodDocument;
    this.present(good);
    this.#lead(this.#server);
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
    this.#silent?.close();
  }

  #lead(server: Server | SilentServer): void {
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("the document host has no port");
    this.#network.lead(this.name, address.port);
  }
}
