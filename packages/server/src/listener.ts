import { createServer, type IncomingMessage, type Server } from "node:http";
import { Server as TcpServer } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { connectionInfo } from "vouchsafe/node";
import type { Environment } from "./environment.ts";
import type { Standalone } from "./main.ts";

/** How long a connection without a request may stay when the server stops: long enough for a busy client's next one. */
const idleFarewell = 1000;

/** Listens, and resolves once it does. Rejects where the port is taken. */
export function listen(standalone: Standalone, { values }: Environment): Promise<Server> {
  const listener = getRequestListener((request, { incoming }) => standalone.fetch(request, connectionInfo(incoming as IncomingMessage)));
  const timeouts = { requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 65_000, maxHeaderSize: 16_384 };
  const server = createServer(timeouts, (request, response) => {
    // A connection that is told so is closed by its client; one that we close may meet a request on its way.
    if (standalone.isStopping()) response.shouldKeepAlive = false;
    void listener(request, response);
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(values.port, values.host, () => resolve(server));
  });
}

/**
 * Stops: no new connections, every request that arrives on an old one is answered, what was accepted is written. Resolves
 * to false where that took longer than the grace time, in milliseconds.
 */
export async function shutDown(server: Server, standalone: Standalone, grace: number): Promise<boolean> {
  standalone.beginStopping();
  // The TCP server's own close: the HTTP server's would close idle connections at once.
  const closed = new Promise<boolean>((resolve) => TcpServer.prototype.close.call(server, () => resolve(true)));
  const farewell = setInterval(() => server.closeIdleConnections(), Math.min(idleFarewell, grace));
  const inTime = await Promise.race([closed, new Promise<boolean>((resolve) => setTimeout(() => resolve(false), grace).unref())]);
  clearInterval(farewell);
  if (!inTime) server.closeAllConnections();
  await standalone.oauth.close();
  return inTime;
}
