import { type Members, parseMembers } from "./json.ts";

/** An HTTP answer as it came over the socket. */
export interface Answer {
  /** 0: the connection was closed without an answer. */
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  readonly milliseconds: number;
  /** What followed the first answer on the same connection. */
  readonly rest: string;
}

export const noAnswer = (milliseconds: number): Answer => ({ status: 0, headers: [], body: "", milliseconds, rest: "" });

export const allHeaders = (answer: Answer, name: string): string[] =>
  answer.headers.filter(([key]) => key.toLowerCase() === name.toLowerCase()).map(([, value]) => value);

export function header(answer: Answer, name: string): string | undefined {
  const values = allHeaders(answer, name);
  return values.length === 0 ? undefined : values.join(", ");
}

/** The members of a JSON body. */
export const jsonOf = (answer: Answer): Members => parseMembers(answer.body);

export function memberOf(answer: Answer, name: string): string | undefined {
  const value = jsonOf(answer)[name];
  return typeof value === "string" ? value : undefined;
}

/** Reads the first answer out of what has arrived; undefined while it is incomplete. */
export function parseAnswer(bytes: Buffer, method: string, closed: boolean, milliseconds: number): Answer | undefined {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return closed ? noAnswer(milliseconds) : undefined;
  const [statusLine = "", ...lines] = bytes.subarray(0, end).toString("latin1").split("\r\n");
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(statusLine)?.[1] ?? 0);
  const headers = lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()] as const);
  const answer: Answer = { status, headers, body: "", milliseconds, rest: "" };
  const payload = bytes.subarray(end + 4);
  const body = bodyOf(answer, payload, method, closed);
  if (body === undefined) return undefined;
  return { ...answer, body: body.content.toString("utf8"), rest: payload.subarray(body.length).toString("latin1") };
}

interface Body {
  readonly content: Buffer;
  readonly length: number;
}

function bodyOf(answer: Answer, payload: Buffer, method: string, closed: boolean): Body | undefined {
  const bodiless = method === "HEAD" || answer.status === 204 || answer.status === 304 || answer.status < 200;
  if (bodiless) return { content: Buffer.alloc(0), length: 0 };
  if (/chunked/i.test(header(answer, "transfer-encoding") ?? "")) return chunkedBody(payload, closed);
  const length = Number(header(answer, "content-length") ?? Number.NaN);
  if (Number.isNaN(length)) return closed ? { content: payload, length: payload.length } : undefined;
  if (payload.length < length && !closed) return undefined;
  return { content: payload.subarray(0, length), length };
}

function chunkedBody(payload: Buffer, closed: boolean): Body | undefined {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = payload.indexOf("\r\n", at);
    if (lineEnd < 0) return closed ? { content: Buffer.concat(chunks), length: payload.length } : undefined;
    const size = Number.parseInt(payload.subarray(at, lineEnd).toString("latin1"), 16);
    const start = lineEnd + 2;
    if (Number.isNaN(size) || payload.length < start + size + 2)
      return closed ? { content: Buffer.concat(chunks), length: payload.length } : undefined;
    if (size === 0) return { content: Buffer.concat(chunks), length: start + 2 };
    chunks.push(payload.subarray(start, start + size));
    at = start + size + 2;
  }
}
