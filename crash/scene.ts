import { giveUp, temporaryDirectory } from "../bench/leftovers.ts";
import { freePort } from "../packages/server/test/running-server.ts";
import { Caller, type Disturbance } from "./caller.ts";
import { Archive } from "./checks/archive.ts";
import type { Checker } from "./checks/checker.ts";
import { type Database, openDatabase, type Store } from "./database.ts";
import { signIn } from "./deeds/connecting.ts";
import type { Worker } from "./deeds/worker.ts";
import { PersonFacts, ServiceFacts } from "./facts.ts";
import type { Ledger } from "./ledger.ts";
import type { Random } from "./random.ts";
import { type Place, runOver, ServerProcess } from "./server-process.ts";

/** How long the server may take to stop, in seconds. */
export const grace = 10;

export const adminToken = "the-token-of-whoever-counts-what-was-lost";

/** What a run has from its first cycle to its last. */
export interface Scene {
  readonly place: Place;
  readonly database: Database;
  readonly workers: readonly Worker[];
  /** They ask while nothing disturbs the server. */
  readonly checkers: readonly Checker[];
  readonly archive: Archive;
  /** What is being done to the server. */
  readonly disturbance: Disturbance;
  readonly ledger: Ledger;
  readonly random: Random;
  /** The process that runs now. */
  server: ServerProcess;
}

/** How many people use the server at once, and how many check it. */
const [people, checkers] = [6, 6];

/** How many apps of earlier cycles are kept in mind. */
const remembered = 150;

/** A server that is ready, with accounts that are signed in and a client that introspects. */
export async function openScene(store: Store, kind: Disturbance["kind"], ledger: Ledger, random: Random): Promise<Scene> {
  const directory = temporaryDirectory("crash");
  const database = await openDatabase(store, directory);
  const place = await placeIn(directory, database.url);
  const server = new ServerProcess(place);
  const bare = { place, database, server };
  try {
    await server.untilReady();
    return { ...bare, ...(await furnish(place, kind, ledger, random)), ledger, random };
  } catch (error) {
    await closeScene(bare, false);
    throw error;
  }
}

/** Who uses the server, and who checks it. */
async function furnish(place: Place, kind: Disturbance["kind"], ledger: Ledger, random: Random) {
  const { port, origin } = place;
  const own = { origin, service: await createService(place), ledger };
  const disturbance: Disturbance = { kind, since: undefined };
  const workers = Array.from({ length: people }, (_, number): Worker => {
    const [caller, rival] = [new Caller(port, disturbance, ledger), new Caller(port, disturbance, ledger)];
    return { ...own, person: new PersonFacts(number), caller, rival, random: random.for(`worker ${number}`), apps: [] };
  });
  for (const { person } of workers) await mustRun(place, ["users", "add", person.email, "--password-stdin"], person.password);
  for (const worker of workers) await signIn(worker);
  const undisturbed: Disturbance = { kind, since: undefined };
  return {
    workers,
    disturbance,
    checkers: Array.from({ length: checkers }, (_, number): Checker => {
      return { ...own, caller: new Caller(port, undisturbed, ledger), random: random.for(`checker ${number}`), adminToken };
    }),
    archive: new Archive(remembered, random.for("archive")),
  };
}

/** `keeps`: the folder stays, for whoever wants to know what is in it. Returns it. */
export async function closeScene({ place, database, server }: Pick<Scene, "place" | "database" | "server">, keeps: boolean) {
  await server.end("SIGKILL");
  await database.close();
  giveUp(place.directory, keeps);
  return place.directory;
}

/** A free port, and settings that let one address do everything at once. */
export async function placeIn(directory: string, databaseUrl: string): Promise<Place> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const environment = {
    PATH: process.env["PATH"] ?? "",
    NODE_ENV: "production",
    HOST: "127.0.0.1",
    PORT: String(port),
    OAUTH_ISSUER: origin,
    OAUTH_SECRET: "nothing acknowledged is lost".repeat(2),
    DATABASE_URL: databaseUrl,
    OAUTH_SQLITE_SYNCHRONOUS: "full",
    OAUTH_RATE_LIMITS: "off",
    OAUTH_ADMIN_TOKEN: adminToken,
    OAUTH_RESOURCES: `${origin}/api/notes`,
    // What is checked must not end by itself, however long the run is.
    OAUTH_TOKEN_LIFETIME: "30d",
    OAUTH_CODE_LIFETIME: "10m",
    OAUTH_SHUTDOWN_GRACE: `${grace}s`,
    LOG_FORMAT: "json",
    LOG_LEVEL: "warn",
  };
  return { port, origin, directory, environment };
}

/** A confidential client that may introspect the tokens of the notes API. */
async function createService(place: Place): Promise<ServiceFacts> {
  const flags = ["--name", "Notes API", "--confidential", "--grant-type", "client_credentials", "--scope", "read", "--json"];
  const made = await mustRun(place, ["clients", "create", ...flags, "--resource-server", `${place.origin}/api/notes`]);
  const { client_id: id, client_secret: secret } = JSON.parse(made) as { client_id: string; client_secret: string };
  return new ServiceFacts(id, secret);
}

/** @throws Error where the command fails */
async function mustRun(place: Place, args: readonly string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await runOver(place, args, input);
  if (code !== 0) throw new Error(`vouchsafe ${args.slice(0, 2).join(" ")} ended with ${code}: ${stderr}`);
  return stdout;
}
