import type { Client } from "./client.ts";
import { destinationOf } from "./redirect-uri.ts";
import type { Scope } from "./scope.ts";

/**
 * How much the server knows about who is asking.
 * - `own`: the operator's own application
 * - `checked`: an operator registered it, and it gets its answer on a website
 * - `on-this-computer`: an operator registered it, but any program on the computer could take its place
 * - `named-itself`: it registered itself; its name is what it says
 */
export type TrustTier = "own" | "checked" | "on-this-computer" | "named-itself";

export function trustTier(client: Client, redirectUri: string): TrustTier {
  if (client.origin === "dynamic") return "named-itself";
  if (client.firstParty) return "own";
  return destinationOf(redirectUri).kind === "website" ? "checked" : "on-this-computer";
}

/** The scopes that are ticked when the consent page opens. The less we know, the less is ticked. */
export function tickedScope(tier: TrustTier, requested: Scope, defaultScope: Scope): Scope {
  if (tier === "own" || tier === "checked") return requested;
  return requested.filter((name) => defaultScope.includes(name));
}
