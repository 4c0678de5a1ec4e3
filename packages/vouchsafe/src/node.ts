import type { IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import type { RequestInfo } from "./context.ts";

/** Anything with a `fetch` like an authorization server's. */
export interface Fetcher {
  readonly fetch: (request: Request, info?: RequestInfo) => Response | Promise<Response>;
}

/**
 * A listener for `node:http`, and for whatever hands its requests on, as Express does.
 * @example
 * createServer(nodeListener(oauth)).listen(3000);
 */
export function nodeListener({ fetch }: Fetcher): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return getRequestListener((request, { incoming }) => fetch(request, connectionInfo(incoming as IncomingMessage)), {
    overrideGlobalObjects: false,
  });
}

/** What a connection tells about its other end, read when it is asked for. */
class Connection implements RequestInfo {
  readonly #incoming: IncomingMessage;

  constructor(incoming: IncomingMessage) {
    this.#incoming = incoming;
  }

  get address(): string | undefined {
    return this.#incoming.socket.remoteAddress;
  }
}

export const connectionInfo = (incoming: IncomingMessage): RequestInfo => new Connection(incoming);
