/** One running server with the fixtures on it. Cases that need the same settings share a stage. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, type RunningServer, startServer } from "../running-server.ts";
import { type Answer, jsonOf } from "./answer.ts";
import { Cast } from "./cast.ts";
import { trusted } from "./document-certificates.ts";
import { type ExchangeOptions, exchange } from "./exchange.ts";
import { encodeFields, type Field } from "./form.ts";
import { Network } from "./network.ts";
import { bytesOf, type RawMessage } from "./raw-message.ts";
import { RegisteredClients } from "./registered-clients.ts";
import { openBeside, type StageDatabase } from "./stage-database.ts";

export interface StageSettings {
  readonly environment?: Readonly<Record<string, string>>;
  /** The issuer's path, for servers that are mounted below one. */
  readonly path?: string;
  /** Stand on the data of another stage: a second process, or the next one after a crash. */
  readonly beside?: Stage;
  /** Take over the other stage's port and so its issuer; it must have been stopped. */
  readonly inPlaceOf?: Stage;
  /** Instead of the standard list. */
  readonly resources?: readonly string[];
  /** Makes the database; else it is a file in the server's folder. */
  readonly newDatabase?: NewDatabase | undefined;
  /** In a network of the test's own, for what the server fetches. */
  readonly network?: true;
}

/** Resolves with the URL of an empty database. */
export type NewDatabase = () => Promise<string>;

interface Place {
  readonly port: number;
  readonly issuer: string;
  readonly sibling: Stage | undefined;
  readonly databaseUrl: string;
  readonly newDatabase: NewDatabase | undefined;
  readonly network: Network | undefined;
}

export interface SendOptions extends ExchangeOptions {
  /** Leave `Connection: close` out. */
  readonly keepOpen?: boolean;
}

export class Stage {
  readonly server: RunningServer;
  readonly port: number;
  readonly issuer: string;
  readonly cast: Cast;
  readonly clients: RegisteredClients;
  readonly network: Network | undefined;
  readonly databaseUrl: string;
  readonly newDatabase: NewDatabase | undefined;
  readonly database: StageDatabase;
  /** Every credential this server has handed out, by kind: what must never be found again in clear. */
  readonly issued: { kind: string; value: string }[] = [];
  readonly #ownsDirectory: boolean;

  static async open(settings: StageSettings = {}): Promise<Stage> {
    const sibling = settings.beside ?? settings.inPlaceOf;
    const port = settings.inPlaceOf?.port ?? (await freePort());
    const issuer = sibling?.issuer ?? `http://localhost:${port}${settings.path ?? ""}`;
    const directory = sibling?.server.directory ?? mkdtempSync(join(tmpdir(), "vouchsafe-attacks-"));
    const { newDatabase } = settings;
    const databaseUrl = sibling?.databaseUrl ?? (await newDatabase?.()) ?? `file:${join(directory, "vouchsafe.db")}`;
    const isFile = databaseUrl.startsWith("file:");
    const network = settings.network === true ? new Network(directory, trusted, isFile ? undefined : new URL(databaseUrl).host) : undefined;
    const environment = {
      DATABASE_URL: databaseUrl,
      ...(isFile ? {} : { OAUTH_SECRET: secretOfNodes }),
      ...standardEnvironment(issuer, settings.resources ?? ["/api/notes", "/mcp"]),
      ...(network === undefined ? {} : Network.environment),
      ...settings.environment,
    };
    try {
      const server = await startServer({ port, environment, directory });
      return new Stage(server, { port, issuer, sibling, network, databaseUrl, newDatabase });
    } catch (error) {
      if (sibling === undefined) rmSync(directory, { recursive: true, force: true });
      throw error;
    }
  }

  private constructor(server: RunningServer, { port, issuer, sibling, network, databaseUrl, newDatabase }: Place) {
    this.server = server;
    this.port = port;
    this.issuer = issuer;
    this.network = network;
    this.databaseUrl = databaseUrl;
    this.newDatabase = newDatabase;
    this.database = openBeside(databaseUrl);
    this.#ownsDirectory = sibling === undefined;
    this.clients = sibling?.clients ?? new RegisteredClients(this);
    this.cast = sibling?.cast ?? new Cast(this);
    if (sibling !== undefined) this.issued = sibling.issued;
  }

  /** Other servers may stand beside this one and know what it knows. */
  get sharesDatabase(): boolean {
    return !this.databaseUrl.startsWith("file:");
  }

  get host(): string {
    return new URL(this.issuer).host;
  }

  /** The server's own origin, which differs from the issuer's in a second process. */
  get origin(): string {
    return this.server.origin;
  }

  async send(message: RawMessage, options: SendOptions = {}): Promise<Answer> {
    const bytes = bytesOf(message, { host: this.host, close: options.keepOpen !== true });
    const answer = await exchange(this.port, bytes, { method: message.method, ...options });
    this.#note(answer);
    return answer;
  }

  get(target: string, fields: readonly string[] = []): Promise<Answer> {
    return this.send({ method: "GET", target, fields, body: "" });
  }

  post(target: string, form: readonly Field[], fields: readonly string[] = []): Promise<Answer> {
    return this.send({
      method: "POST",
      target,
      fields: ["Content-Type: application/x-www-form-urlencoded", ...fields],
      body: encodeFields(form),
    });
  }

  /** Runs a command of the operator, and refuses to go on when it failed. */
  async operator(args: readonly string[], input?: string): Promise<string> {
    const finished = await this.server.command(args, input);
    if (finished.code !== 0) throw new Error(`vouchsafe ${args.join(" ")} ended with ${finished.code}: ${finished.stderr.slice(0, 400)}`);
    return finished.stdout;
  }

  /** Ends the process. The data stays for a sibling until the first stage that stood on it is closed. */
  async close(): Promise<void> {
    await this.server.stop();
    await this.database.close();
    if (this.#ownsDirectory) rmSync(this.server.directory, { recursive: true, force: true });
  }

  #note(answer: Answer): void {
    for (const kind of ["access_token", "refresh_token", "client_secret", "registration_access_token"]) {
      const value = answer.body.includes(kind) ? jsonOf(answer)[kind] : undefined;
      if (typeof value === "string") this.issued.push({ kind, value });
    }
  }
}

/** Where the data is in no file, the secret is in none either. */
const secretOfNodes = "a-secret-that-all-nodes-of-these-attacks-share";

const standardEnvironment = (issuer: string, resources: readonly string[]): Record<string, string> => ({
  OAUTH_ISSUER: issuer,
  OAUTH_RESOURCES: resources.map((path) => issuer + path).join(","),
  OAUTH_SCOPES: "read,write,api:read",
  OAUTH_DEFAULT_SCOPE: "read",
  OAUTH_RATE_LIMITS: "off",
  // The leak cases grep what is printed at the most talkative level.
  LOG_LEVEL: "trace",
});
