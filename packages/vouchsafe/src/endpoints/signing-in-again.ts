import type { Person } from "../config.ts";
import type { Context } from "../context.ts";
import { type Asked, formLifetime } from "./settle-request.ts";

/**
 * The parameter that we add to a request that was sent to sign-in although somebody was signed in: when that was, with our
 * signature. Without it `prompt=login` would send the person there for ever.
 */
const marker = "vouchsafe_sent_to_sign_in";

/** Why somebody who is signed in must sign in again: the hint for the sign-in page; undefined where they need not. OpenID Connect Core §3.1.2.1 */
export function promptForSignIn({ query, request }: Asked, person: Person, context: Context): "login" | "select_account" | undefined {
  const sentAt = sentToSignIn(query, context);
  const isOld = request.maxAge !== undefined && !(context.now - (person.signedInAt ?? Number.NEGATIVE_INFINITY) <= request.maxAge);
  if (request.prompt.includes("login") || isOld) return hasSignedInSince(sentAt, person) ? undefined : "login";
  return request.prompt.includes("select_account") && sentAt === undefined ? "select_account" : undefined;
}

/** A host app that does not say when somebody signed in is believed that they did. */
const hasSignedInSince = (sentAt: number | undefined, { signedInAt = Number.POSITIVE_INFINITY }: Person): boolean =>
  sentAt !== undefined && signedInAt >= sentAt;

/** The request, as it is to come back from sign-in. */
export function markSentToSignIn(query: string, { keys, now }: Context): string {
  const asked = withoutMarker(query);
  return `${asked}&${marker}=${now}.${keys.sign("form", markedText(asked, now))}`;
}

/** A mark lasts as long as any page: the same address opened days later asks anew. */
function sentToSignIn(query: string, { keys, now }: Context): number | undefined {
  const [, time, signature] = markerPattern.exec(query) ?? [];
  if (time === undefined || signature === undefined) return undefined;
  const sentAt = Number(time);
  const isOurs = keys.verify("form", markedText(withoutMarker(query), sentAt), signature);
  return isOurs && now < sentAt + formLifetime ? sentAt : undefined;
}

const markerPattern = new RegExp(`&${marker}=(\\d{1,16})\\.([\\w-]+)$`);

const withoutMarker = (query: string): string => query.replace(markerPattern, "");

const markedText = (query: string, at: number): string => JSON.stringify([marker, query, at]);
