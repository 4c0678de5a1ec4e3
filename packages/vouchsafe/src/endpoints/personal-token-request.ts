import * as v from "valibot";
import { OAuthError } from "../protocol/errors.ts";
import { type PersonalTokenRequest, usualEnd } from "../protocol/personal-token.ts";

const shape = v.object({
  name: v.string(),
  scopes: v.optional(v.array(v.string())),
  scope: v.optional(v.string()),
  ends: v.optional(v.string(), usualEnd),
});

/** `{"name", "scopes", "ends"}`. @throws OAuthError `invalid_request` */
export function readPersonalTokenRequest(body: unknown): PersonalTokenRequest {
  const parsed = v.safeParse(shape, body);
  if (!parsed.success) throw new OAuthError("invalid_request", "the JSON for a new token is not of its shape");
  const { name, scopes, scope = "", ends } = parsed.output;
  return { name, scope: scopes ?? scope.split(" ").filter((one) => one !== ""), ends };
}
