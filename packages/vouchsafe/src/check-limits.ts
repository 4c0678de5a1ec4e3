import type { Anomaly } from "./audit.ts";
import type { AuthorizationServerOptions, Configuration, RateLimitName } from "./config.ts";
import { parseDuration } from "./duration.ts";
import type { RateLimitRule } from "./rate-limit.ts";

type Report = (problem: string) => void;

const defaultRateLimits: Readonly<Record<RateLimitName, string>> = {
  register: "10/1m",
  client: "20/1m",
  authorize: "120/1m",
  clientDocument: "30/1m",
  personalToken: "30/1m",
  newConnection: "20/1h",
  signIn: "10/1m",
  signInAddress: "30/1m",
  signInAccount: "100/1h",
};

/** So many in so long make a case. Of issuance it is the least that is looked at: see `issuance_surge`. */
const defaultAnomalies: Readonly<Record<Anomaly, string>> = {
  client_authentication_burst: "50/10m",
  sign_in_burst: "50/10m",
  scope_violation_burst: "20/10m",
  registration_storm: "100/10m",
  issuance_surge: "200/10m",
};

export function checkRateLimits(options: AuthorizationServerOptions["rateLimits"], report: Report): Configuration["rateLimits"] {
  if (options === false) return undefined;
  return checkRules("rateLimits", { ...defaultRateLimits, ...options }, report);
}

export function checkAnomalies(options: AuthorizationServerOptions["anomalies"], report: Report): Configuration["anomalies"] {
  if (options === false) return {};
  const known = Object.keys(defaultAnomalies);
  for (const name of Object.keys(options ?? {}))
    if (!known.includes(name)) report(`anomalies: ${JSON.stringify(name)} is none of ${known.join(", ")}`);
  return checkRules("anomalies", { ...defaultAnomalies, ...options }, report);
}

function checkRules<Name extends string>(
  option: string,
  rules: Readonly<Record<Name, string>>,
  report: Report,
): Readonly<Record<Name, RateLimitRule>> {
  const parse = (name: string, rule: string): RateLimitRule => {
    const [, points, length] = /^(\d{1,9})\/(\w+)$/.exec(rule) ?? [];
    const parsed = length === undefined ? undefined : parseDuration(length);
    if (points === undefined || parsed === undefined || parsed === 0)
      report(`${option}.${name}: ${JSON.stringify(rule)} is not a number in a time, such as 10/1m`);
    return { points: Number(points ?? 1), duration: parsed ?? 1 };
  };
  const entries = Object.entries<string>(rules).map(([name, rule]) => [name, parse(name, rule)] as const);
  return Object.fromEntries(entries) as Record<Name, RateLimitRule>;
}

const day = 86_400_000;

/** Security events stay at least as long as others. */
export function checkRetention(
  { auditRetention = "90d", securityRetention }: Pick<AuthorizationServerOptions, "auditRetention" | "securityRetention">,
  report: Report,
): Pick<Configuration, "auditRetention" | "securityRetention"> {
  const parse = (name: string, value: string | number): number => {
    const parsed = value === "never" ? Number.POSITIVE_INFINITY : parseDuration(value);
    if (parsed === undefined || parsed < day) report(`${name}: ${JSON.stringify(value)} is neither a length of time from 1d nor never`);
    return parsed ?? day;
  };
  const audit = parse("auditRetention", auditRetention);
  const security = securityRetention === undefined ? Math.max(audit, 365 * day) : parse("securityRetention", securityRetention);
  if (security < audit) report("securityRetention: security events would be forgotten before others; give it at least auditRetention");
  const finite = (length: number): number | undefined => (Number.isFinite(length) ? length : undefined);
  return { auditRetention: finite(audit), securityRetention: finite(security) };
}

export function checkSubscriptions(
  subscriptions: NonNullable<AuthorizationServerOptions["subscriptions"]>,
  report: Report,
): Configuration["subscriptions"] {
  const names = subscriptions.map(({ name }) => name);
  if (new Set(names).size < names.length || names.includes("")) report("subscriptions: each needs a name of its own");
  return subscriptions;
}
