import { connect, type Socket } from "node:net";

export interface Message {
  readonly method?: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as `application/x-www-form-urlencoded`. */
  readonly form?: Readonly<Record<string, string>>;
  /** Sent as `application/json`. */
  readonly json?: object;
  /** The status of a right answer. Any other is an error. */
  readonly status?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly setCookies: readonly string[];
  readonly body: Buffer;
}

/** An answer takes milliseconds. A server that stands still must not hold the run. */
const patience = 30_000;

/**
 * A keep-alive connection of HTTP/1.1 with one request at a time, on a bare socket: where the machine's cores are
 * shared, a client that does more would be measured along with the server.
 */
export class Connection {
  readonly #port: number;
  #socket: Socket | undefined;
  #received: Buffer = Buffer.alloc(0);
  #waiting: PromiseWithResolvers<Answer> | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  /** @throws Error where there is no answer, or one with another status. */
  async send(message: Message): Promise<Answer> {
    const socket = this.#socket ?? (await this.#open());
    const waiting = Promise.withResolvers<Answer>();
    this.#waiting = waiting;
    socket.write(serialised(message, this.#port));
    const answer = await waiting.promise;
    if (message.status !== undefined && answer.status !== message.status) {
      throw new Error(
        `${message.path.split("?", 1)[0]} answered ${answer.status}, not ${message.status}: ${answer.body.toString().slice(0, 300)}`,
      );
    }
    return answer;
  }

  /** Whether the next request goes over a connection that is there already. */
  get isOpen(): boolean {
    return this.#socket !== undefined;
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #open(): Promise<Socket> {
    const { promise, resolve, reject } = Promise.withResolvers<Socket>();
    const socket = connect({ port: this.#port, host: "127.0.0.1", noDelay: true });
    const ended = (error: Error): void => {
      reject(error);
      this.#ended(socket, error);
    };
    socket.setTimeout(patience, () => socket.destroy(new Error("the server stands still")));
    socket.once("connect", () => {
      this.#socket = socket;
      this.#received = Buffer.alloc(0);
      resolve(socket);
    });
    socket.on("data", (data) => this.#take(data));
    socket.once("error", ended);
    socket.once("close", () => ended(new Error("the server closed the connection")));
    return promise;
  }

  #ended(socket: Socket, error: Error): void {
    if (this.#socket === socket) this.#socket = undefined;
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }

  #take(data: Buffer): void {
    this.#received = this.#received.length === 0 ? data : Buffer.concat([this.#received, data]);
    const answer = parseAnswer(this.#received);
    if (answer === undefined) return;
    this.#received = Buffer.alloc(0);
    if (answer.headers.get("connection") === "close") this.close();
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve(answer);
  }
}

function serialised({ method = "GET", path, headers = {}, form, json }: Message, port: number): string {
  let head = `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n`;
  for (const name in headers) head += `${name}: ${headers[name]}\r\n`;
  if (form === undefined && json === undefined) return `${head}\r\n`;
  const body = form === undefined ? JSON.stringify(json) : new URLSearchParams(form).toString();
  const type = form === undefined ? "application/json" : "application/x-www-form-urlencoded";
  return `${head}Content-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

/** The answer that these bytes are; undefined while some are missing. */
function parseAnswer(bytes: Buffer): Answer | undefined {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [statusLine = "", ...lines] = bytes.toString("latin1", 0, end).split("\r\n");
  const headers = new Map<string, string>();
  const setCookies: string[] = [];
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === "set-cookie") setCookies.push(value);
    else headers.set(name, value);
  }
  const rest = bytes.subarray(end + 4);
  const body = headers.get("transfer-encoding") === "chunked" ? unchunked(rest) : sized(rest, Number(headers.get("content-length") ?? 0));
  return body === undefined ? undefined : { status: Number(statusLine.slice(9, 12)), headers, setCookies, body };
}

function sized(bytes: Buffer, length: number): Buffer | undefined {
  return bytes.length < length ? undefined : bytes.subarray(0, length);
}

/** RFC 9112 §7.1, without trailers. */
function unchunked(bytes: Buffer): Buffer | undefined {
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const line = bytes.indexOf("\r\n", at);
    if (line < 0) return undefined;
    const length = Number.parseInt(bytes.toString("latin1", at, line), 16);
    const next = line + 2 + length + 2;
    if (bytes.length < next) return undefined;
    if (length === 0) return Buffer.concat(chunks);
    chunks.push(bytes.subarray(line + 2, line + 2 + length));
    at = next;
  }
}
