import { type ErrorCode, OAuthError } from "../protocol/errors.ts";
import { type Parameters, parseParameters } from "../protocol/parameters.ts";

/** 64 KiB: more than any protocol message needs. */
const longestBody = 65_536;

/**
 * The parameters of a form body; those in the query do not count. OAuth 2.1 §3.2
 * @throws OAuthError `invalid_request` with 413, 415 or 400
 */
export async function readForm(request: Request, repeatable: readonly string[] = []): Promise<Parameters> {
  const parameters = parseParameters(await readFormText(request), repeatable);
  parameters.refuseDefects();
  return parameters;
}

/** The text of a form body, as it arrived. */
export function readFormText(request: Request): Promise<string> {
  requireMediaType(request, "application/x-www-form-urlencoded");
  return readBody(request);
}

/** A JSON body. @throws OAuthError `invalid_request` with 413 or 415, and the given code where it is no JSON that we take */
export async function readJson(request: Request, malformed: ErrorCode): Promise<unknown> {
  requireMediaType(request, "application/json");
  const text = await readBody(request);
  if (text.includes("\uFFFD") || text.includes("\\u0000")) throw new OAuthError(malformed, "the body has invalid UTF-8 or a NUL");
  try {
    return JSON.parse(text);
  } catch {
    throw new OAuthError(malformed, "the body is not JSON");
  }
}

function requireMediaType(request: Request, expected: string): void {
  const [mediaType = "", ...parameters] = (request.headers.get("content-type") ?? "").split(";");
  const isUtf8 = parameters.every((parameter) => !/^\s*charset\s*=/i.test(parameter) || /^\s*charset\s*=\s*"?utf-8"?\s*$/i.test(parameter));
  if (mediaType.trim().toLowerCase() === expected && isUtf8) return;
  throw new OAuthError("invalid_request", "the content type is wrong", { status: 415, description: `The body must be ${expected}.` });
}

/**
 * The text of a body, and no more than 64 KiB of it, whether or not its length was announced.
 * @throws OAuthError `invalid_request` with 413
 */
export async function readBody(request: Request): Promise<string> {
  const announced = request.headers.get("content-length");
  if (announced !== null) {
    if (Number(announced) > longestBody) refuseLength();
    return request.text();
  }
  return request.body === null ? "" : readChunks(request.body.getReader());
}

/** Leaves the rest unread and the stream open: cancelling it would close the connection before the answer is out. */
async function readChunks(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    length += part.value.length;
    if (length > longestBody) refuseLength();
    chunks.push(part.value);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function refuseLength(): never {
  throw new OAuthError("invalid_request", "the body is longer than 64 KiB", {
    status: 413,
    description: "The body is longer than 65536 bytes.",
  });
}
