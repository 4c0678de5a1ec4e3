/** A developer's web server: it gives out the JSON documents that it is told to, and counts who asks. */
import { once } from "node:events";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { Certificate } from "./self-signed-certificate.ts";

export interface DocumentServer {
  readonly origin: string;
  /** By path. Whatever stands here is given from now on. */
  readonly documents: Map<string, unknown>;
  /** The paths that were asked for, in order. */
  readonly asked: readonly string[];
  readonly close: () => Promise<void>;
}

export async function serveDocuments(certificate?: Certificate): Promise<DocumentServer> {
  const documents = new Map<string, unknown>();
  const asked: string[] = [];
  const answer: RequestListener = (request, response) => {
    const path = request.url ?? "/";
    asked.push(path);
    const found = documents.get(path);
    response.writeHead(found === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(found ?? {}));
  };
  const server = certificate === undefined ? createHttpServer(answer) : createHttpsServer(certificate, answer);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the document server has no port");
  return {
    origin: `${certificate === undefined ? "http" : "https"}://127.0.0.1:${address.port}`,
    documents,
    asked,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
