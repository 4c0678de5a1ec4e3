import { en, type Page } from "vouchsafe/pages";
import { appPage, appsPage } from "../dashboard/pages/apps.ts";
import { auditPage, verificationPage } from "../dashboard/pages/audit.ts";
import { connectionsPage } from "../dashboard/pages/connections.ts";
import { flowPage, flowsPage } from "../dashboard/pages/flows.ts";
import { dashboardFrame, dashboardLook, refusalPage } from "../dashboard/pages/frame.ts";
import { keysPage } from "../dashboard/pages/keys.ts";
import { livePage } from "../dashboard/pages/live.ts";
import { overviewPage } from "../dashboard/pages/overview.ts";
import { peoplePage, personPage } from "../dashboard/pages/people.ts";
import { questionPage, reachOfApp } from "../dashboard/pages/question.ts";
import { securityPage } from "../dashboard/pages/security.ts";
import { tokensPage } from "../dashboard/pages/tokens.ts";
import type { ServerFrame } from "../pages/words.ts";
import { ada, day, now } from "./cast.ts";
import * as cast from "./dashboard-cast.ts";

/** What the operator sees. In English alone. */
export function dashboardPages(server: ServerFrame): readonly (readonly [string, Page])[] {
  const look = dashboardLook(server);
  const frame = dashboardFrame(look, ada.email);
  const list = { frame, filter: {}, query: {} };
  const made = new Date(now - 20 * day).toISOString();
  const question = { frame, tab: "Apps", button: "Revoke all", action: "#", back: "/admin/apps", hidden: {} } as const;
  const reach = reachOfApp({ people: 12, connections: 14, client_tokens: 0, personal_tokens: 0 });
  const quiet = {
    ...cast.statistics,
    series: [],
    counts: { ...cast.statistics.counts, issued: {}, refused: {}, registrations: {}, security: {} },
  };
  return [
    ["admin", overviewPage({ frame, range: "24h", statistics: cast.statistics })],
    ["admin/quiet", overviewPage({ frame, range: "1h", statistics: { ...quiet, issued_by_client: [], connections_by_client: [] } })],
    ["admin/apps", appsPage({ ...list, apps: { items: cast.apps, next: "more" } })],
    ["admin/apps/one", appPage({ frame, app: cast.claudeCode, note: "Claude Code is enabled." })],
    [
      "admin/apps/revoke",
      questionPage({ ...question, title: "Revoke all of Claude Code?", words: `${reach} end now. People may let it in again.` }),
    ],
    ["admin/connections", connectionsPage({ ...list, connections: { items: cast.connections } })],
    ["admin/tokens", tokensPage({ ...list, tokens: { items: cast.tokens, next: "more" }, personal: { items: cast.personalTokens } })],
    ["admin/people", peoplePage({ frame, query: {}, people: { items: cast.people } })],
    ...cast.people.slice(0, 1).map((person) => ["admin/people/one", personPage({ frame, person })] as const),
    ["admin/security", securityPage({ frame, range: "24h", report: cast.securityReport })],
    [
      "admin/audit",
      auditPage({ ...list, types: ["token.issued", "token.refreshed"], events: { items: cast.events, next: "9117" }, hidden: {} }),
    ],
    ["admin/audit/whole", verificationPage({ frame, verification: { events: 9120, unprotected: 0, findings: [] } })],
    [
      "admin/audit/altered",
      verificationPage({
        frame,
        verification: { events: 9120, unprotected: 0, findings: [{ chain: "a", position: 311, what: "the event was altered" }] },
      }),
    ],
    ["admin/flows", flowsPage({ ...list, flows: { items: cast.flows } })],
    ["admin/flows/one", flowPage({ frame, flow: cast.refusedFlow })],
    ["admin/live", livePage({ frame, events: cast.events })],
    [
      "admin/keys",
      keysPage({
        frame,
        keys: [
          { kid: "kQ2x", algorithm: "ES256", state: "signing", created_at: made, signs_from: made },
          { kid: "9dZa", algorithm: "ES256", state: "next", created_at: made },
        ],
      }),
    ],
    [
      "admin/refused",
      refusalPage(
        { ...look, messages: en },
        { title: "That cannot be done", words: "ada@example.com is the only administrator: make somebody else one first." },
      ),
    ],
  ];
}
