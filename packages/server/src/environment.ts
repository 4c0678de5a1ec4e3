import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ConfigurationError } from "vouchsafe";
import { withoutPassword } from "./setting-forms.ts";
import { type ResolvedSettings, resolveSettings, type SettingInputs, type SettingName, type Settings } from "./settings.ts";

/** Where the database is: a file or `:memory:`, or the URL of a PostgreSQL database. */
export type DatabaseAddress = { readonly kind: "sqlite"; readonly path: string } | { readonly kind: "postgres"; readonly url: string };

/** The settings of this process, with what follows from them. */
export interface Environment extends ResolvedSettings {
  readonly values: Settings & { readonly issuer: string };
  readonly database: DatabaseAddress;
  readonly secret: () => readonly string[];
  /** What is no mistake, and yet worth saying. */
  readonly warnings: readonly string[];
}

/**
 * Reads flags, environment and configuration file.
 * @throws ConfigurationError with every problem
 */
export async function readEnvironment(flags: Partial<Record<SettingName, string>> = {}): Promise<Environment> {
  return environmentOf({ flags, environment: process.env, file: await readConfigurationFile(), readSecretFile });
}

const readSecretFile = (path: string): string => readFileSync(path, "utf8");

/**
 * The environment that these inputs make. No secret is made before it is asked for.
 * @throws ConfigurationError with every problem
 */
export function environmentOf(inputs: SettingInputs): Environment {
  const resolved = resolveSettings(inputs);
  const { values } = resolved;
  const database = addressOfDatabase(values.databaseUrl);
  if (database.kind === "postgres" && values.secret === undefined)
    throw new ConfigurationError([
      "OAUTH_SECRET: nodes that share a PostgreSQL database need the same one; make it with: openssl rand -base64 32",
    ]);
  const issuer = values.issuer ?? `http://localhost:${values.port}`;
  if (values.webhookUrl !== undefined && values.webhookSecret === undefined)
    throw new ConfigurationError(["OAUTH_WEBHOOK_URL: nobody could tell our messages from others'; give OAUTH_WEBHOOK_SECRET too"]);
  if (values.workers > 1 && database.kind === "sqlite" && database.path === memoryPath)
    throw new ConfigurationError(["OAUTH_WORKERS: a database in memory is one process's own; use a file, or one worker"]);
  const isUnlimited = !values.rateLimits && issuer.startsWith("https:");
  return {
    ...resolved,
    values: { ...values, issuer },
    warnings: [
      ...(values.smtpFrom !== undefined && values.smtpUrl === undefined
        ? ["SMTP_FROM does nothing without SMTP_URL: messages stand in this log"]
        : []),
      ...(values.alertEmail !== undefined && values.smtpUrl === undefined
        ? ["OAUTH_ALERT_EMAIL does nothing without SMTP_URL: alerts stand in this log"]
        : []),
      ...(values.workers > 1 && database.kind === "sqlite"
        ? [
            "OAUTH_WORKERS is more than 1 on a SQLite file: workers wait for each other when they write, and each counts limits for itself; PostgreSQL is for several",
          ]
        : []),
      ...(isUnlimited ? ["OAUTH_RATE_LIMITS is off: nothing slows down whoever guesses passwords and secrets"] : []),
    ],
    database,
    secret: () => values.secret ?? [keptSecret(database.kind === "sqlite" ? database.path : memoryPath)],
  };
}

/** The configuration files of a folder. The first that is there is read, and no other. */
export const configurationFiles = ["vouchsafe.config.ts", "vouchsafe.config.js", "vouchsafe.config.json"] as const;

async function readConfigurationFile(): Promise<Record<string, unknown>> {
  const path = configurationFiles.map((name) => resolve(name)).find((candidate) => existsSync(candidate));
  if (path === undefined) return {};
  try {
    const content: unknown = path.endsWith(".json")
      ? JSON.parse(readFileSync(path, "utf8"))
      : ((await import(pathToFileURL(path).href)) as { default?: unknown }).default;
    if (typeof content !== "object" || content === null) throw new Error("it holds no object");
    return content as Record<string, unknown>;
  } catch (error) {
    throw new ConfigurationError([`${path} cannot be read: ${(error as Error).message}`]);
  }
}

const memoryPath = ":memory:";

/**
 * What a `DATABASE_URL` means.
 * @throws ConfigurationError
 */
export function addressOfDatabase(url: string): DatabaseAddress {
  if (/^postgres(?:ql)?:\/\//i.test(url)) {
    const problem = problemOfUrl(URL.parse(url));
    if (problem !== undefined) throw new ConfigurationError([`DATABASE_URL: ${problem}`]);
    return { kind: "postgres", url };
  }
  const path = url.replace(/^file:(?:\/\/)?/, "");
  // What was meant for a URL is said to be none: as the name of a file it would be an empty database, with a password in its name.
  if (path === "" || /^[a-z]+:\/\//i.test(path) || (path === url && /^(?:postgres|[a-z][a-z\d+.-]+:)|@/i.test(url)))
    throw new ConfigurationError([
      "DATABASE_URL: it is neither a SQLite file, such as file:data/vouchsafe.db, nor a URL, such as postgres://vouchsafe@db.example.com/vouchsafe",
    ]);
  return { kind: "sqlite", path: path === memoryPath ? path : resolve(path) };
}

/** A password with one of these signs ends too early, and the rest of it would be taken for a host or a database, which errors name. */
function problemOfUrl(url: URL | null): string | undefined {
  if (url === null) return "it is no URL, such as postgres://vouchsafe@db.example.com/vouchsafe";
  if (url.hash === "" && !/@/.test(url.pathname + url.search)) return undefined;
  return "it has a # or @ where none can be: in a password write %23 for #, %40 for @, %2F for / and %3F for ?";
}

/** The secrets as they are now, newest first. Undefined: the first start would make one. */
export function knownSecrets({ database, values }: Environment): readonly string[] | undefined {
  if (values.secret !== undefined) return values.secret;
  if (database.kind !== "sqlite" || !existsSync(secretFile(database.path))) return undefined;
  return [readFileSync(secretFile(database.path), "utf8").trim()];
}

/** How a database is called before people: its file, or its URL without the password. */
export const nameOfDatabase = (database: DatabaseAddress): string =>
  database.kind === "sqlite" ? database.path : withoutPassword(database.url);

/** Where the secret of a SQLite database is kept, unless the settings say one. */
export const secretFile = (databasePath: string): string => join(dirname(databasePath), "vouchsafe.secret");

/** The secret beside a SQLite file, made on the first start. Processes that start together agree on the first one written. */
function keptSecret(databasePath: string): string {
  if (databasePath === memoryPath) return randomBytes(32).toString("base64url");
  const path = secretFile(databasePath);
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${randomBytes(32).toString("base64url")}\n`, { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) {
      throw new ConfigurationError([`OAUTH_SECRET: ${path} cannot be written: ${(error as Error).message}`]);
    }
  }
  return readFileSync(path, "utf8").trim();
}
