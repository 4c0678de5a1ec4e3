import { type Client, isConfidential, type ShownClient } from "./client.ts";
import { isTrustedHost } from "./document-url.ts";
import { type Destination, destinationOf } from "./redirect-uri.ts";
import type { Scope } from "./scope.ts";

/**
 * How much the server knows about who is asking.
 * - `own`: the operator's own application
 * - `checked`: an operator registered it or trusts the site its document is on, and it gets its answer on a website
 * - `known-website`: its document is on a website, which is where it says it comes from
 * - `on-this-computer`: it is known, but any program on the computer could take its place
 * - `named-itself`: it registered itself; its name is what it says
 */
export type TrustTier = "own" | "checked" | "known-website" | "on-this-computer" | "named-itself";

export function trustTier(client: Client, redirectUri: string, trustedHosts: readonly string[]): TrustTier {
  if (client.origin === "dynamic") return "named-itself";
  if (client.firstParty) return "own";
  const destination = destinationOf(redirectUri);
  if (destination.kind !== "website") return "on-this-computer";
  if (client.origin === "operator") return "checked";
  return isChecked(client, trustedHosts) && isOnOwnSite(client, destination) ? "checked" : "known-website";
}

/** Whether the operator knows who made it: they registered it, or trust the site that its document is on. */
export const isChecked = (client: ShownClient, trustedHosts: readonly string[]): boolean =>
  client.origin === "operator" || (client.origin === "document" && isTrustedHost(hostOf(client), { trustedHosts }));

/** The host that a client's document is on. */
export const hostOf = ({ id }: Pick<Client, "id">): string => URL.parse(id)?.host ?? "";

/** Whether the answer goes where the client's document is: nobody else on the web can get it. */
const isOnOwnSite = (client: Client, destination: Destination): boolean =>
  destination.kind === "website" && destination.host === hostOf(client);

/**
 * Whether a consent may stand for the next request too: only where the destination proves who gets the answer.
 * OAuth 2.1 §7.4, RFC 8252 §8.6
 */
export function mayBeRemembered(tier: TrustTier, client: Client, redirectUri: string): boolean {
  const destination = destinationOf(redirectUri);
  if (destination.kind !== "website") return false;
  if (tier === "own" || tier === "checked") return true;
  return tier === "known-website" && isOnOwnSite(client, destination);
}

/**
 * Whether a request that must show nothing may be answered with a code: it runs where nobody looks, so beside its consent
 * the client's own proof is wanted, or the operator's word.
 */
export const mayBeSilent = (tier: TrustTier, client: Client): boolean => tier === "own" || isConfidential(client);

/** The scopes that are ticked when the consent page opens. The less we know, the less is ticked. */
export function tickedScope(tier: TrustTier, requested: Scope, defaultScope: Scope): Scope {
  if (tier === "own" || tier === "checked") return requested;
  return requested.filter((name) => defaultScope.includes(name));
}
