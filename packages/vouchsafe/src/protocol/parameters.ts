import { OAuthError } from "./errors.ts";

/**
 * The parameters of a protocol request. An empty parameter is an absent one, an unknown one is ignored, and a repeated or
 * malformed one is refused when it is read, so that an authorization request can settle its client first.
 * OAuth 2.1 §3.1, §3.2
 */
export interface Parameters {
  /** @throws OAuthError `invalid_request` where the parameter is repeated or malformed */
  get(name: string): string | undefined;
  /** @throws OAuthError `invalid_request` where the parameter is absent, repeated or malformed */
  require(name: string): string;
  /** The values of a parameter that may be repeated. */
  all(name: string): readonly string[];
  /** @throws OAuthError `invalid_request` where any parameter is repeated or malformed */
  refuseDefects(): void;
}

/**
 * Parses `application/x-www-form-urlencoded` text, from a query or a body. A malformed value of a repeatable parameter is left to whoever
 * reads it: there a code of its own stands for it, such as `invalid_target`.
 */
export function parseParameters(text: string, repeatable: readonly string[] = []): Parameters {
  const values = new Map<string, string[]>();
  const defects = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(text)) {
    if ((isMalformed(name) || isMalformed(value)) && !repeatable.includes(name)) defects.set(name, "malformed");
    const earlier = values.get(name);
    if (earlier === undefined) {
      values.set(name, [value]);
    } else if (repeatable.includes(name)) {
      earlier.push(value);
    } else {
      defects.set(name, "repeated");
    }
  }

  const refuse = (name: string): never => {
    // A name that is none of ours is whatever was sent: it stays out of the audit.
    throw new OAuthError("invalid_request", `${known.includes(name) ? `parameter ${name}` : "a parameter"} is ${defects.get(name)}`);
  };
  const get = (name: string): string | undefined => {
    if (defects.has(name)) refuse(name);
    return values.get(name)?.[0] || undefined;
  };
  return {
    get,
    require: (name) => get(name) ?? missing(name),
    all: (name) => (defects.has(name) ? refuse(name) : (values.get(name) ?? []).filter((value) => value !== "")),
    refuseDefects: () => {
      for (const name of defects.keys()) refuse(name);
    },
  };
}

/** The parameters that we read. IANA OAuth Parameters registry */
const known =
  "client_id client_secret client_assertion client_assertion_type redirect_uri response_type state scope resource prompt max_age login_hint code_challenge code_challenge_method request request_uri grant_type code code_verifier refresh_token token token_type_hint".split(
    " ",
  );

/** Invalid UTF-8 decodes to U+FFFD; NUL has no place in any parameter and ends strings elsewhere. */
const isMalformed = (text: string): boolean => text.includes("\0") || text.includes("\uFFFD");

const missing = (name: string): never => {
  throw new OAuthError("invalid_request", `parameter ${name} is missing`, { description: `The parameter ${name} is missing.` });
};
