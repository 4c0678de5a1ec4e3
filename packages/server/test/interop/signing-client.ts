/** A client that an operator makes with its public keys, and that signs its proofs. */
import * as oauth from "oauth4webapi";
import type { RunningServer } from "../running-server.ts";
import { discover, onLoopback } from "./loopback-app.ts";
import { notesApi } from "./notes-api.ts";
import { createClient } from "./operator-client.ts";

/** Gives its `client_id`. The keys go in by stdin. */
export async function createSigner(server: RunningServer, jwks: string, ...flags: readonly string[]): Promise<string> {
  const made = ["--name", "Photo Printer", "--auth-method", "private_key_jwt", "--jwks", "-", ...flags];
  return (await createClient(server, made, jwks)).client_id;
}

export const createSigningService = (server: RunningServer, jwks: string): Promise<string> =>
  createSigner(server, jwks, "--grant-type", "client_credentials");

/** Asks for a token of its own, through oauth4webapi. */
export async function actAsService(
  server: RunningServer,
  client_id: string,
  authentication: oauth.ClientAuth,
): Promise<oauth.TokenEndpointResponse> {
  const found = await discover(server.origin);
  const parameters = new URLSearchParams({ scope: "read", resource: notesApi(server) });
  const response = await oauth.clientCredentialsGrantRequest(found, { client_id }, authentication, parameters, onLoopback);
  return oauth.processClientCredentialsResponse(found, { client_id }, response);
}
