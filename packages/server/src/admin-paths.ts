import type { AuthorizationServer, Person } from "vouchsafe";
import type { SqlStore } from "vouchsafe/sqlite";
import { type Accounts, sessionCookie } from "./accounts.ts";
import { adminApiPath, createAdminAccess } from "./admin-access.ts";
import { type Metrics, showMetrics } from "./metrics/metrics.ts";
import { lazily, type Route, type RouterOptions } from "./router.ts";

export interface AdminPathOptions {
  readonly issuer: string;
  readonly oauth: AuthorizationServer;
  readonly accounts: Accounts;
  readonly store: SqlStore;
  readonly adminToken: string | undefined;
  readonly trustProxy: number | readonly string[];
  /** The URIs of the registered resources. */
  readonly resources: readonly string[];
  readonly signedIn: (request: Request) => Promise<Person | undefined>;
  readonly stopping: AbortSignal;
  readonly onError: RouterOptions["onError"];
  readonly onRefusal: RouterOptions["onRefusal"];
  readonly metrics: Metrics;
}

/** What is for administrators. It is loaded when the first request comes: it is not what a server starts for. */
export function adminPaths(options: AdminPathOptions): readonly (readonly [string, Route])[] {
  const { issuer, oauth, accounts, store, adminToken, trustProxy, resources, signedIn, stopping, metrics, onError, onRefusal } = options;
  const isSecure = issuer.startsWith("https:");
  const { origin } = new URL(issuer);
  const resource = resources.find((uri) => `${origin}${adminApiPath}`.startsWith(`${uri.replace(/\/$/, "")}/`));
  const access = createAdminAccess({ accounts, oauth: () => oauth, isSecure, adminToken, trustProxy, resource });
  const api = lazily(async () => {
    const [{ createAdminApi }, { createEventStream }, { createOperator }] = await Promise.all([
      import("./admin-api/app.ts"),
      import("./admin-api/event-stream.ts"),
      import("./operator/local-operator.ts"),
    ]);
    const operator = createOperator({ oauth, accounts });
    const events = createEventStream({ oauth, store, stopping, onFailure: (error) => onError(error, "event stream") });
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
  const dashboard = lazily(async () => {
    const [{ createDashboard }, { createOperator }] = await Promise.all([
      import("./dashboard/dashboard.ts"),
      import("./operator/local-operator.ts"),
    ]);
    return createDashboard({ oauth, operator: createOperator({ oauth, accounts }), access, signedIn });
  });
  return [
    [`${adminApiPath}/*`, api],
    ["/admin", dashboard],
    ["/admin/*", dashboard],
    ["/metrics", { GET: showMetrics({ metrics, oauth, store, access }) }],
  ];
}
