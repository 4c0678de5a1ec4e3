/** A client that an operator makes with the command, and what its developer is then given. */
import type { RunningServer } from "../running-server.ts";

export interface OperatorClient {
  readonly client_id: string;
  /** Empty for a client that keeps none. */
  readonly client_secret: string;
}

export async function createClient(server: RunningServer, flags: readonly string[], input?: string): Promise<OperatorClient> {
  const created = await server.command(["clients", "create", ...flags, "--json"], input);
  if (created.code !== 0) throw new Error(`no client: ${created.stderr}`);
  return { client_secret: "", ...(JSON.parse(created.stdout) as { client_id: string; client_secret?: string }) };
}

/** A service, which acts for itself and for nobody. */
export const createService = (server: RunningServer, method: string): Promise<OperatorClient> =>
  createClient(server, ["--name", "Night Backup", "--auth-method", method, "--grant-type", "client_credentials"]);

/** A web app with a secret, to which people come back at this address. */
export const createWebApp = (server: RunningServer, redirectUri: string, method = "client_secret_basic"): Promise<OperatorClient> =>
  createClient(server, ["--name", "Photo Printer", "--auth-method", method, "--redirect-uri", redirectUri]);
