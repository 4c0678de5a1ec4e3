/** An app that asks for access: its client, its PKCE pair, its requests. */
import { createHash, randomBytes } from "node:crypto";
import type { Person } from "./person.ts";
import type { RunningServer } from "./running-server.ts";

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly expires_in: number;
  readonly scope: string;
  readonly token_type: string;
}

export const formHeaders = { "content-type": "application/x-www-form-urlencoded" };

export class App {
  readonly redirectUri = "http://127.0.0.1:9/callback";
  readonly verifier = randomBytes(32).toString("base64url");
  readonly server: Pick<RunningServer, "origin">;
  readonly clientId: string;

  constructor(server: Pick<RunningServer, "origin">, clientId: string) {
    this.server = server;
    this.clientId = clientId;
  }

  /** An app that registers itself. RFC 7591 */
  static async register(server: Pick<RunningServer, "origin">, metadata: Record<string, unknown> = {}): Promise<App> {
    const response = await fetch(`${server.origin}/oauth/register`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        client_name: "Budget app",
        redirect_uris: ["http://127.0.0.1/callback"],
        token_endpoint_auth_method: "none",
        grant_types: ["authorization_code", "refresh_token"],
        ...metadata,
      }),
    });
    if (response.status !== 201) throw new Error(`registration: ${response.status} ${await response.text()}`);
    const { client_id: clientId } = (await response.json()) as { client_id: string };
    return new App(server, clientId);
  }

  /** The path and query of an authorization request. */
  request(parameters: Record<string, string | undefined> = {}): string {
    const query = {
      response_type: "code",
      client_id: this.clientId,
      redirect_uri: this.redirectUri,
      scope: "read",
      state: "st-1",
      code_challenge: createHash("sha256").update(this.verifier).digest("base64url"),
      code_challenge_method: "S256",
      resource: `${this.server.origin}/api/notes`,
      ...parameters,
    };
    return `/oauth/authorize?${new URLSearchParams(Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined))}`;
  }

  token(form: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.server.origin}/oauth/token`, {
      method: "POST",
      headers: { ...formHeaders, ...headers },
      body: new URLSearchParams({ client_id: this.clientId, ...form }),
    });
  }

  redeem(code: string, more: Record<string, string> = {}): Promise<Response> {
    return this.token({ grant_type: "authorization_code", code, code_verifier: this.verifier, redirect_uri: this.redirectUri, ...more });
  }

  refresh(refreshToken: string, more: Record<string, string> = {}): Promise<Response> {
    return this.token({ grant_type: "refresh_token", refresh_token: refreshToken, ...more });
  }

  /** A code, by the person's decision on the consent page. */
  async code(
    person: Person,
    parameters: Record<string, string | undefined> = {},
    decision: Record<string, string | readonly string[]> = {},
  ): Promise<string> {
    const consent = await person.open(this.request(parameters));
    const target = await person.decide(consent, "allow", { scope: (parameters["scope"] ?? "read").split(" "), ...decision });
    const code = target.searchParams.get("code");
    if (code === null) throw new Error(`no code: ${target}`);
    return code;
  }

  /** Tokens, by a whole flow. */
  async connect(
    person: Person,
    parameters: Record<string, string | undefined> = {},
    decision: Record<string, string | readonly string[]> = {},
  ): Promise<Tokens> {
    const response = await this.redeem(await this.code(person, parameters, decision));
    if (response.status !== 200) throw new Error(`token: ${response.status} ${await response.text()}`);
    return (await response.json()) as Tokens;
  }

  notes(accessToken: string): Promise<Response> {
    return fetch(`${this.server.origin}/api/notes`, { headers: { authorization: `Bearer ${accessToken}` } });
  }

  revoke(token: string): Promise<Response> {
    return fetch(`${this.server.origin}/oauth/revoke`, {
      method: "POST",
      headers: formHeaders,
      body: new URLSearchParams({ client_id: this.clientId, token }),
    });
  }
}
