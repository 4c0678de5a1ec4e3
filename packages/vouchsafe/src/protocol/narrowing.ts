import { OAuthError } from "./errors.ts";
import type { Grant } from "./grant.ts";
import { difference, intersection, type Scope, union, type Vocabulary } from "./scope.ts";

/** What a person wants to be left of a grant. */
export interface Narrowing {
  readonly scope: Scope;
  /** Milliseconds; undefined: until it is revoked. */
  readonly endsAt: number | undefined;
}

/**
 * A grant with less scope, or an earlier end, or as it is. What the vocabulary marks as required stays.
 * @throws OAuthError `invalid_scope` where nothing would be left, or more than there was; `invalid_request` for a later end
 */
export function narrowed(grant: Grant, wanted: Narrowing, vocabulary: Vocabulary): Narrowing {
  const required = grant.scope.filter((name) => vocabulary.get(name)?.required === true);
  const scope = intersection(grant.scope, union(wanted.scope, required));
  if (scope.length === 0 || difference(wanted.scope, grant.scope).length > 0)
    throw new OAuthError("invalid_scope", "an edited connection would have no scope, or more than it had", {
      description: "A connection needs at least one permission, and can have only those it had.",
      mistake: "connectionScope",
    });
  if ((wanted.endsAt ?? Number.POSITIVE_INFINITY) > (grant.endsAt ?? Number.POSITIVE_INFINITY))
    throw new OAuthError("invalid_request", "an edited connection would end later than it did", {
      description: "A connection can end sooner than it would, and not later.",
      mistake: "connectionEnd",
    });
  return { scope, endsAt: wanted.endsAt };
}

/** Whether anything would change. */
export const isNarrower = (grant: Grant, { scope, endsAt }: Narrowing): boolean =>
  scope.length < grant.scope.length || endsAt !== grant.endsAt;
