/** A load balancer as small as one can be: requests go to one server after the other, as HTTP, with the address they came from. */
import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

export interface Balancer {
  readonly origin: string;
  /** Which server answered, as its place in the list, with what: `POST /oauth/token`. In the order of the answers. */
  readonly answered: readonly { readonly what: string; readonly by: number }[];
  /** Servers that are started after their balancer, because they have its address as their issuer. */
  readonly balance: (servers: readonly string[]) => void;
  readonly stop: () => Promise<void>;
}

export async function startBalancer(): Promise<Balancer> {
  let servers: readonly string[] = [];
  let turn = 0;
  const answered: { what: string; by: number }[] = [];
  const listener = createServer((incoming, outgoing) => {
    const first = turn++;
    const order = servers.map((_, place) => (first + place) % servers.length);
    void forward(incoming, outgoing, order, (by) => servers[by] ?? "").then((by) => {
      if (by !== undefined) answered.push({ what: `${incoming.method} ${incoming.url?.split("?")[0]}`, by });
    });
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  return {
    origin: `http://localhost:${(listener.address() as AddressInfo).port}`,
    answered,
    balance: (given) => {
      servers = given;
    },
    stop: async () => {
      listener.close();
      listener.closeAllConnections();
      await once(listener, "close");
    },
  };
}

/** Resolves to the place of the server that answered. Another is asked only where nothing was sent yet: what was sent may have been done. */
async function forward(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  order: readonly number[],
  serverAt: (place: number) => string,
): Promise<number | undefined> {
  const body = await buffer(incoming);
  for (const place of order) {
    const outcome = await send(incoming, body, serverAt(place), outgoing);
    if (outcome !== "refused") return outcome === "answered" ? place : undefined;
  }
  outgoing.writeHead(502).end();
  return undefined;
}

type Outcome = "answered" | "refused" | "broken";

function send(incoming: IncomingMessage, body: Buffer, server: string, outgoing: ServerResponse): Promise<Outcome> {
  const { method, url = "/", headers } = incoming;
  const before = headers["x-forwarded-for"];
  const from = [...(before === undefined ? [] : [before].flat()), incoming.socket.remoteAddress ?? ""].join(", ");
  return new Promise((resolve) => {
    const forwarded = request(`${server}${url}`, { method, headers: { ...headers, "x-forwarded-for": from }, agent: false });
    forwarded.once("response", (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.rawHeaders);
      response.pipe(outgoing);
      response.once("end", () => resolve("answered"));
      // Half an answer is none.
      response.once("error", () => {
        outgoing.destroy();
        resolve("broken");
      });
    });
    forwarded.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ECONNREFUSED") return resolve("refused");
      if (!outgoing.headersSent) outgoing.writeHead(502).end();
      resolve("broken");
    });
    forwarded.end(body);
  });
}
