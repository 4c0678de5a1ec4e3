import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ConfigurationError } from "vouchsafe";
import { type ResolvedSettings, resolveSettings, type SettingInputs, type SettingName, type Settings } from "./settings.ts";

/** The settings of this process, with what follows from them. */
export interface Environment extends ResolvedSettings {
  readonly values: Settings & { readonly issuer: string };
  /** The database file, or `:memory:`. */
  readonly databasePath: string;
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
  const databasePath = pathOfDatabase(values.databaseUrl);
  const issuer = values.issuer ?? `http://localhost:${values.port}`;
  if (values.webhookUrl !== undefined && values.webhookSecret === undefined)
    throw new ConfigurationError(["OAUTH_WEBHOOK_URL: nobody could tell our messages from others'; give OAUTH_WEBHOOK_SECRET too"]);
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
      ...(isUnlimited ? ["OAUTH_RATE_LIMITS is off: nothing slows down whoever guesses passwords and secrets"] : []),
    ],
    databasePath,
    secret: () => values.secret ?? [keptSecret(databasePath)],
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

/**
 * The file that a `DATABASE_URL` means, or `:memory:`.
 * @throws ConfigurationError
 */
export function pathOfDatabase(url: string): string {
  if (url.startsWith("postgres://") || url.startsWith("postgresql://"))
    throw new ConfigurationError([
      "DATABASE_URL: PostgreSQL is not offered by this version; use a SQLite file, such as file:data/vouchsafe.db",
    ]);
  const path = url.replace(/^file:(?:\/\/)?/, "");
  if (path === "" || /^[a-z]+:\/\//i.test(path))
    throw new ConfigurationError([`DATABASE_URL: ${JSON.stringify(url)} is no SQLite file, such as file:data/vouchsafe.db`]);
  return path === ":memory:" ? path : resolve(path);
}

/** The secret beside a SQLite file, made on the first start. Processes that start together agree on the first one written. */
function keptSecret(databasePath: string): string {
  if (databasePath === ":memory:") return randomBytes(32).toString("base64url");
  const path = join(dirname(databasePath), "vouchsafe.secret");
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
