import { hash } from "node:crypto";
import { OAuthError } from "./errors.ts";
import type { Parameters } from "./parameters.ts";
import { pushedRequestId } from "./pushed-request.ts";

/**
 * The id of an attempt to connect, from its authorization request to the redemption of its code. It follows from the client
 * and its challenge, which is new with every attempt, and so is carried nowhere: request, return from sign-in, consent form
 * and code all lead to the same one. What it was made of cannot be read from it.
 */
export const flowIdOf = ({ clientId, codeChallenge }: { readonly clientId: string; readonly codeChallenge: string }): string =>
  idOf([clientId, codeChallenge]);

/**
 * The same, of a request that may not be in order: without a challenge its redirect URI and state stand in. Undefined where it
 * only refers to a request that was pushed, or names no client.
 */
export function flowIdOfRequest(parameters: Parameters, clientId = readable(parameters, "client_id")): string | undefined {
  if (clientId === undefined || pushedRequestId(readable(parameters, "request_uri")) !== undefined) return undefined;
  const codeChallenge = readable(parameters, "code_challenge");
  if (codeChallenge !== undefined) return flowIdOf({ clientId, codeChallenge });
  return idOf([clientId, readable(parameters, "redirect_uri") ?? "", readable(parameters, "state") ?? ""]);
}

/** 120 bits. */
const idOf = (parts: readonly string[]): string => hash("sha256", JSON.stringify(["vouchsafe flow", ...parts]), "base64url").slice(0, 20);

/** What a request says, where that can be read; the refusal of what cannot is another step's. */
function readable(parameters: Parameters, name: string): string | undefined {
  try {
    return parameters.get(name);
  } catch (error) {
    if (error instanceof OAuthError) return undefined;
    throw error;
  }
}
