/** A web site that lets people connect their account through passport: plain node:http, and sessions in memory by a cookie. */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import passport from "passport";
import { Strategy, type StrategyOptions } from "passport-oauth2";

/** What the strategy's verify callback was given. */
export interface Connection {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly scope: string;
}

/** Answers `/connect` with the redirect, and `/callback` with the connection, or with why there is none. */
export async function openSite(port: number, options: StrategyOptions): Promise<() => Promise<void>> {
  const sessions = new Map<string, object>();
  const authenticator = new passport.Passport().use(
    "vouchsafe",
    new Strategy(options, (accessToken, refreshToken, { scope }, _profile, verified) => {
      verified(null, { accessToken, refreshToken, scope } satisfies Connection);
    }),
  );
  const site = createServer((request, response) => {
    const visit = /visit=([\w-]+)/.exec(request.headers.cookie ?? "")?.[1] ?? randomUUID();
    const session = sessions.get(visit) ?? {};
    sessions.set(visit, session);
    response.setHeader("set-cookie", `visit=${visit}; HttpOnly`);
    const answer = (status: number, body: unknown) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    const query = Object.fromEntries(new URL(request.url ?? "/", options.callbackURL).searchParams);
    authenticator.authenticate("vouchsafe", (error, account, refusal) => {
      if (error !== null) return answer(502, { error: error.code, message: error.message });
      return account === false ? answer(403, refusal) : answer(200, account);
    })(Object.assign(request, { query, session }), response, (error) => answer(500, { message: String(error) }));
  });
  site.listen(port, "127.0.0.1");
  await once(site, "listening");
  return async () => {
    site.closeAllConnections();
    site.close();
    await once(site, "close");
  };
}
