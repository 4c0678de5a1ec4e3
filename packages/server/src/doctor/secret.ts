import { existsSync, statSync } from "node:fs";
import { ConfigurationError, type SigningKey, stateOfSigningKey } from "vouchsafe";
import { type Environment, secretFile } from "../environment.ts";
import { createStandalone, openStore, patience } from "../main.ts";
import { type Check, finding, ok, warning } from "./check.ts";

/** What the secret opens. `fits`: false where the database was made with another one. */
export interface SecretSeen {
  readonly checks: readonly Check[];
  readonly fits: boolean;
}

const name = "secret";

/** Whether the secret is the database's, and what keys it opens. The database must be at the newest schema. */
export async function checkSecret(environment: Environment): Promise<SecretSeen> {
  const { database, values } = environment;
  const file = database.kind === "sqlite" ? secretFile(database.path) : "";
  const { keys, fingerprint } = await readKept(environment);
  // Where no server has ever started, there is nothing that a secret must fit.
  if (keys.length === 0) return { checks: [ok(name, "No server has used this database yet: any secret fits.")], fits: true };
  if (values.secret === undefined && !existsSync(file)) {
    const seen = `The database is there, and ${file} is not: a start would make a new one that opens nothing.`;
    return { checks: [finding(name, seen, `OAUTH_SECRET_FILE=${file}, with the secret of the backup`)], fits: false };
  }
  if (!(await isOwn(environment, keys, fingerprint)))
    return {
      checks: [finding(name, "The database was made with another one.", "OAUTH_SECRET=<the new secret>,<the secret it was made with>")],
      fits: false,
    };
  const keysSeen = checkKeys(keys, values.accessTokenFormat, Date.now());
  return { checks: [ok(name, "It is the database's own."), ...checkFile(values.secret, file), keysSeen], fits: true };
}

/** The keys, and what tells their secret from others; neither is there before the first start, and neither is made. */
async function readKept(environment: Environment): Promise<{ readonly keys: readonly SigningKey[]; readonly fingerprint: string }> {
  const store = await openStore(environment, { busyTimeout: patience });
  try {
    const keys = await store.signingKeys();
    return { keys, fingerprint: keys.length === 0 ? "" : await store.setting("secret_fingerprint", "") };
  } finally {
    await store.close();
  }
}

/** Tries the secret as a start does, on a copy: a start with a new secret seals the keys again, and the running server may not have it yet. */
async function isOwn(environment: Environment, keys: readonly SigningKey[], fingerprint: string): Promise<boolean> {
  const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const copy = await createStandalone({ ...environment, database: { kind: "sqlite", path: ":memory:" } }, silent, {
    demo: false,
    delivers: false,
  });
  try {
    await copy.store.setting("secret_fingerprint", fingerprint);
    await copy.store.changeSigningKeys([], keys);
    await copy.oauth.ready();
    return true;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return false;
  } finally {
    await copy.oauth.close();
  }
}

function checkFile(secret: readonly string[] | undefined, file: string): readonly Check[] {
  if (secret !== undefined || process.platform === "win32" || (statSync(file).mode & 0o077) === 0) return [];
  return [finding("secret, file", `${file} can be read by other accounts.`, `chmod 600 ${file}`)];
}

const day = 86_400_000;

/** How long a key signs before a hint to rotate it, in days. */
const longestSigning = 365;

function checkKeys(keys: readonly SigningKey[], format: "opaque" | "jwt", now: number): Check {
  const signing = keys.find((key) => stateOfSigningKey(key) === "signing");
  if (signing === undefined) return finding("keys", "No key signs.", "vouchsafe keys rotate");
  const age = Math.floor((now - (signing.signsFrom ?? signing.createdAt)) / day);
  const seen = `${keys.length} published; an ${signing.algorithm} key has signed for ${age} ${age === 1 ? "day" : "days"}`;
  if (format === "jwt" && age > longestSigning) return warning("keys", `${seen}.`, "vouchsafe keys rotate", "RFC 9700 §4.10");
  return ok("keys", `${seen}.`);
}
