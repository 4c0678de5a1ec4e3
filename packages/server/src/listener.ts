import { createServer, type IncomingMessage, type Server } from "node:http";
import { type Socket, Server as TcpServer } from "node:net";
import type { Duplex } from "node:stream";
import { getRequestListener } from "@hono/node-server";
import { connectionInfo } from "vouchsafe/node";
import type { Environment } from "./environment.ts";
import type { Standalone } from "./main.ts";

/** How long a connection without a request may stay when the server stops: long enough for a busy client's next one. */
const idleFarewell = 1000;

/** A server that answers, and the connections it has. */
export interface Listener {
  readonly server: Server;
  readonly connections: ReadonlySet<Socket>;
  /** Takes no new connections, and resolves once the last of the others has gone. */
  readonly close: () => Promise<void>;
}

/** Listens, and resolves once it does. Rejects where the port is taken. */
export function listen(standalone: Standalone, { values }: Environment): Promise<Listener> {
  const answering = createAnswering(standalone);
  const { server } = answering;
  // The TCP server's own close: the HTTP server's would close idle connections at once.
  const close = (): Promise<void> => new Promise((resolve) => TcpServer.prototype.close.call(server, () => resolve()));
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(values.port, values.host, () => resolve({ ...answering, close }));
  });
}

/** Answers on connections that another process accepted, until `close`. */
export function takeConnections(standalone: Standalone): Listener & { readonly take: (socket: Socket) => void } {
  const answering = createAnswering(standalone);
  const { server, connections } = answering;
  // This is when Node begins to watch for connections that are idle or too slow.
  server.emit("listening");
  return {
    ...answering,
    take: (socket) => void server.emit("connection", socket),
    close: async () => {
      await Promise.all([...connections].map((socket) => new Promise((resolve) => socket.once("close", resolve))));
    },
  };
}

function createAnswering(standalone: Standalone): Pick<Listener, "server" | "connections"> {
  const listener = getRequestListener((request, { incoming }) => standalone.fetch(request, connectionInfo(incoming as IncomingMessage)), {
    autoCleanupIncoming: false,
  });
  const timeouts = { requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 65_000, maxHeaderSize: 16_384 };
  // Two `Authorization` headers become one that nothing accepts, instead of whichever came first.
  const options = { ...timeouts, joinDuplicateHeaders: true };
  const server = createServer(options, (request, response) => {
    // A connection that is told so is closed by its client; one that we close may meet a request on its way.
    if (standalone.isStopping()) response.shouldKeepAlive = false;
    if (request.method !== "GET" && request.method !== "HEAD") response.prependOnceListener("finish", () => lingerUnread(request));
    void listener(request, response);
  });
  server.on("clientError", refuseMessage);
  const connections = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
  });
  return { server, connections };
}

/** How long a client that is still sending has to read its refusal, in milliseconds. */
const lingering = 2000;

/**
 * A body that was not read to its end ends the connection, but later. Closing while something is unread resets the
 * connection, and the reset overtakes the answer: a client that is still sending would never see it. So the answer and the
 * end of our side go out, and the rest waits.
 */
function lingerUnread(request: IncomingMessage): void {
  if (request.complete) return;
  const { socket } = request;
  let isLast = false;
  socket.destroySoon = () => {
    isLast = true;
    socket.end();
  };
  setTimeout(() => {
    Reflect.deleteProperty(socket, "destroySoon");
    if (isLast || !request.complete) socket.destroy();
  }, lingering).unref();
}

/** What is no HTTP gets the shortest answer that a client of ours can read; what it sends after that is not looked at. */
function refuseMessage(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === "ECONNRESET") return void socket.destroy();
  setTimeout(() => socket.destroy(), lingering).unref();
  if (!socket.writable) return;
  const status =
    { HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large", ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout" }[error.code ?? ""] ??
    "400 Bad Request";
  const body = '{"error":"invalid_request","error_description":"The request is malformed."}';
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nCache-Control: no-store\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );
}

/**
 * Stops: no new connections, every request that arrives on an old one is answered, what was accepted is written. Resolves
 * to false where that took longer than the grace time, in milliseconds.
 */
export async function shutDown(listener: Listener, standalone: Standalone, grace: number): Promise<boolean> {
  const { server } = listener;
  standalone.beginStopping();
  await acceptWaiting(server);
  const closed = listener.close().then(() => true);
  const farewell = setInterval(() => closeUnused(listener), Math.min(idleFarewell, grace));
  const inTime = await Promise.race([closed, new Promise<boolean>((resolve) => setTimeout(() => resolve(false), grace).unref())]);
  clearInterval(farewell);
  if (!inTime) server.closeAllConnections();
  await standalone.oauth.close();
  return inTime;
}

/** More connections than wait at once, with a Node that listens as it does where nothing is said. */
const longestQueue = 511;

/** Accepts whoever is connected already: they would be reset. Node accepts one connection in a turn. */
export async function acceptWaiting(server: TcpServer): Promise<void> {
  let accepted = 0;
  const count = (): void => {
    accepted++;
  };
  server.on("connection", count);
  for (let before = -1; accepted > before && accepted < longestQueue; ) {
    before = accepted;
    for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
  server.off("connection", count);
}

/**
 * Closes what waits for a request. Node counts a connection that never sent anything as busy with its first one, and browsers
 * open such connections in advance.
 */
function closeUnused({ server, connections }: Listener): void {
  server.closeIdleConnections();
  for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
}
