import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import { type AuditEvent, caseTypes, eventTypes } from "./audit.ts";
import { ConfigurationError, type Subscription } from "./config.ts";
import { isLoopbackName } from "./protocol/document-url.ts";

export interface WebhookOptions {
  /** Where events are posted: https, or http on this computer. */
  readonly url: string;
  /** `whsec_` and the base64 of 24 to 64 random bytes, which the receiver has too. */
  readonly secret: string;
  /** Which events. Default: those that are worth looking at each, `caseTypes`. */
  readonly types?: readonly AuditEvent["type"][];
  /** Tells several webhooks apart, also after a restart. Default: `webhook`. */
  readonly name?: string;
}

/**
 * A subscription that posts events to a URL, signed, as JSON: `{"type": …, "timestamp": …, "data": {…}}`, with the names of
 * `data` in snake_case. Whatever is not answered with 2xx is tried again. It may come twice, under the same `webhook-id`,
 * and events may overtake each other. Standard Webhooks 1.0
 * @throws ConfigurationError
 * @example
 * createAuthorizationServer({ ...options, subscriptions: [webhook({ url: "https://example.com/hook", secret: process.env.WEBHOOK_SECRET })] });
 */
export function webhook({ url, secret, types = caseTypes, name = "webhook" }: WebhookOptions): Subscription {
  const bytes = bytesOf(secret);
  const problems = [...problemsOf(url, types), ...(bytes === undefined ? [wrongSecret] : [])];
  if (bytes === undefined || problems.length > 0) throw new ConfigurationError(problems.map((problem) => `webhook ${name}: ${problem}`));
  const key = createSecretKey(bytes);
  return {
    name,
    types,
    deliver: (event, { id, signal }) => post(url, messageOf(event), id, key, signal),
  };
}

async function post(url: string, body: string, id: string, key: KeyObject, signal: AbortSignal): Promise<void> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const headers = {
    "content-type": "application/json",
    "user-agent": "vouchsafe",
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`,
  };
  // A redirect is an answer like any other that is not 2xx: what is signed for one address goes to no other.
  const answer = await fetch(url, { method: "POST", headers, body, redirect: "manual", signal }).catch((error: unknown) => {
    throw new Error(failureOf(error, signal));
  });
  // What it says is nobody's business; it may be endless.
  await answer.body?.cancel().catch(() => {});
  if (!answer.ok) throw new Error(`the receiver answered ${answer.status}`);
}

/** The same text at every attempt. */
function messageOf({ type, at, ...facts }: AuditEvent): string {
  const data = Object.fromEntries(Object.entries(facts).map(([name, value]) => [name.replace(/[A-Z]/g, underscored), value]));
  return JSON.stringify({ type, timestamp: new Date(at).toISOString(), data });
}

const underscored = (letter: string): string => `_${letter.toLowerCase()}`;

/** Without the URL, in which there may be a secret. */
function failureOf(error: unknown, { aborted }: AbortSignal): string {
  if (aborted) return "no answer in time";
  const { code } = (error instanceof Error && error.cause instanceof Error ? error.cause : {}) as { readonly code?: string };
  return `the connection failed: ${code ?? "unknown"}`;
}

function bytesOf(secret: string): Buffer | undefined {
  const [, encoded = ""] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? [];
  const bytes = Buffer.from(encoded, "base64");
  return bytes.length < 24 || bytes.length > 64 ? undefined : bytes;
}

const wrongSecret = "secret: it is not whsec_ and the base64 of 24 to 64 random bytes";

function problemsOf(text: string, types: readonly string[]): readonly string[] {
  const url = URL.parse(text);
  const isSafe = url?.protocol === "https:" || (url?.protocol === "http:" && isLoopbackName(url.hostname));
  const unknown = types.filter((type) => !eventTypes.some((known) => known === type));
  return [
    ...(url === null || !isSafe ? ["url: it is neither https nor on this computer"] : []),
    ...(url !== null && (url.username !== "" || url.password !== "")
      ? ["url: there is a password in it; receivers know us by the signature"]
      : []),
    ...(types.length === 0 ? ["types: without any nothing would ever be sent"] : []),
    ...unknown.map((type) => `types: ${JSON.stringify(type)} is no type of event`),
  ];
}
