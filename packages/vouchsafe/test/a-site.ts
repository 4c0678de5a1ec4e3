/** A website on this computer that has clients' documents and keys, and a server that may fetch them. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { type App, aServer, type Server } from "./a-server.ts";

export type Reply = (request: IncomingMessage, response: ServerResponse) => void;

export interface Site {
  readonly host: string;
  readonly origin: string;
  /** The paths that were asked for, in their order. */
  readonly asked: string[];
  /** What is answered at a path; anything else is 404. */
  readonly replies: Map<string, Reply>;
}

/** A site of the test's own, gone when the test is. */
export async function aSite(): Promise<Site> {
  const asked: string[] = [];
  const replies = new Map<string, Reply>();
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    (replies.get(request.url ?? "") ?? status(404))(request, response);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { host, origin: `http://${host}`, asked, replies };
}

export const status =
  (code: number, headers: Readonly<Record<string, string>> = {}): Reply =>
  (_, response) => {
    response.writeHead(code, { "content-type": "application/json", ...headers }).end("{}");
  };

export const json =
  (body: unknown, headers: Readonly<Record<string, string>> = {}): Reply =>
  (_, response) => {
    response.writeHead(200, { "content-type": "application/json", ...headers }).end(typeof body === "string" ? body : JSON.stringify(body));
  };

/** An answer that waits until it is let go; `arrived` resolves when somebody waits for it. */
export function held(reply: Reply): { reply: Reply; arrived: Promise<void>; letGo: () => void } {
  const arrived = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  return {
    reply: (request, response) => {
      arrived.resolve();
      void gate.promise.then(() => reply(request, response));
    },
    arrived: arrived.promise,
    letGo: gate.resolve,
  };
}

/** A server with an issuer on this computer, which alone may fetch from this computer. */
export const aLocalServer = (options: Parameters<typeof aServer>[0] = {}): Server =>
  aServer({ issuer: "http://localhost:4000", clientIdMetadata: { allowLoopback: true }, ...options });

/** A photo printer's document, as its site publishes it. */
export const printerDocument = (site: Site, more: Readonly<Record<string, unknown>> = {}, path = "/client.json") => ({
  client_id: site.origin + path,
  client_name: "Photo printer",
  redirect_uris: ["https://printer.example/callback"],
  token_endpoint_auth_method: "none",
  grant_types: ["authorization_code", "refresh_token"],
  ...more,
});

/** Publishes the document; what came of it is the app that it describes. */
export function publish(
  site: Site,
  more: Readonly<Record<string, unknown>> = {},
  headers: Readonly<Record<string, string>> = {},
  path = "/client.json",
): App {
  const document = printerDocument(site, more, path);
  site.replies.set(path, json(document, headers));
  return { id: site.origin + path, secret: "", method: "none", redirectUri: document.redirect_uris[0] ?? "" };
}
