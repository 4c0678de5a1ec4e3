/** One connection to the server under attack: bytes out, an answer in. */
import { connect } from "node:net";
import { type Answer, parseAnswer } from "./answer.ts";

export interface ExchangeOptions {
  readonly method?: string;
  /** Keep listening after the first answer until nothing comes any more: how smuggled requests show. */
  readonly untilQuiet?: boolean;
  readonly timeout?: number;
  /** Another loopback address to come from. */
  readonly from?: string;
}

const quietMilliseconds = 250;
const slice = 65_536;

/** Sends the bytes and resolves with the first answer, or with status 0 when the connection closed without one. */
export function exchange(port: number, bytes: Buffer, options: ExchangeOptions = {}): Promise<Answer> {
  return new Promise((resolve) => {
    const started = performance.now();
    const received: Buffer[] = [];
    let quiet: NodeJS.Timeout | undefined;
    let settled = false;
    const socket = connect({ port, host: "127.0.0.1", ...(options.from === undefined ? {} : { localAddress: options.from }) });
    const deadline = setTimeout(() => finish(true), options.timeout ?? 10_000);

    const finish = (closed: boolean): void => {
      if (settled) return;
      const elapsed = performance.now() - started;
      const answer = parseAnswer(Buffer.concat(received), options.method ?? "GET", closed, elapsed);
      if (answer === undefined) return;
      settled = true;
      clearTimeout(deadline);
      clearTimeout(quiet);
      socket.destroy();
      resolve(answer);
    };

    socket.on("data", (data) => {
      received.push(data);
      if (options.untilQuiet !== true) return finish(false);
      clearTimeout(quiet);
      quiet = setTimeout(() => finish(true), quietMilliseconds);
    });
    // A reset after the answer is common when the server refuses a body unread; what had arrived counts.
    socket.on("error", () => finish(true));
    socket.on("close", () => finish(true));
    socket.on("end", () => finish(true));
    // In slices, so that an answer which comes before the end is read before the next write fails.
    const write = (from: number): void => {
      if (settled || received.length > 0 || from >= bytes.length) return;
      socket.write(bytes.subarray(from, from + slice), () => setImmediate(write, from + slice));
    };
    write(0);
  });
}
