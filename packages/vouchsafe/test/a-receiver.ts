/** A receiver of webhooks on this computer, which believes nothing that is not signed. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

interface Message {
  readonly id: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: { readonly type: string; readonly timestamp: string; readonly data: Readonly<Record<string, unknown>> };
  /** Whether the signature is of this id, time and body, under the receiver's secret. */
  readonly isGenuine: boolean;
}

export interface Receiver {
  readonly url: string;
  readonly secret: string;
  /** Everything that came, whatever was answered. */
  readonly messages: readonly Message[];
  /** How it answers from now on. */
  answer: (response: ServerResponse, message: Message) => void;
}

export const answering =
  (status: number, headers: Readonly<Record<string, string>> = {}) =>
  (response: ServerResponse): void => {
    response.writeHead(status, headers).end();
  };

const key = Buffer.from("thirty-two bytes for a test, ok!");

/** A receiver of the test's own, gone when the test is. */
export async function aReceiver(): Promise<Receiver> {
  const messages: Message[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const message = read(request.headers, Buffer.concat(chunks).toString("utf8"));
      messages.push(message);
      receiver.answer(response, message);
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    secret: `whsec_${key.toString("base64")}`,
    messages,
    answer: answering(204),
  };
  return receiver;
}

/** Standard Webhooks, "Verifying webhook authenticity" */
function read(headers: IncomingHttpHeaders, text: string): Message {
  const id = String(headers["webhook-id"]);
  const hmac = createHmac("sha256", key);
  for (const part of [id, ".", String(headers["webhook-timestamp"]), ".", text]) hmac.update(part);
  const expected = hmac.digest();
  const isGenuine = String(headers["webhook-signature"])
    .split(" ")
    .map((signature) => signature.split(","))
    .some(([version, mark = ""]) => version === "v1" && sameBytes(Buffer.from(mark, "base64"), expected));
  return { id, headers, text, body: JSON.parse(text) as Message["body"], isGenuine };
}

const sameBytes = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);
