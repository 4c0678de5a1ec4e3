import { OAuthError } from "./errors.ts";
import { difference, intersection, type Scope, type Vocabulary } from "./scope.ts";
import { isShowable } from "./shown-name.ts";

/** What a person wants of a new token, as a form or JSON says it. */
export interface PersonalTokenRequest {
  readonly name: string;
  readonly scope: Scope;
  /** A length of time, a date (`2027-01-31`), or `never`. */
  readonly ends: string;
}

/** The most live tokens a person has. */
export const mostPersonalTokens = 100;

/** What the page offers beside a date; the first that is taken where nothing is said is the second. */
export const offeredEnds = ["7d", "30d", "90d"] as const;

export const usualEnd = "30d";

/** The scopes that people may give to tokens of their own. */
export const personalScope = (vocabulary: Vocabulary): Scope =>
  [...vocabulary].filter(([, { operatorOnly }]) => !operatorOnly).map(([name]) => name);

/** A name that people can tell from others, without what could forge lines elsewhere. @throws OAuthError `invalid_request` */
export function requireName(name: string): string {
  const trimmed = name.trim();
  if (trimmed.length > 100 || !isShowable(trimmed))
    throw new OAuthError("invalid_request", "the token's name is missing, too long, or has characters that cannot be shown", {
      description: "A token needs a name of at most 100 characters.",
      mistake: "tokenName",
    });
  return trimmed;
}

/** @throws OAuthError `invalid_scope` where there is none, or one that people cannot give */
export function requirePersonalScope(scope: Scope, vocabulary: Vocabulary): Scope {
  const allowed = personalScope(vocabulary);
  if (scope.length === 0 || difference(scope, allowed).length > 0)
    throw new OAuthError("invalid_scope", "a personal token's scope is empty or not allowed", {
      description: "A token needs at least one permission, and only those that are offered.",
      mistake: "tokenScope",
    });
  return intersection(allowed, scope);
}

/**
 * When a token is to end. A date ends with its day, in UTC.
 * @throws OAuthError `invalid_request` where that is in the past, too far, or no time at all
 */
export function requireEnd(ends: string, now: number, { mayNeverEnd, maximumLifetime, durationOf }: EndPolicy): number | undefined {
  if (ends === "never" && mayNeverEnd) return undefined;
  const at = endOfDay(ends) ?? now + (durationOf(ends) ?? Number.NaN);
  if (!(at > now && at <= now + maximumLifetime))
    throw new OAuthError("invalid_request", "the token's end is in the past, too far, or no time", {
      description: "A token ends after a length of time such as 30d, or at a date, within what is allowed.",
      mistake: "tokenEnd",
    });
  return at;
}

/** The last millisecond of a day of the calendar; undefined where the text is no date. */
function endOfDay(date: string): number | undefined {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(date)?.map(Number) ?? [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const end = Date.UTC(year, month - 1, day, 23, 59, 59, 999);
  const isInMonth = month >= 1 && month <= 12 && day >= 1 && end < Date.UTC(year, month, 1);
  return isInMonth ? end : Number.NaN;
}

export interface EndPolicy {
  readonly mayNeverEnd: boolean;
  /** Milliseconds. */
  readonly maximumLifetime: number;
  /** Milliseconds; undefined where the text is no length of time. */
  readonly durationOf: (text: string) => number | undefined;
}
