/** Where a native app waits for its answer: a listener on the person's own computer, on any free port. RFC 8252 §7.3 */
import { once } from "node:events";
import { createServer } from "node:http";

export interface LoopbackCallback {
  readonly redirectUri: string;
  /** Every answer that has arrived so far, in order. */
  readonly arrivals: readonly URLSearchParams[];
  /** The next answer that nobody has taken yet. Fails when none comes within the time (milliseconds). */
  readonly next: (within?: number) => Promise<URLSearchParams>;
  readonly close: () => Promise<void>;
}

export async function listenForCallback(): Promise<LoopbackCallback> {
  const arrivals: URLSearchParams[] = [];
  let taken = 0;
  const listener = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    if (url.pathname === "/callback") arrivals.push(url.searchParams);
    response.writeHead(url.pathname === "/callback" ? 200 : 404, { "content-type": "text/html; charset=utf-8" });
    response.end('<!doctype html><html lang="en"><title>Connected</title><p>You can close this window.</p></html>');
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const address = listener.address();
  if (address === null || typeof address === "string") throw new Error("the callback has no port");
  return {
    redirectUri: `http://127.0.0.1:${address.port}/callback`,
    arrivals,
    next: async (within = 5_000) => {
      for (const end = Date.now() + within; Date.now() < end; ) {
        const arrival = arrivals[taken];
        if (arrival !== undefined) {
          taken += 1;
          return arrival;
        }
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      throw new Error(`nobody arrived at the client within ${within} ms`);
    },
    close: async () => {
      listener.closeAllConnections();
      listener.close();
      await once(listener, "close");
    },
  };
}
