/** The clients of fixtures.json, made by the operator's command the first time a case names them. */
import { jsonOf, memberOf } from "./answer.ts";
import { parseMembers } from "./json.ts";
import type { Stage } from "./stage.ts";

export interface RegisteredClient {
  readonly id: string;
  readonly secret: string | undefined;
  readonly authMethod: "none" | "client_secret_basic" | "client_secret_post";
  readonly redirectUris: readonly string[];
  /** RFC 7592, for clients that registered themselves. */
  readonly registrationToken?: string | undefined;
}

interface Made {
  readonly redirectUris: readonly string[];
  readonly arguments: readonly string[];
}

const appCallback = "https://app.example/cb";
const person = ["--grant-type", "authorization_code", "--grant-type", "refresh_token", "--scope", "read write"];

const publicClient = (...redirectUris: string[]): Made => ({ redirectUris, arguments: ["--public", ...person] });
const service = (...more: string[]): Made => ({
  redirectUris: [],
  arguments: ["--confidential", "--grant-type", "client_credentials", "--scope", "api:read", ...more],
});

const definitions: Readonly<Record<string, (issuer: string) => Made>> = {
  pub: () => publicClient(appCallback),
  pub2: () => publicClient("https://other.example/cb"),
  native: () => publicClient("http://127.0.0.1/callback", "http://[::1]/callback"),
  multi: () => publicClient("https://multi.example/one", "https://multi.example/two"),
  conf: () => ({ redirectUris: [appCallback], arguments: ["--confidential", ...person] }),
  confp: () => ({ redirectUris: [appCallback], arguments: ["--confidential", "--auth-method", "client_secret_post", ...person] }),
  norefresh: () => ({
    redirectUris: [appCallback],
    arguments: ["--public", "--grant-type", "authorization_code", "--scope", "read write"],
  }),
  m2m: () => service(),
  m2mp: () => service("--auth-method", "client_secret_post"),
  rsA: (issuer) => service("--resource-server", `${issuer}/api/notes`),
  rsB: (issuer) => service("--resource-server", `${issuer}/mcp`),
};

/** Fixtures that register themselves. */
const selfRegistered: Readonly<Record<string, "client_secret_basic" | "none">> = { dcr: "client_secret_basic", dcr1: "none" };

export class RegisteredClients {
  readonly #stage: Stage;
  readonly #made = new Map<string, Promise<RegisteredClient>>();

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  has(name: string): boolean {
    return name in definitions || name in selfRegistered;
  }

  /** The client of that name; with redirect URIs, another one that has exactly those. */
  get(name: string, redirectUris?: readonly string[]): Promise<RegisteredClient> {
    const key = redirectUris === undefined ? name : `${name} ${redirectUris.join(" ")}`;
    let client = this.#made.get(key);
    if (client === undefined) {
      client = this.make(name, redirectUris);
      this.#made.set(key, client);
    }
    return client;
  }

  /** A new one each time, for cases that end it. */
  make(name: string, redirectUris?: readonly string[]): Promise<RegisteredClient> {
    const method = selfRegistered[name];
    return method === undefined ? this.#byOperator(name, redirectUris) : this.#byItself(method);
  }

  async #byOperator(name: string, redirectUris: readonly string[] | undefined): Promise<RegisteredClient> {
    const definition = definitions[name]?.(this.#stage.issuer);
    if (definition === undefined) throw new Error(`no client fixture ${name}`);
    const uris = redirectUris ?? definition.redirectUris;
    const redirects = uris.flatMap((uri) => ["--redirect-uri", uri]);
    const create = ["clients", "create", "--name", `Client ${name}`, ...redirects, ...definition.arguments, "--json"];
    const { client_id: id, client_secret: secret } = parseMembers(await this.#stage.operator(create));
    if (typeof id !== "string") throw new Error(`clients create printed no client_id for ${name}`);
    if (typeof secret === "string") this.#stage.issued.push({ kind: "client_secret", value: secret });
    const isPublic = definition.arguments.includes("--public");
    const posts = definition.arguments.includes("client_secret_post");
    return {
      id,
      secret: typeof secret === "string" ? secret : undefined,
      authMethod: isPublic ? "none" : posts ? "client_secret_post" : "client_secret_basic",
      redirectUris: uris,
    };
  }

  async #byItself(method: "client_secret_basic" | "none"): Promise<RegisteredClient> {
    const metadata = {
      client_name: "Self",
      redirect_uris: [appCallback],
      token_endpoint_auth_method: method,
      grant_types: ["authorization_code", "refresh_token"],
    };
    const answer = await this.#stage.send({
      method: "POST",
      target: "/oauth/register",
      fields: ["Content-Type: application/json"],
      body: JSON.stringify(metadata),
    });
    const id = memberOf(answer, "client_id");
    if (id === undefined) throw new Error(`registration answered ${answer.status}: ${JSON.stringify(jsonOf(answer))}`);
    return {
      id,
      secret: memberOf(answer, "client_secret"),
      authMethod: method,
      redirectUris: [appCallback],
      registrationToken: memberOf(answer, "registration_access_token"),
    };
  }
}

/** How a client of this kind authenticates: header lines and form fields. OAuth 2.1 §2.4 */
export function authenticationOf(client: RegisteredClient): {
  readonly lines: readonly string[];
  readonly fields: readonly (readonly [string, string])[];
} {
  const secret = client.secret ?? "";
  if (client.authMethod === "client_secret_basic")
    return { lines: [`Authorization: Basic ${Buffer.from(`${client.id}:${secret}`).toString("base64")}`], fields: [] };
  const identifier = ["client_id", client.id] as const;
  return { lines: [], fields: client.authMethod === "none" ? [identifier] : [identifier, ["client_secret", secret]] };
}
