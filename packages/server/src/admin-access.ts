import { type AuthorizationServer, addressBlock, clientAddress, equalHashes, hashSecret, type Person, type RequestInfo } from "vouchsafe";
import { OAuthError, redirect } from "vouchsafe/pages";
import { type Accounts, sessionCookie } from "./accounts.ts";
import { pathOf } from "./router.ts";
import { personOf, signInUrl } from "./sign-in.ts";

/** Where the admin API is. */
export const adminApiPath = "/admin/api/v1";

export interface AdminAccessOptions {
  readonly accounts: Accounts;
  readonly oauth: () => AuthorizationServer;
  readonly isSecure: boolean;
  /** The operator's own way in; undefined: there is none. */
  readonly adminToken: string | undefined;
  readonly trustProxy: number | readonly string[];
  /** The registered resource that the admin API is below: personal tokens are asked there. Undefined: they open nothing. */
  readonly resource: string | undefined;
}

/** Who may do what operators do. */
export interface Administrator {
  /** For the audit: an e-mail address, or `admin token`. */
  readonly name: string;
  readonly address: string;
  /** Whose session it is: by a browser's cookie, which other sites can make it send. Undefined: by a token. */
  readonly person: Person | undefined;
}

export type AdminAccess = ReturnType<typeof createAdminAccess>;

/** A token that is nobody's: what somebody who guesses would send. */
export class WrongAdminToken extends OAuthError {}

/** The scope of a personal token that may do what its owner may as an administrator. */
const adminScope = "admin";

/**
 * Who is an operator: whoever has the server's admin token; an administrator who is signed in; and a personal token of an
 * administrator with the scope `admin`. A client never is, whatever it was granted: a scope is no role. Everything is
 * asked anew at each request, so that a right that was taken away is gone with the next one.
 */
export function createAdminAccess({ accounts, oauth, isSecure, adminToken, trustProxy, resource }: AdminAccessOptions) {
  const cookie = sessionCookie(isSecure);
  const expected = adminToken === undefined ? undefined : hashSecret(adminToken);

  const byPersonalToken = async (request: Request, info: RequestInfo): Promise<string> => {
    const access = resource === undefined ? undefined : await oauth().authenticate(request, { resource }, info);
    if (access === undefined || access instanceof Response)
      return refuseToken("the token is unknown, has ended, or is for another resource");
    const { clientId, subject, scope } = access;
    if (clientId !== undefined) return refuseRight("insufficient_scope", "a client is no administrator, whatever its scope", clientId);
    if (!scope.includes(adminScope)) return refuseRight("insufficient_scope", "the personal token does not have the scope admin");
    const account = await accounts.byId(subject);
    if (account === undefined || !account.isAdmin || account.disabledAt !== undefined)
      return refuseRight("access_denied", "the personal token's owner is no administrator");
    return account.email;
  };

  /** Guessing is slowed down; whoever has the right token is never told to wait for others' failures. */
  const refuseGuess = async (address: string): Promise<never> => {
    const wait = await oauth().limits.client.count(`admin ${addressBlock(address)}`);
    if (wait === undefined) throw new WrongAdminToken("invalid_token", "the admin token is wrong", { headers: challenge("invalid_token") });
    throw new OAuthError("slow_down", "too many wrong admin tokens", { retryAfter: wait });
  };

  const bySession = async (request: Request): Promise<Pick<Administrator, "name" | "person"> | undefined> => {
    const secret = cookie.read(request);
    const session = secret === undefined ? undefined : await accounts.session(secret);
    if (session === undefined) return undefined;
    const { isAdmin, email } = session.account;
    if (!isAdmin) return refuseRight("access_denied", "the person who is signed in is no administrator");
    return { name: email, person: personOf(session) };
  };

  /** Undefined: nobody said who they are. A token counts alone, whatever cookie comes with it. @throws OAuthError */
  const find = async (request: Request, info: RequestInfo): Promise<Administrator | undefined> => {
    const address = clientAddress(info.address, request.headers.get("x-forwarded-for"), trustProxy);
    const authorization = request.headers.get("authorization") ?? "";
    if (!/^(?:bearer|dpop)\b/i.test(authorization)) {
      const found = await bySession(request);
      return found && { ...found, address };
    }
    return {
      name: await byToken(request, info, /^bearer +([^\s,]+)$/i.exec(authorization)?.[1] ?? "", address),
      address,
      person: undefined,
    };
  };

  const byToken = async (request: Request, info: RequestInfo, token: string, address: string): Promise<string> => {
    if (expected !== undefined && equalHashes(hashSecret(token), expected)) return "admin token";
    return ourTokens.test(token) ? byPersonalToken(request, info) : refuseGuess(address);
  };

  return {
    /** For programs. @throws OAuthError with 401, 403 or 429 */
    require: async (request: Request, info: RequestInfo): Promise<Administrator> => {
      const found = await find(request, info);
      if (found !== undefined) return found;
      // RFC 6750 §3.1: who sent no authentication is told no error in the challenge.
      throw new OAuthError("invalid_token", "nobody said who they are", { headers: challenge() });
    },
    /** For pages: whoever is not signed in is led to where they can, and then back. @throws OAuthError with 401, 403 or 429 */
    requireForPage: async (request: Request, info: RequestInfo): Promise<Administrator | Response> => {
      const { search } = new URL(request.url);
      return (await find(request, info)) ?? redirect(signInUrl(pathOf(request.url) + search, {}), {}, 302);
    },
  };
}

/** The shapes of what this server issues: nobody can guess one, so that only other tokens count as guesses. */
const ourTokens = /^(?:vs_|[\w-]+\.[\w-]+\.[\w-]+$)/;

const challenge = (error?: string): Record<string, string> => ({
  "www-authenticate": `Bearer realm="admin"${error === undefined ? "" : `, error="${error}"`}`,
});

function refuseToken(reason: string): never {
  throw new OAuthError("invalid_token", reason, { headers: challenge("invalid_token") });
}

function refuseRight(code: "insufficient_scope" | "access_denied", reason: string, clientId?: string): never {
  throw new OAuthError(code, reason, {
    description: "This is for administrators.",
    ...(code === "insufficient_scope" ? { headers: challenge(code) } : {}),
    ...(clientId === undefined ? {} : { clientId }),
  });
}
