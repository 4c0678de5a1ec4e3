/** A database of SQLite as an older Vouchsafe left it: two steps of the schema, and rows in every table that people care for. */
import { DatabaseSync } from "node:sqlite";
import { hashSecret, mintIdentifier, mintSecret, type SecretKind } from "../packages/vouchsafe/src/protocol/secret.ts";
import { sqliteMigrations } from "../packages/vouchsafe/src/store/sqlite/migrations.ts";
import type { EventType } from "./expected-events.ts";
import { AppFacts, PersonFacts, ServiceFacts } from "./facts.ts";

/** What the older Vouchsafe had told. */
export interface OldFacts {
  readonly apps: readonly AppFacts[];
  readonly service: ServiceFacts;
}

/** The steps that it knew. */
export const oldSteps = 2;

/** Rows that nobody asks about: enough for a migration that takes a tenth of a second. */
const bystanders = 2000;

const day = 86_400_000;

/** Makes the file. */
export function makeOldDatabase(path: string, origin: string): OldFacts {
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; BEGIN");
  for (const step of sqliteMigrations.slice(0, oldSteps)) database.exec(step);
  const rows = new OldRows(database, `${origin}/api/notes`);
  for (let number = 0; number < bystanders; number++) addApp(rows);
  const apps = Array.from({ length: 6 }, (_, number) => addApp(rows, number % 3 === 2 ? "ended" : "live"));
  const service = addService(rows, `${origin}/api/notes`);
  database.exec(`PRAGMA user_version = ${oldSteps}; COMMIT`);
  database.close();
  return { apps, service };
}

/** A registered app with its grant, a pair of tokens, and the events of all that. */
function addApp(rows: OldRows, standing: "live" | "ended" = "live"): AppFacts {
  const [clientId, grantId, registrationToken] = [mintIdentifier(), mintIdentifier(), mintSecret("configuration")];
  rows.client({ id: clientId, name: "Budget app", auth: "none", grantTypes: "authorization_code refresh_token", registrationToken });
  rows.grant(grantId, clientId, standing === "ended");
  const [accessToken, refreshToken] = [rows.token("access", grantId), rows.token("refresh", grantId)];
  const app = new AppFacts(clientId, registrationToken, new PersonFacts(0));
  app.take({ accessToken, refreshToken });
  app.grant = standing;
  const ofGrant = { clientId, grantId, subject: "ada" };
  const happened = {
    "client.registered": { clientId, name: "Budget app", origin: "dynamic" },
    "consent.allowed": { ...ofGrant, scope: ["read"], tier: "unverified" },
    "token.issued": { ...ofGrant, scope: ["read"], grantType: "authorization_code" },
    ...(standing === "ended" ? { "grant.revoked": { ...ofGrant, by: "client" } } : {}),
  };
  for (const [type, facts] of Object.entries(happened)) {
    rows.event(type, facts);
    app.events.exactly(type as EventType, 1);
  }
  return app;
}

function addService(rows: OldRows, resourceServerOf: string): ServiceFacts {
  const [id, secret] = [mintIdentifier(), mintSecret("client")];
  rows.client({ id, name: "Notes API", auth: "client_secret_basic", grantTypes: "client_credentials", secret, resourceServerOf });
  return new ServiceFacts(id, secret);
}

interface OldClient {
  readonly id: string;
  readonly name: string;
  readonly auth: string;
  readonly grantTypes: string;
  readonly registrationToken?: string;
  readonly secret?: string;
  readonly resourceServerOf?: string;
}

/** Writes rows as the schema of those days had them. */
class OldRows {
  readonly #clients;
  readonly #grants;
  readonly #tokens;
  readonly #events;
  readonly #resource: string;
  readonly #at = Date.now() - 3 * day;

  constructor(database: DatabaseSync, resource: string) {
    this.#resource = resource;
    this.#clients = database.prepare(`
      INSERT INTO clients (id, name, origin, first_party, auth_method, redirect_uris, grant_types, scope, resource_server_of, secret_hash,
        registration_token, metadata, created_at, granted_at)
      VALUES (?, ?, ?, 0, ?, '["http://127.0.0.1/callback"]', ?, 'read', ?, ?, ?, '{}', ?, ?)`);
    this.#grants = database.prepare(`
      INSERT INTO grants (id, client_id, subject, scope, resources, created_at, redeemed_at, ends_at, revoked_at)
      VALUES (?, ?, 'ada', 'read', ?, ?, ?, ?, ?)`);
    this.#tokens = database.prepare(`
      INSERT INTO tokens (hash, kind, grant_id, scope, audience, issued_at, expires_at) VALUES (?, ?, ?, 'read', ?, ?, ?)`);
    this.#events = database.prepare("INSERT INTO audit_events (at, type, event) VALUES (?, ?, ?)");
  }

  client({ id, name, auth, grantTypes, registrationToken, secret, resourceServerOf = "" }: OldClient): void {
    const [secretHash, tokenHash] = [secret, registrationToken].map((one) => (one === undefined ? null : hashSecret(one)));
    const origin = secret === undefined ? "dynamic" : "operator";
    this.#clients.run(id, name, origin, auth, grantTypes, resourceServerOf, secretHash ?? null, tokenHash ?? null, this.#at, this.#at);
  }

  grant(id: string, clientId: string, hasEnded: boolean): void {
    this.#grants.run(id, clientId, this.#resource, this.#at, this.#at, this.#at + 30 * day, hasEnded ? this.#at + day : null);
  }

  token(kind: SecretKind, grantId: string): string {
    const secret = mintSecret(kind);
    this.#tokens.run(hashSecret(secret), kind, grantId, this.#resource, this.#at, this.#at + 30 * day);
    return secret;
  }

  event(type: string, facts: object): void {
    this.#events.run(this.#at, type, JSON.stringify({ at: this.#at, type, ...facts }));
  }
}
