import type { AuthorizationServer } from "vouchsafe";
import type { SqliteStore } from "vouchsafe/sqlite";
import { type Accounts, sessionCookie } from "./accounts.ts";
import { createAdminAccess } from "./admin-access.ts";
import { createOperator } from "./operator/local-operator.ts";
import { lazily, type Route, type RouterOptions } from "./router.ts";

export interface AdminPathOptions {
  readonly issuer: string;
  readonly oauth: AuthorizationServer;
  readonly accounts: Accounts;
  readonly store: SqliteStore;
  readonly adminToken: string | undefined;
  readonly trustProxy: number | readonly string[];
  /** The URIs of the registered resources. */
  readonly resources: readonly string[];
  readonly stopping: AbortSignal;
  readonly onError: RouterOptions["onError"];
  readonly onRefusal: RouterOptions["onRefusal"];
}

/** What is for administrators. It is loaded when the first request comes: it is not what a server starts for. */
export function adminPaths(options: AdminPathOptions): readonly (readonly [string, Route])[] {
  const { issuer, oauth, accounts, store, adminToken, trustProxy, resources, stopping, onError, onRefusal } = options;
  const isSecure = issuer.startsWith("https:");
  const { origin } = new URL(issuer);
  const access = createAdminAccess({
    accounts,
    oauth: () => oauth,
    isSecure,
    adminToken,
    trustProxy,
    resource: resources.find(
      (uri) => uri === origin || uri === `${origin}/` || `${origin}/admin/api/v1`.startsWith(`${uri.replace(/\/$/, "")}/`),
    ),
  });
  const operator = createOperator({ oauth, accounts });
  const api = lazily(async () => {
    const [{ createAdminApi }, { createEventStream }] = await Promise.all([
      import("./admin-api/app.ts"),
      import("./admin-api/event-stream.ts"),
    ]);
    const events = createEventStream({ oauth, store, stopping });
    return createAdminApi({
      access,
      operator,
      events,
      origin,
      isSecure,
      sessionCookieName: sessionCookie(isSecure).name,
      onError,
      onRefusal,
    });
  });
  return [["/admin/api/v1/*", api]];
}
