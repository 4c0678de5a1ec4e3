import { type AuthorizationServer, clientAddress, type Person, type RequestInfo } from "vouchsafe";
import { OAuthError, redirect } from "vouchsafe/pages";
import type { Accounts } from "./accounts.ts";
import { pathOf } from "./router.ts";
import { signInUrl } from "./sign-in.ts";

export interface AdminAccessOptions {
  readonly accounts: Accounts;
  readonly oauth: () => AuthorizationServer;
  readonly signedIn: (request: Request) => Person | undefined;
  readonly trustProxy: number | readonly string[];
}

/** Who may do what operators do. */
export interface Administrator {
  /** For the audit. */
  readonly name: string;
  readonly address: string;
}

export type AdminAccess = ReturnType<typeof createAdminAccess>;

/** Who is an operator: asked anew at each request, so that a right that was taken away is gone with the next one. */
export function createAdminAccess({ accounts, signedIn, trustProxy }: AdminAccessOptions) {
  return {
    /** For pages: whoever is not signed in is led to where they can, and then back. @throws OAuthError with 403 */
    requireForPage: async (request: Request, info: RequestInfo): Promise<Administrator | Response> => {
      const person = signedIn(request);
      if (person === undefined) return redirect(signInUrl(pathOf(request.url) + new URL(request.url).search, {}));
      const account = accounts.byId(person.id);
      if (account?.isAdmin !== true)
        throw new OAuthError("access_denied", "the person who is signed in is no administrator", { status: 403 });
      return { name: account.email, address: clientAddress(info.address, request.headers.get("x-forwarded-for"), trustProxy) };
    },
  };
}
