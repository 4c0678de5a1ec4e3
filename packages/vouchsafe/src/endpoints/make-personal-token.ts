import type { Person } from "../config.ts";
import { type Context, circumstances } from "../context.ts";
import { parseDuration } from "../duration.ts";
import { OAuthError } from "../protocol/errors.ts";
import type { Grant } from "../protocol/grant.ts";
import {
  mostPersonalTokens,
  type PersonalTokenRequest,
  requireEnd,
  requireName,
  requirePersonalScope,
} from "../protocol/personal-token.ts";
import { hashSecret, mintSecret } from "../protocol/secret.ts";
import type { PersonalToken } from "../store/store.ts";

/**
 * Makes a token of the person's. Without a value: a form of this id made one before, and that was shown once.
 * @throws OAuthError `invalid_request`, `invalid_scope`
 */
export async function makePersonalToken(
  id: string,
  wanted: PersonalTokenRequest,
  person: Person,
  context: Context,
): Promise<{ token: PersonalToken; value: string | undefined }> {
  const { config, store, now } = context;
  const grant: Grant = {
    id,
    clientId: undefined,
    subject: person.id,
    scope: requirePersonalScope(wanted.scope, config.vocabulary),
    resources: [],
    createdAt: now,
    redeemedAt: now,
    endsAt: requireEnd(wanted.ends, now, {
      mayNeverEnd: mayNeverEnd(context),
      maximumLifetime: config.personalTokens?.maximumLifetime ?? 0,
      durationOf: parseDuration,
    }),
    revokedAt: undefined,
  };
  const token = { grant, name: requireName(wanted.name), usedAt: undefined };
  const value = mintSecret("personal");
  const kept = {
    hash: hashSecret(value),
    kind: "personal",
    grantId: id,
    clientId: undefined,
    scope: grant.scope,
    audience: undefined,
    issuedAt: now,
    expiresAt: grant.endsAt,
  } as const;
  const event = { ...circumstances(context), type: "personal_token.created", subject: person.id, grantId: id, scope: grant.scope } as const;
  const outcome = await store.personalTokens.add(token, kept, mostPersonalTokens, event);
  if (outcome === "full")
    throw new OAuthError("invalid_request", "the person has as many tokens as allowed", {
      description: `You have ${mostPersonalTokens} tokens. Delete one first.`,
      mistake: "tooManyTokens",
    });
  return { token, value: outcome === "repeated" ? undefined : value };
}

/** Where a person may let an app in for ever, their own program is no greater risk. */
export const mayNeverEnd = ({ config }: Context): boolean => config.grantChoices.some(({ lifetime }) => lifetime === undefined);
