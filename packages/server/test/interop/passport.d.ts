/** What the tests use of passport; the types that others keep for it bring express along. */

declare module "passport" {
  type IncomingMessage = import("node:http").IncomingMessage;
  type ServerResponse = import("node:http").ServerResponse;

  export class Passport {
    use(name: string, strategy: import("passport-oauth2").Strategy): this;
    /** Redirects, or hands over who came back, or why nobody did. */
    authenticate(
      name: string,
      done: (error: (Error & { readonly code?: string }) | null, account?: unknown, refusal?: { readonly message?: string }) => void,
    ): (request: IncomingMessage & { query: object; session: object }, response: ServerResponse, next: (error?: unknown) => void) => void;
  }
}

declare module "passport-oauth2" {
  export interface StrategyOptions {
    readonly authorizationURL: string;
    readonly tokenURL: string;
    readonly clientID: string;
    readonly clientSecret: string;
    readonly callbackURL: string;
    readonly scope: readonly string[];
    readonly state: true;
    readonly pkce: true;
  }

  type Verified = (error: Error | null, account?: unknown) => void;

  export class Strategy {
    constructor(
      options: StrategyOptions,
      verify: (accessToken: string, refreshToken: string, answer: { readonly scope: string }, profile: unknown, verified: Verified) => void,
    );
  }
}
