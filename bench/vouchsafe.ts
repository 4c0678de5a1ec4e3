/** Our standalone server as an operator runs it: the built command, every feature on, SQLite with `synchronous=FULL`. */
import { execFile, spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Connection } from "./connection.ts";
import { Cookies } from "./cookies.ts";
import { filledForm } from "./filled-form.ts";
import { endWithRun } from "./leftovers.ts";
import { type Clients, type Place, redirectUri, type Target } from "./target.ts";

const root = join(import.meta.dirname, "..");
const command = join(root, "packages/server/bin/vouchsafe.js");

export const vouchsafe: Target = {
  name: "Vouchsafe",
  command: [command, "serve", "--demo"],
  environment: (place) => ({
    HOST: "127.0.0.1",
    PORT: String(place.port),
    OAUTH_ISSUER: place.origin,
    OAUTH_SECRET: "benchmark".repeat(5),
    DATABASE_URL: `file:${join(place.directory, "vouchsafe.db")}`,
    OAUTH_SQLITE_SYNCHRONOUS: "full",
    OAUTH_RESOURCES: `${place.origin}/mcp,${notesApi(place)}`,
    // One address sends everything here, which is what the limits are there to stop.
    OAUTH_RATE_LIMITS: "off",
    LOG_LEVEL: "warn",
  }),
  populate: async (place) => {
    for (let person = 0; person < place.people; person++) {
      await run(["users", "add", email(person), "--password-stdin"], place, password(person));
    }
    return createClients(place);
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
  },
  scope: "read",
  resource: notesApi,
};

/** Builds what is older than its sources. */
export function build(): void {
  const { status } = spawnSync(process.execPath, [join(root, "scripts/build.ts"), "--if-stale"], { stdio: "inherit" });
  if (status !== 0) throw new Error("the server does not build");
}

function notesApi({ origin }: Place): string {
  return `${origin}/api/notes`;
}

async function createClients(place: Place): Promise<Clients> {
  const create = async (...args: readonly string[]): Promise<Created> =>
    JSON.parse(await run(["clients", "create", "--json", "--scope", "read write", ...args], place)) as Created;
  const grantTypes = ["--grant-type", "authorization_code", "--grant-type", "refresh_token"];
  const app = await create("--name", "Budget app", "--public", "--redirect-uri", redirectUri, ...grantTypes);
  const serviceKind = ["--confidential", "--grant-type", "client_credentials", "--resource-server", notesApi(place)];
  const service = await create("--name", "Photo printer", ...serviceKind);
  return { app: app.client_id, service: { id: service.client_id, secret: service.client_secret ?? "" } };
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
function run(args: readonly string[], place: Place, input = ""): Promise<string> {
  const env = { PATH: process.env["PATH"], NODE_ENV: "production", ...vouchsafe.environment(place) };
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, [command, ...args], { cwd: place.directory, env, timeout: 30_000 }, (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(error);
    });
    endWithRun(child).stdin?.end(`${input}\n`);
  });
}
