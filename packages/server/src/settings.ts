import { ConfigurationError } from "vouchsafe";
import { nearest } from "./nearest-name.ts";
import {
  adminToken,
  brands,
  count,
  duration,
  events,
  links,
  list,
  mailAddress,
  oneOf,
  onOff,
  port,
  resources,
  scopes,
  smtpUrl,
  text,
  trustedProxies,
  webhookSecret,
  webhookUrl,
  withoutPassword,
  workers,
} from "./setting-forms.ts";

/** Where a value came from. */
export type Source = "flag" | "environment" | "file" | "default";

interface Setting<Value> {
  readonly variable: string;
  /** What holds when nothing is said; a function where it follows from other settings. */
  readonly fallback: string | undefined;
  /** @throws Error with what is wrong about the value */
  readonly parse: (value: unknown) => Value;
  readonly isSecret?: boolean;
  /** What is shown of a value that may have a secret in it. */
  readonly mask?: (value: string) => string;
}

/** Every setting: its variable, its default and its form. The file has the same names in camelCase, without `OAUTH_`. */
const settings = {
  port: { variable: "PORT", fallback: "3000", parse: port },
  host: { variable: "HOST", fallback: "127.0.0.1", parse: text },
  workers: { variable: "OAUTH_WORKERS", fallback: "1", parse: workers },
  issuer: { variable: "OAUTH_ISSUER", fallback: undefined, parse: text },
  name: { variable: "OAUTH_NAME", fallback: undefined, parse: text },
  logo: { variable: "OAUTH_LOGO", fallback: undefined, parse: text },
  accentColor: { variable: "OAUTH_ACCENT_COLOR", fallback: undefined, parse: text },
  links: { variable: "OAUTH_LINKS", fallback: "", parse: links },
  secret: { variable: "OAUTH_SECRET", fallback: undefined, parse: list, isSecret: true },
  databaseUrl: { variable: "DATABASE_URL", fallback: "file:data/vouchsafe.db", parse: text, mask: withoutPassword },
  databaseConnections: { variable: "OAUTH_DATABASE_CONNECTIONS", fallback: "10", parse: count(1, 1000) },
  tokenLifetime: { variable: "OAUTH_TOKEN_LIFETIME", fallback: "3600", parse: duration("never") },
  codeLifetime: { variable: "OAUTH_CODE_LIFETIME", fallback: "60", parse: duration() },
  refreshTokenLifetime: { variable: "OAUTH_REFRESH_TOKEN_LIFETIME", fallback: "30d", parse: duration("off", "never") },
  grantChoices: { variable: "OAUTH_GRANT_CHOICES", fallback: "1d,30d*,never", parse: list },
  refreshOverlap: { variable: "OAUTH_REFRESH_OVERLAP", fallback: "60", parse: duration() },
  registration: { variable: "OAUTH_REGISTRATION", fallback: "open", parse: oneOf("open", "loopback", "token", "off") },
  registrationGrants: { variable: "OAUTH_REGISTRATION_GRANTS", fallback: "authorization_code,refresh_token", parse: list },
  unusedClientLifetime: { variable: "OAUTH_UNUSED_CLIENT_LIFETIME", fallback: "30d", parse: duration() },
  scopes: { variable: "OAUTH_SCOPES", fallback: "read,write", parse: scopes },
  defaultScope: { variable: "OAUTH_DEFAULT_SCOPE", fallback: undefined, parse: list },
  resources: { variable: "OAUTH_RESOURCES", fallback: undefined, parse: resources },
  signUp: { variable: "OAUTH_SIGN_UP", fallback: "on", parse: onOff },
  sessionIdle: { variable: "OAUTH_SESSION_IDLE", fallback: "12h", parse: duration() },
  sessionLifetime: { variable: "OAUTH_SESSION_LIFETIME", fallback: "30d", parse: duration() },
  requireState: { variable: "OAUTH_REQUIRE_STATE", fallback: "off", parse: onOff },
  redirectSchemes: {
    variable: "OAUTH_REDIRECT_SCHEMES",
    fallback: "cursor,vscode,vscode-insiders,windsurf",
    parse: (value: unknown) => list(value).filter((scheme) => scheme !== "none"),
  },
  clientIdMetadata: { variable: "OAUTH_CLIENT_ID_METADATA", fallback: "on", parse: oneOf("on", "allowlist", "off") },
  trustedHosts: { variable: "OAUTH_TRUSTED_HOSTS", fallback: "", parse: list },
  clientIdMetadataLoopback: { variable: "OAUTH_CLIENT_ID_METADATA_LOOPBACK", fallback: "off", parse: onOff },
  protectedBrands: { variable: "OAUTH_PROTECTED_BRANDS", fallback: "", parse: brands },
  accessTokenFormat: { variable: "OAUTH_ACCESS_TOKEN_FORMAT", fallback: "opaque", parse: oneOf("opaque", "jwt") },
  rateLimits: { variable: "OAUTH_RATE_LIMITS", fallback: "on", parse: onOff },
  rateLimitRegister: { variable: "OAUTH_RATE_LIMIT_REGISTER", fallback: "10/1m", parse: text },
  rateLimitClient: { variable: "OAUTH_RATE_LIMIT_CLIENT", fallback: "20/1m", parse: text },
  rateLimitAuthorize: { variable: "OAUTH_RATE_LIMIT_AUTHORIZE", fallback: "120/1m", parse: text },
  rateLimitClientDocument: { variable: "OAUTH_RATE_LIMIT_CLIENT_DOCUMENT", fallback: "30/1m", parse: text },
  rateLimitPersonalToken: { variable: "OAUTH_RATE_LIMIT_PERSONAL_TOKEN", fallback: "30/1m", parse: text },
  rateLimitSignIn: { variable: "OAUTH_RATE_LIMIT_SIGN_IN", fallback: "10/1m", parse: text },
  rateLimitSignInAddress: { variable: "OAUTH_RATE_LIMIT_SIGN_IN_ADDRESS", fallback: "30/1m", parse: text },
  rateLimitSignInAccount: { variable: "OAUTH_RATE_LIMIT_SIGN_IN_ACCOUNT", fallback: "100/1h", parse: text },
  rateLimitNewConnection: { variable: "OAUTH_RATE_LIMIT_NEW_CONNECTION", fallback: "20/1h", parse: text },
  smtpUrl: { variable: "SMTP_URL", fallback: undefined, parse: smtpUrl, isSecret: true },
  smtpFrom: { variable: "SMTP_FROM", fallback: undefined, parse: mailAddress },
  adminToken: { variable: "OAUTH_ADMIN_TOKEN", fallback: undefined, parse: adminToken, isSecret: true },
  auditRetention: { variable: "OAUTH_AUDIT_RETENTION", fallback: "90d", parse: duration("never") },
  securityRetention: { variable: "OAUTH_SECURITY_RETENTION", fallback: undefined, parse: duration("never") },
  webhookUrl: { variable: "OAUTH_WEBHOOK_URL", fallback: undefined, parse: webhookUrl },
  webhookSecret: { variable: "OAUTH_WEBHOOK_SECRET", fallback: undefined, parse: webhookSecret, isSecret: true },
  webhookEvents: { variable: "OAUTH_WEBHOOK_EVENTS", fallback: undefined, parse: events },
  alertEmail: { variable: "OAUTH_ALERT_EMAIL", fallback: undefined, parse: mailAddress },
  anomalies: { variable: "OAUTH_ANOMALIES", fallback: "on", parse: onOff },
  anomalyClientAuthentication: { variable: "OAUTH_ANOMALY_CLIENT_AUTHENTICATION", fallback: "50/10m", parse: text },
  anomalySignIn: { variable: "OAUTH_ANOMALY_SIGN_IN", fallback: "50/10m", parse: text },
  anomalyScopeViolation: { variable: "OAUTH_ANOMALY_SCOPE_VIOLATION", fallback: "20/10m", parse: text },
  anomalyRegistration: { variable: "OAUTH_ANOMALY_REGISTRATION", fallback: "100/10m", parse: text },
  anomalyIssuance: { variable: "OAUTH_ANOMALY_ISSUANCE", fallback: "200/10m", parse: text },
  sqliteSynchronous: { variable: "OAUTH_SQLITE_SYNCHRONOUS", fallback: "full", parse: oneOf("full", "normal") },
  trustProxy: { variable: "OAUTH_TRUST_PROXY", fallback: "off", parse: trustedProxies },
  shutdownGrace: { variable: "OAUTH_SHUTDOWN_GRACE", fallback: "25s", parse: duration() },
  logLevel: { variable: "LOG_LEVEL", fallback: "info", parse: oneOf("trace", "debug", "info", "warn", "error", "fatal", "silent") },
  logFormat: { variable: "LOG_FORMAT", fallback: undefined, parse: oneOf("pretty", "json") },
} as const satisfies Record<string, Setting<unknown>>;

export type SettingName = keyof typeof settings;

type ValueOf<Name extends SettingName> = ReturnType<(typeof settings)[Name]["parse"]>;

/** A setting without a default is undefined until something follows from the others. */
export type Settings = {
  readonly [Name in SettingName]: (typeof settings)[Name]["fallback"] extends string ? ValueOf<Name> : ValueOf<Name> | undefined;
};

export interface ResolvedSettings {
  readonly values: Settings;
  readonly sources: Readonly<Record<SettingName, Source>>;
}

export interface SettingInputs {
  readonly flags?: Partial<Record<SettingName, string>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly file?: Readonly<Record<string, unknown>>;
  /** The content of a `NAME_FILE`. */
  readonly readSecretFile: (path: string) => string;
}

/**
 * Resolves every setting: flags, then the environment, then the file, then defaults.
 * @throws ConfigurationError with every problem
 */
export function resolveSettings({ flags = {}, environment, file = {}, readSecretFile }: SettingInputs): ResolvedSettings {
  const problems: string[] = [...unknownNames(environment, file)];
  const values: Record<string, unknown> = {};
  const sources: Record<string, Source> = {};
  for (const [name, setting] of Object.entries(settings) as [SettingName, Setting<unknown>][]) {
    try {
      const [source, value] = find(name, setting);
      sources[name] = source;
      values[name] = value === undefined ? undefined : setting.parse(value);
    } catch (error) {
      const given = setting.isSecret === true ? undefined : (flags[name] ?? (environment[setting.variable] || file[name]));
      problems.push(`${setting.variable}: ${JSON.stringify(given) ?? "the value"} ${(error as Error).message}`);
    }
  }
  if (problems.length > 0) throw new ConfigurationError(problems);
  return { values: values as Settings, sources: sources as Record<SettingName, Source> };

  function find(name: SettingName, { variable, fallback }: Setting<unknown>): readonly [Source, unknown] {
    if (flags[name] !== undefined) return ["flag", flags[name]];
    if (environment[variable] !== undefined && environment[variable] !== "") return ["environment", environment[variable]];
    const path = environment[`${variable}_FILE`];
    if (path !== undefined) return ["environment", contentOf(path)];
    if (file[name] !== undefined) return ["file", file[name]];
    return ["default", fallback];
  }

  function contentOf(path: string): string {
    try {
      return readSecretFile(path).trim();
    } catch (error) {
      throw new Error(`of its file cannot be read: ${(error as Error).message}`, { cause: error });
    }
  }
}

/** `OAUTH_…` variables and members of the file that nothing reads, each with the name that was probably meant. */
function unknownNames(
  environment: Readonly<Record<string, string | undefined>>,
  file: Readonly<Record<string, unknown>>,
): readonly string[] {
  const variables: readonly string[] = Object.values(settings).map(({ variable }) => variable);
  const names = Object.keys(settings);
  const unknownVariables = Object.keys(environment).filter(
    (name) => name.startsWith("OAUTH_") && !variables.includes(name.replace(/_FILE$/, "")),
  );
  return [
    ...unknownVariables.map((name) => `${name} is no setting; did you mean ${nearest(name, variables)}?`),
    ...Object.keys(file)
      .filter((name) => !names.includes(name))
      .map((name) => `${name} in the configuration file is no setting; did you mean ${nearest(name, names)}?`),
  ];
}

/** Every setting as `config print` shows it, secrets masked. */
export function describeSettings({ values, sources }: ResolvedSettings): readonly { variable: string; value: string; source: Source }[] {
  return (Object.entries(settings) as [SettingName, Setting<unknown>][]).map(([name, { variable, isSecret, mask = String }]) => {
    const value = values[name];
    const shown =
      value === undefined
        ? ""
        : isSecret === true
          ? "********"
          : typeof value === "object"
            ? JSON.stringify(value)
            : typeof value === "boolean"
              ? value
                ? "on"
                : "off"
              : mask(String(value));
    return { variable, value: shown, source: sources[name] };
  });
}
