import type { Configuration } from "../config.ts";
import { parseDuration } from "../duration.ts";
import { OAuthError } from "../protocol/errors.ts";
import { requireEnd, requireName } from "../protocol/personal-token.ts";
import { difference, type Scope } from "../protocol/scope.ts";
import { hashSecret, mintIdentifier, mintSecret } from "../protocol/secret.ts";
import type { Token } from "../protocol/token.ts";
import type { PersonalToken } from "../store/store.ts";
import { AdminError } from "./admin-error.ts";

/** A personal access token that an operator makes for somebody. */
export interface PersonalTokenOrder {
  readonly subject: string;
  readonly name: string;
  /** Default: the server's default scope. Scopes that people cannot give themselves may be among them. */
  readonly scope?: Scope;
  /** A length of time, a date (`2027-01-31`), or `never` where the configuration allows it. Default `30d`. */
  readonly ends?: string;
}

/** @throws AdminError */
export function orderedToken(
  { subject, name, scope, ends = "30d" }: PersonalTokenOrder,
  config: Configuration,
): { readonly personal: PersonalToken; readonly token: Token; readonly value: string } {
  const now = config.now();
  const given = scope ?? config.defaultScope;
  const [unknown] = difference(given, [...config.vocabulary.keys()]);
  if (given.length === 0 || unknown !== undefined)
    throw new AdminError(unknown === undefined ? "a token needs a scope" : `there is no scope ${unknown}`);
  const value = mintSecret("personal");
  const id = mintIdentifier();
  const checked = described(() => ({
    name: requireName(name),
    endsAt: requireEnd(ends, now, {
      mayNeverEnd: config.grantChoices.some(({ lifetime }) => lifetime === undefined),
      maximumLifetime: config.personalTokens?.maximumLifetime ?? 0,
      durationOf: parseDuration,
    }),
  }));
  const grant = {
    id,
    clientId: undefined,
    subject,
    scope: given,
    resources: [],
    createdAt: now,
    redeemedAt: now,
    endsAt: checked.endsAt,
    revokedAt: undefined,
  };
  const token: Token = {
    hash: hashSecret(value),
    kind: "personal",
    grantId: id,
    clientId: undefined,
    scope: given,
    audience: undefined,
    issuedAt: now,
    expiresAt: checked.endsAt,
  };
  return { personal: { grant, name: checked.name, usedAt: undefined }, token, value };
}

/** What a form would be told. */
function described<Result>(check: () => Result): Result {
  try {
    return check();
  } catch (error) {
    throw error instanceof OAuthError ? new AdminError(error.description ?? error.message) : error;
  }
}
