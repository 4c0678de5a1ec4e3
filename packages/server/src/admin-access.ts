import { equalHashes, hashSecret } from "vouchsafe";
import { type Accounts, sessionCookie } from "./accounts.ts";

export interface AdminAccessOptions {
  readonly accounts: Accounts;
  readonly isSecure: boolean;
  /** Undefined: there is none, and nobody comes in with one. */
  readonly adminToken: string | undefined;
}

/** Who may do what operators do. */
export interface Administrator {
  /** For the audit: an e-mail address, or `admin token`. */
  readonly name: string;
  readonly way: "token" | "session";
}

/** Who is an operator: whoever has the admin token, or an administrator who is signed in. A token counts alone, whatever cookie comes with it. */
export function createAdminAccess({ accounts, isSecure, adminToken }: AdminAccessOptions): (request: Request) => Administrator | undefined {
  const cookie = sessionCookie(isSecure);
  const expected = adminToken === undefined ? undefined : hashSecret(adminToken);
  return (request) => {
    const authorization = request.headers.get("authorization");
    if (authorization !== null) {
      const token = /^bearer +([^\s,]+)$/i.exec(authorization)?.[1];
      const isRight = token !== undefined && expected !== undefined && equalHashes(hashSecret(token), expected);
      return isRight ? { name: "admin token", way: "token" } : undefined;
    }
    const secret = cookie.read(request);
    const account = secret === undefined ? undefined : accounts.session(secret)?.account;
    return account?.isAdmin === true ? { name: account.email, way: "session" } : undefined;
  };
}
