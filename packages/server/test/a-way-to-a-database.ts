/** A way to a database that can stand still, as a network or a machine does: nothing is refused, and nothing arrives. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface Way {
  /** The database's, by this way. */
  readonly url: string;
  readonly standStill: () => void;
  readonly goOn: () => void;
  readonly close: () => void;
}

export async function wayTo(url: string): Promise<Way> {
  const { hostname, port } = new URL(url);
  const ends = new Map<Socket, Socket>();
  let isStill = false;
  const listener = createServer((here) => {
    const there = connect(Number(port), hostname);
    for (const [from, to] of [
      [here, there],
      [there, here],
    ] as const) {
      ends.set(from, to);
      from.on("error", () => to.destroy()).on("close", () => ends.delete(from) && to.destroy());
      if (!isStill) from.pipe(to);
    }
  }).listen(0, "127.0.0.1");
  await once(listener, "listening");
  const way = new URL(url);
  way.host = `127.0.0.1:${(listener.address() as AddressInfo).port}`;
  return {
    url: way.href,
    standStill: () => {
      isStill = true;
      for (const [from, to] of ends) from.unpipe(to).pause();
    },
    goOn: () => {
      isStill = false;
      for (const [from, to] of ends) from.pipe(to);
    },
    close: () => {
      listener.close();
      for (const end of ends.keys()) end.destroy();
    },
  };
}
