import { StorageError } from "vouchsafe";
import { OAuthError } from "vouchsafe/pages";
import { BadInput, Conflict, NotFound } from "../operator/operator.ts";

type Headers = Readonly<Record<string, string>>;

/** What every answer of the admin API carries. */
export const apiHeaders = (isSecure: boolean): Headers => ({
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  ...(isSecure ? { "strict-transport-security": "max-age=31536000; includeSubDomains" } : {}),
});

/** The JSON that a refusal becomes. What is no refusal is a failure of ours, and said to the operator alone. */
export function refusalResponse(error: unknown, headers: Headers, onFailure: (error: unknown) => void): Response {
  const operatorStatus = statusOf(error);
  if (operatorStatus !== undefined) return refusal(operatorStatus, "invalid_request", (error as Error).message, headers);
  const refused = error instanceof OAuthError ? error : failure(error, onFailure);
  const { code, status, description, options } = refused;
  const wait: Headers = options.retryAfter === undefined ? {} : { "retry-after": String(options.retryAfter) };
  return refusal(status, code, description, { ...headers, ...options.headers, ...wait });
}

/** What an operator got wrong. */
function statusOf(error: unknown): number | undefined {
  if (error instanceof BadInput) return 400;
  if (error instanceof NotFound) return 404;
  return error instanceof Conflict ? 409 : undefined;
}

function failure(error: unknown, onFailure: (error: unknown) => void): OAuthError {
  onFailure(error);
  return error instanceof StorageError
    ? new OAuthError("temporarily_unavailable", "storage failed", { retryAfter: 1 })
    : new OAuthError("server_error", "an unexpected error");
}

const refusal = (status: number, error: string, description: string, headers: Headers): Response =>
  Response.json({ error, error_description: describable(description) }, { status, headers });

/** A description has no quotes, no backslash and nothing but ASCII. RFC 6749 §5.2 */
const describable = (description: string): string => description.replaceAll('"', "'").replace(/[^\x20-\x21\x23-\x5B\x5D-\x7E]/g, "?");
