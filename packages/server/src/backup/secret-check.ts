import { ConfigurationError, secretFingerprints } from "vouchsafe";
import { type Environment, knownSecrets, secretFile } from "../environment.ts";

/**
 * That the secret of these settings opens what a copy holds: its signing keys, its audit, and what was sealed since.
 * @param fingerprint of the copy's secret; undefined: no server ever used it, and any secret fits
 * @throws ConfigurationError
 */
export function checkSecretFits(environment: Environment, fingerprint: string | undefined): void {
  if (fingerprint === undefined) return;
  const secrets = knownSecrets(environment);
  const { database } = environment;
  if (secrets === undefined)
    throw new ConfigurationError([
      `OAUTH_SECRET: the copy opens with the secret that it was made with, and there is none here: give OAUTH_SECRET${
        database.kind === "sqlite" ? `, or put the file beside the database: ${secretFile(database.path)}` : ""
      }`,
    ]);
  if (!secretFingerprints(secrets).includes(fingerprint))
    throw new ConfigurationError(["OAUTH_SECRET: the copy was made with another secret, and nothing was changed"]);
}
