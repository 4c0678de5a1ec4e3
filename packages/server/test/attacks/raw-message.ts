/** A raw HTTP/1.1 message of a case. It is never normalised: a malformed message must arrive as it was written. */
export interface RawMessage {
  readonly method: string;
  readonly target: string;
  /** The lines after the request line, as written. */
  readonly fields: readonly string[];
  readonly body: string;
}

export interface Writing {
  readonly host: string;
  /** Ask the server to close, so that the end of the answer is the end of the connection. Raw cases must not. */
  readonly close: boolean;
}

/** Splits a step; undefined when it does not start with a request line. */
export function parseMessage(step: string): RawMessage | undefined {
  const end = step.indexOf("\n\n");
  const head = end < 0 ? step : step.slice(0, end);
  const [requestLine = "", ...fields] = head.split("\n");
  const match = /^([A-Z]+) (.*) HTTP\/1\.1$/.exec(requestLine);
  if (match === null) return undefined;
  return { method: match[1] ?? "", target: match[2] ?? "", fields, body: end < 0 ? "" : step.slice(end + 2) };
}

/** Host and Content-Length are added unless present (fixtures.json, format.request). */
export function bytesOf(message: RawMessage, { host, close }: Writing): Buffer {
  const body = bytesOfText(message.body);
  const fields = [...message.fields];
  if (!hasField(message, "host")) fields.unshift(`Host: ${host}`);
  const framed = hasField(message, "content-length") || hasField(message, "transfer-encoding");
  if (!framed && (body.length > 0 || /^(POST|PUT|PATCH)$/.test(message.method))) fields.push(`Content-Length: ${body.length}`);
  if (close && !hasField(message, "connection")) fields.push("Connection: close");
  const head = [`${message.method} ${message.target} HTTP/1.1`, ...fields, "", ""].join("\r\n");
  return Buffer.concat([bytesOfText(head), body]);
}

/** The value of a header line of the request, undefined when it was not sent. */
export function fieldOf(message: RawMessage, name: string): string | undefined {
  const line = message.fields.find((field) => nameOf(field) === name.toLowerCase());
  return line?.slice(line.indexOf(":") + 1).trim();
}

export function withField(message: RawMessage, line: string): RawMessage {
  return { ...message, fields: [...message.fields.filter((field) => nameOf(field) !== nameOf(line)), line] };
}

const hasField = (message: RawMessage, name: string): boolean => message.fields.some((field) => nameOf(field).trim() === name);
const nameOf = (field: string): string => field.slice(0, Math.max(field.indexOf(":"), 0)).toLowerCase();

/** Bytes that are no UTF-8 travel through the strings of a case as U+F700 to U+F7FF. */
export const rawByte = (byte: number): string => String.fromCharCode(0xf700 + byte);

function bytesOfText(text: string): Buffer {
  const pieces = text.split(/([\uf700-\uf7ff]+)/);
  return Buffer.concat(pieces.map((piece, index) => (index % 2 === 0 ? Buffer.from(piece) : bytesOfMarks(piece))));
}

const bytesOfMarks = (marks: string): Buffer =>
  Buffer.from(Array.from({ length: marks.length }, (_, index) => marks.charCodeAt(index) - 0xf700));
