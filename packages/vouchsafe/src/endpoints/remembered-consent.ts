import type { AuditEvent } from "../audit.ts";
import type { Person } from "../config.ts";
import { type Context, circumstances, noteStep } from "../context.ts";
import { browserName } from "../http/browser-name.ts";
import { redirect } from "../http/responses.ts";
import { OAuthError } from "../protocol/errors.ts";
import type { HeldGrant } from "../protocol/grant.ts";
import { difference } from "../protocol/scope.ts";
import { mintIdentifier } from "../protocol/secret.ts";
import { mayBeRemembered } from "../protocol/trust-tier.ts";
import { codeUri } from "./authorization-response.ts";
import { type Asked, formLifetime } from "./settle-request.ts";

/**
 * A live grant that answers the request already: its client is who it was, the answer goes where it went, and nothing is
 * asked that was not given. OAuth 2.1 §7.4
 */
export function rememberedGrant({ client, held, request, tier, identity }: Asked): HeldGrant | undefined {
  if (!mayBeRemembered(tier, client, request.redirectUri)) return undefined;
  return held.find(
    (grant) =>
      grant.identity === identity && grant.redirectUri === request.redirectUri && difference(request.scope, grant.scope).length === 0,
  );
}

/** Answers without a page. What comes of it ends when the remembered grant does. */
export async function answerAsRemembered(
  remembered: HeldGrant,
  asked: Asked,
  person: Person,
  request: Request,
  context: Context,
): Promise<Response> {
  const {
    client,
    request: { scope },
    tier,
    pushedId,
  } = asked;
  const grantId = pushedId ?? mintIdentifier();
  const common = { ...circumstances(context), tier, clientId: client.id, subject: person.id, grantId, scope };
  const event = { ...common, type: "consent.remembered" } as const;
  if (pushedId === undefined) await context.store.record([event]);
  else await answerOnce(pushedId, event, context);
  noteStep(context, "allowed", { subject: person.id, grantId });
  return redirect(
    codeUri({ grantId, scope, endsAt: remembered.endsAt, browser: await browserName(request), tellIn: undefined }, asked, person, context),
    {},
    302,
  );
}

/** A pushed request is answered once: the first mark that is kept with it wins. RFC 9126 §4 */
async function answerOnce(pushedId: string, event: AuditEvent, { store, now }: Context): Promise<void> {
  const mark = mintIdentifier();
  const standing = await store.decide({ requestId: pushedId, answer: mark, expiresAt: now + formLifetime }, event);
  if (standing !== mark) throw new OAuthError("invalid_request", "the pushed request was answered at the same time");
}
