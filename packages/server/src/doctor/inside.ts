import { StorageError } from "vouchsafe";
import { addressOfDatabase, type DatabaseAddress } from "../environment.ts";
import { type Check, finding, warning } from "./check.ts";
import { checkSteadiness } from "./clock.ts";
import { checkConfigured } from "./configuration.ts";
import { checkDatabase } from "./database.ts";
import { checkFromOutside } from "./outside.ts";
import { checkSecret } from "./secret.ts";

/** Everything that was found. `unreadable`: what a start would fail at. */
export interface Diagnosis {
  readonly checks: readonly Check[];
  readonly unreadable: "configuration" | "storage" | undefined;
}

/**
 * Looks at this computer's own server: settings, database, secret, keys, clock, and then its issuer from outside. What
 * can be looked at is looked at, even where something before it is broken. Nothing is made or changed.
 */
export async function checkFromInside(): Promise<Diagnosis> {
  const { checks: settings, environment, isUsable } = await checkConfigured();
  const address = environment?.database ?? addressSaid();
  const database = address === undefined ? undefined : await checkDatabase(address);
  const secret =
    environment !== undefined && isUsable && database?.isCurrent === true ? await storageSeen(checkSecret(environment)) : undefined;
  const issuer = environment?.values.issuer ?? process.env["OAUTH_ISSUER"] ?? "";
  const isConfigured = isUsable && secret?.fits !== false;
  return {
    checks: [...settings, ...(database?.checks ?? []), ...(secret?.checks ?? []), checkSteadiness(), ...(await outsideOf(issuer))],
    unreadable: !isConfigured ? "configuration" : database?.isReadable === false ? "storage" : undefined,
  };
}

/** The database, where the environment names it and the settings as a whole cannot be read. */
function addressSaid(): DatabaseAddress | undefined {
  const url = process.env["DATABASE_URL"];
  try {
    return url === undefined || url === "" ? undefined : addressOfDatabase(url);
  } catch {
    return undefined;
  }
}

/** A database that fails only now is a finding like any other. */
const storageSeen = (secret: ReturnType<typeof checkSecret>): ReturnType<typeof checkSecret> =>
  secret.catch((error: unknown) => {
    if (!(error instanceof StorageError)) throw error;
    return { checks: [finding("database", `It cannot be used: ${error.message}.`, "vouchsafe doctor, when it is quiet")], fits: true };
  });

/** A server that is not running is no finding: it may be looked at before it starts. */
async function outsideOf(issuer: string): Promise<readonly Check[]> {
  if (!/^https?:$/.test(URL.parse(issuer)?.protocol ?? "")) return [];
  const checks = await checkFromOutside(issuer, issuer);
  const [first] = checks;
  if (checks.length !== 1 || first?.check !== "reachable") return checks;
  return [warning(first.check, first.seen, "vouchsafe serve")];
}
