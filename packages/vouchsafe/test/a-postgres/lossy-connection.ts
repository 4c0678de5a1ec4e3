/** A way to the PostgreSQL of the tests on which answers can get lost. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A message of the server: its type, one letter, and what it says. */
export interface ServerMessage {
  readonly type: string;
  readonly body: Buffer;
}

/** What becomes of a message, and of all behind it: it goes on, the connection breaks in its place, or nothing ever comes any more. */
export type Fate = "passes" | "breaks" | "hangs" | Buffer;

export interface LossyConnection {
  readonly url: string;
  /** How many connections are open. */
  count(): number;
  close(): Promise<void>;
}

/** Listens on a port of 127.0.0.1 and leads to `url`. `fateOf` is asked for every message of the server. A buffer takes its place, and then the connection ends. */
export async function lossyConnection(url: string, fateOf: (message: ServerMessage) => Fate): Promise<LossyConnection> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  const listener = createServer((client) => {
    const server = connect(Number(port), hostname);
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket
        .on("error", () => undefined)
        .on("close", () => {
          sockets.delete(socket);
          client.destroy();
          server.destroy();
        });
    }
    client.pipe(server);
    lead(server, client, fateOf);
  }).listen(0, "127.0.0.1");
  await once(listener, "listening");
  const lossy = new URL(url);
  lossy.port = String((listener.address() as AddressInfo).port);
  return {
    url: lossy.href,
    count: () => sockets.size / 2,
    close: async () => {
      listener.close();
      for (const socket of sockets) socket.destroy();
      await once(listener, "close");
    },
  };
}

function lead(server: Socket, client: Socket, fateOf: (message: ServerMessage) => Fate): void {
  let waiting = Buffer.alloc(0);
  let isOver = false;
  server.on("data", (data) => {
    waiting = Buffer.concat([waiting, data]);
    while (!isOver && waiting.length >= 5 && waiting.length > waiting.readUInt32BE(1)) {
      const end = waiting.readUInt32BE(1) + 1;
      const fate = fateOf({ type: String.fromCharCode(waiting[0] ?? 0), body: waiting.subarray(5, end) });
      if (fate === "passes") client.write(waiting.subarray(0, end));
      else isOver = true;
      if (fate === "breaks") client.destroySoon();
      else if (typeof fate !== "string") client.end(fate);
      waiting = waiting.subarray(end);
    }
  });
}

/** The server's word that it ends, as it comes in place of an answer. */
export function farewell(): Buffer {
  const fields = Buffer.from("SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0");
  const head = Buffer.alloc(5, "E");
  head.writeUInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}
