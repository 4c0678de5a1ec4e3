import { type Html, html, type Page } from "vouchsafe/pages";
import type { GrantDocument, GrantListing, Listed } from "../../operator/operator.ts";
import { choiceFilter, filterForm, textFilter } from "./filters.ts";
import { type DashboardFrame, dashboardPage } from "./frame.ts";
import { onward, table } from "./table.ts";
import { appLink, minute, personLink } from "./words.ts";

export interface ConnectionsView {
  readonly frame: DashboardFrame;
  readonly filter: GrantListing;
  readonly query: Readonly<Record<string, string>>;
  readonly connections: Listed<GrantDocument>;
  readonly note?: string | undefined;
}

/** Who let which app in. */
export function connectionsPage({ frame, filter, query, connections, note }: ConnectionsView): Page {
  return dashboardPage(frame, {
    tab: "Connections",
    note,
    main: html`${filterForm("/admin/connections", [
      textFilter("client", "App (its id)", filter.client),
      textFilter("user", "Person (e-mail)", filter.user),
      choiceFilter("state", "State", states, filter.state),
    ])}
<div class="panel">${table<GrantDocument>({
      name: "Connections",
      empty: "No connection is like that.",
      items: connections.items,
      columns: [
        { title: "App", cell: appOf },
        { title: "Person", cell: ({ subject, email }) => personLink(subject, email) },
        { title: "May", cell: ({ scope }) => scope, kind: "short" },
        { title: "Connected (UTC)", cell: ({ created_at: at }) => minute(at) },
        { title: "Last used", cell: ({ last_used_at: at }) => minute(at, "never") },
        { title: "Ends", cell: endOf },
        { title: "State", cell: grantState, kind: "short" },
        { title: "Do", cell: (grant) => revokeLink("connections", grant), kind: "short" },
      ],
    })}
${onward("/admin/connections", query, connections.next)}</div>`,
  });
}

const states = [
  ["", "Live"],
  ["ended", "Ended"],
  ["all", "All"],
] as const;

const appOf = ({ client_id: id, client_name: name }: GrantDocument): Html | string =>
  id === undefined ? "–" : appLink({ client_id: id, client_name: name });

export const endOf = ({ ends_at: ends, revoked_at: revoked }: GrantDocument): Html | string =>
  revoked === undefined ? minute(ends, "no end") : html`ended ${minute(revoked)}`;

export const grantState = ({ state }: GrantDocument): Html =>
  state === "live" ? html`<span class="state">live</span>` : html`<span class="state off">${state}</span>`;

/** Read out alone, it says what it would end. */
export function revokeLink(list: "connections" | "personal_tokens", grant: GrantDocument): Html | string {
  if (grant.state !== "live") return "";
  const what = `${grant.client_name ?? grant.name ?? grant.id}, ${grant.email ?? grant.subject}`;
  return html`<a href="/admin/${list}/${encodeURIComponent(grant.id)}/revoke" aria-label="Revoke: ${what}">Revoke</a>`;
}
