/** Our standalone server as an operator runs it: the built command, every feature on, SQLite with `synchronous=FULL` unless it is given another database. */
import { execFile, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Connection } from "./connection.ts";
import { Cookies } from "./cookies.ts";
import { filledForm } from "./filled-form.ts";
import type { Flags } from "./flags.ts";
import { endWithRun } from "./leftovers.ts";
import { type Clients, type Place, redirectUri, type Target } from "./target.ts";

const root = join(import.meta.dirname, "..");
const command = join(root, "packages/server/bin/vouchsafe.js");

interface Options extends Pick<Flags, "format" | "app"> {
  /** Who has it may use the admin API. */
  readonly adminToken?: string;
  /** Of a PostgreSQL. Without one, the database is a SQLite file. */
  readonly databaseUrl?: string;
  readonly beside?: Target["beside"];
  /** Loaded before the server. */
  readonly preload?: string;
  /** Settings beside those of every benchmark, or instead of them. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** With the tokens and the app that the flags say. */
export function vouchsafe({ format, app, adminToken, databaseUrl, beside, preload, settings }: Options): Target {
  const environment = (place: Place) => ({
    HOST: "127.0.0.1",
    PORT: String(place.port),
    OAUTH_ISSUER: place.origin,
    OAUTH_SECRET: "benchmark".repeat(5),
    DATABASE_URL: databaseUrl ?? `file:${join(place.directory, "vouchsafe.db")}`,
    OAUTH_SQLITE_SYNCHRONOUS: "full",
    OAUTH_RESOURCES: `${place.origin}/mcp,${notesApi(place)}`,
    OAUTH_ACCESS_TOKEN_FORMAT: format,
    OAUTH_CLIENT_ID_METADATA_LOOPBACK: app === "document" ? "on" : "off",
    // One address sends everything here, which is what the limits are there to stop.
    OAUTH_RATE_LIMITS: "off",
    LOG_LEVEL: "warn",
    ...(adminToken === undefined ? {} : { OAUTH_ADMIN_TOKEN: adminToken }),
    ...settings,
  });
  const run: Run = (args, place, input) => runCommand(args, place, environment(place), input);
  return {
    name: "Vouchsafe",
    command: [...(preload === undefined ? [] : ["--import", preload]), command, "serve", "--demo"],
    environment,
    populate: async (place) => {
      for (let person = 0; person < place.people; person++) {
        await run(["users", "add", email(person), "--password-stdin"], place, password(person));
      }
      return createClients(place, run, app);
    },
    signIn,
    allowButton: { decision: "allow" },
    paths: {
      metadata: "/.well-known/oauth-authorization-server",
      authorize: "/oauth/authorize",
      token: "/oauth/token",
      introspect: "/oauth/introspect",
      revoke: "/oauth/revoke",
      register: "/oauth/register",
      api: "/api/notes",
      connectedApps: "/my/connected_apps",
    },
    scope: "read",
    resource: notesApi,
    ...(beside === undefined ? {} : { beside }),
  };
}

/** Makes the person with this number an administrator. */
export async function makeAdministrator({ environment }: Target, place: Place, person: number): Promise<void> {
  await runCommand(["users", "admin", email(person), "on"], place, environment(place));
}

type Run = (args: readonly string[], place: Place, input?: string) => Promise<string>;

/** Builds what is older than its sources. */
export function build(): void {
  const { status } = spawnSync(process.execPath, [join(root, "scripts/build.ts"), "--if-stale"], { stdio: "inherit" });
  if (status !== 0) throw new Error("the server does not build");
}

function notesApi({ origin }: Place): string {
  return `${origin}/api/notes`;
}

async function createClients(place: Place, run: Run, kind: Flags["app"]): Promise<Clients> {
  const create = async (...args: readonly string[]): Promise<Created> =>
    JSON.parse(await run(["clients", "create", "--json", "--scope", "read write", ...args], place)) as Created;
  const grantTypes = ["--grant-type", "authorization_code", "--grant-type", "refresh_token"];
  const createApp = async (name: string): Promise<string> =>
    (await create("--name", name, "--public", "--redirect-uri", redirectUri, ...grantTypes)).client_id;
  const appNamed = kind === "document" ? publishDocument : createApp;
  const [app, newApp] = [await appNamed("Budget app"), await appNamed("Recipe app")];
  const serviceKind = ["--confidential", "--grant-type", "client_credentials", "--resource-server", notesApi(place)];
  const service = await create("--name", "Photo printer", ...serviceKind);
  return { app, newApp, service: { id: service.client_id, secret: service.client_secret ?? "" } };
}

/** A document that need not be fetched again all day, on a web server that ends with the run. Resolves to its address. */
async function publishDocument(name: string): Promise<string> {
  const site = createServer((_request, response) => {
    const document = {
      client_id: id,
      client_name: name,
      redirect_uris: [redirectUri],
      grant_types: ["authorization_code", "refresh_token"],
    };
    response.writeHead(200, { "content-type": "application/json", "cache-control": "max-age=86400" }).end(JSON.stringify(document));
  });
  site.listen(0, "127.0.0.1").unref();
  await once(site, "listening");
  const id = `http://127.0.0.1:${(site.address() as AddressInfo).port}/app.json`;
  return id;
}

interface Created {
  readonly client_id: string;
  readonly client_secret?: string;
}

async function signIn(connection: Connection, { origin }: Place, person: number): Promise<Cookies> {
  const cookies = new Cookies();
  const page = await connection.send({ path: "/sign_in", status: 200 });
  cookies.take(page);
  const answer = await connection.send({
    method: "POST",
    path: "/sign_in",
    headers: { cookie: cookies.header, origin },
    form: { ...filledForm(page.body.toString()).fields, email: email(person), password: password(person) },
    status: 303,
  });
  cookies.take(answer);
  return cookies;
}

const email = (person: number): string => `person${person}@example.com`;
const password = (person: number): string => `a long password, number ${person}`;

/** Runs a `vouchsafe` command over the server's database. Resolves to what it printed. */
function runCommand(args: readonly string[], place: Place, environment: Readonly<Record<string, string>>, input = ""): Promise<string> {
  const env = { PATH: process.env["PATH"], NODE_ENV: "production", ...environment };
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, [command, ...args], { cwd: place.directory, env, timeout: 30_000 }, (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(error);
    });
    endWithRun(child).stdin?.end(`${input}\n`);
  });
}
