import type { Client } from "./client.ts";

/** Registered error codes with the status and the description the client is told. */
const registered = {
  // OAuth 2.1 §3.2.4, §4.1.2.1; RFC 6749 §5.2
  invalid_request: [400, "The request is missing a parameter, repeats one, or is malformed."],
  invalid_client: [401, "Client authentication failed."],
  invalid_grant: [400, "The code or token is invalid, expired, revoked, or was issued to another client."],
  unauthorized_client: [400, "The client may not use this grant type."],
  unsupported_grant_type: [400, "This grant type is not supported."],
  unsupported_response_type: [400, "The only response type is code."],
  invalid_scope: [400, "A requested scope is unknown, malformed, or not allowed to this client."],
  access_denied: [403, "The request was denied."],
  server_error: [500, "Something broke on our side."],
  temporarily_unavailable: [503, "The server cannot answer right now. Try again later."],
  // OpenID Connect Core §3.1.2.6, for prompt=none
  login_required: [400, "The person is not signed in."],
  consent_required: [400, "The person has not consented."],
  // RFC 9101 §6, §5.2
  request_not_supported: [400, "The request parameter is not supported."],
  request_uri_not_supported: [400, "The request_uri parameter is only for requests that were pushed here."],
  invalid_request_uri: [400, "The pushed request is unknown, expired, or was answered already."],
  // RFC 8707 §2
  invalid_target: [400, "The requested resource is unknown, malformed, or not part of the grant."],
  // RFC 7591 §3.2.2
  invalid_redirect_uri: [400, "A redirect URI is invalid or not allowed."],
  invalid_client_metadata: [400, "The client metadata is invalid or not allowed."],
  // RFC 6750 §3.1
  invalid_token: [401, "The access token is missing, expired, revoked, or not meant for this resource."],
  insufficient_scope: [403, "The access token does not have the scope this needs."],
  // RFC 8628 §3.5, here for every limited endpoint but the token endpoint
  slow_down: [429, "Too many requests. Wait before the next one."],
} as const satisfies Record<string, readonly [status: number, description: string]>;

export type ErrorCode = keyof typeof registered;

/** A client by the name that it may have given to itself. */
type NamedClient = Pick<Client, "name" | "origin">;

/** The page that a person sees instead of the wire's error. */
type ErrorPage =
  | { readonly page: "unknown-client" }
  | { readonly page: "unregistered-redirect"; readonly client: NamedClient; readonly redirectUri: string }
  | { readonly page: "too-old" }
  | { readonly page: "form-too-old"; readonly path: string }
  | { readonly page: "looks-false"; readonly brand: string; readonly host: string }
  | { readonly page: "document-unreachable"; readonly host: string }
  | { readonly page: "not-connected" };

/** A mistake that a person can make in a form. */
export type Mistake = "tokenName" | "tokenScope" | "tokenEnd" | "tooManyTokens" | "connectionScope" | "connectionEnd";

export interface OAuthErrorOptions {
  /** Where the registered status does not fit: 413, 415, 429. */
  readonly status?: number;
  /** A constant that says more than the registered description. It never holds a value that was sent. */
  readonly description?: string;
  /** Seconds, for `Retry-After`. */
  readonly retryAfter?: number;
  /** Headers the answer must carry, such as a challenge. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Where a person asks; without it they see that the request is wrong. */
  readonly shownAs?: ErrorPage;
  /** What a person can mend in the form they sent: shown beside it. */
  readonly mistake?: Mistake;
  /** Whom the audit should name. */
  readonly clientId?: string;
  /** The connection it was about, whose attempt it then belongs to. */
  readonly grantId?: string;
}

/**
 * A refusal. The code and its constant description are public; `message` is the private, precise reason, for the audit
 * alone. The router turns it into an answer; nothing else catches it.
 */
export class OAuthError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly description: string;
  readonly options: OAuthErrorOptions;

  constructor(code: ErrorCode, reason: string, options: OAuthErrorOptions = {}) {
    super(reason);
    this.name = "OAuthError";
    this.code = code;
    this.status = options.status ?? registered[code][0];
    this.description = options.description ?? registered[code][1];
    this.options = options;
  }
}

/** Refuses a form or an address that is not, or no longer, what we made it for. The person is told to start again. */
export function refuseAsTooOld(reason: string): never {
  throw new OAuthError("invalid_request", reason, { shownAs: { page: "too-old" } });
}

/** Refuses a form of a person's own pages. They are told to open the page again, which is at this path. */
export function refuseAsFormTooOld(reason: string, path: string): never {
  throw new OAuthError("invalid_request", reason, { shownAs: { page: "form-too-old", path } });
}

/** The body of an error answer. OAuth 2.1 §3.2.4 */
export function errorBody(error: OAuthError): { error: string; error_description: string } {
  return { error: error.code, error_description: error.description };
}
