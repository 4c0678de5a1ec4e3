import * as v from "valibot";
import { OAuthError } from "../protocol/errors.ts";
import type { Parameters } from "../protocol/parameters.ts";
import { type PersonalTokenRequest, usualEnd } from "../protocol/personal-token.ts";

const shape = v.object({
  name: v.string(),
  scopes: v.optional(v.array(v.string())),
  scope: v.optional(v.string()),
  ends: v.optional(v.string(), usualEnd),
});

/** `{"name", "scopes", "ends"}`. @throws OAuthError `invalid_request` */
export function wantedByJson(body: unknown): PersonalTokenRequest {
  const parsed = v.safeParse(shape, body);
  if (!parsed.success) throw new OAuthError("invalid_request", "the JSON for a new token is not of its shape");
  const { name, scopes, scope = "", ends } = parsed.output;
  return { name, scope: scopes ?? scope.split(" ").filter((one) => one !== ""), ends };
}

/** The fields `name`, `scope` (one checkbox each) and `ends`; where that is `date`, the day is in `until`. */
export function wantedByForm(fields: Parameters): PersonalTokenRequest {
  const ends = fields.get("ends") ?? usualEnd;
  return { name: fields.get("name") ?? "", scope: fields.all("scope"), ends: ends === "date" ? (fields.get("until") ?? "") : ends };
}
