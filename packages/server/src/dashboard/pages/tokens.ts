import { type Html, html, type Page } from "vouchsafe/pages";
import type { GrantDocument, Listed, TokenDocument, TokenListing } from "../../operator/operator.ts";
import { endOf, grantState, revokeLink } from "./connections.ts";
import { choiceFilter, filterForm, textFilter } from "./filters.ts";
import { type DashboardFrame, dashboardPage } from "./frame.ts";
import { onward, table } from "./table.ts";
import { appLink, minute, personLink } from "./words.ts";

export interface TokensView {
  readonly frame: DashboardFrame;
  readonly filter: TokenListing;
  readonly query: Readonly<Record<string, string>>;
  readonly tokens: Listed<TokenDocument>;
  /** Of the first page alone, and of whom the filter names: undefined where there is no room for them. */
  readonly personal: Listed<GrantDocument> | undefined;
  readonly note?: string | undefined;
}

/** What was issued, and what people made for themselves. No value of any is here: only its hash is kept. */
export function tokensPage({ frame, filter, query, tokens, personal, note }: TokensView): Page {
  return dashboardPage(frame, {
    tab: "Tokens",
    note,
    main: html`${filterForm("/admin/tokens", [
      textFilter("client", "App (its id)", filter.client),
      textFilter("user", "Person (e-mail)", filter.user),
      choiceFilter("kind", "Kind", kinds, filter.kind),
    ])}
<div class="panel"><h2>Issued tokens</h2>${table<TokenDocument>({
      name: "Issued tokens",
      empty: tokens.next === undefined ? "No token is like that." : "None among the newest. Look further on the next page.",
      items: tokens.items,
      columns: [
        { title: "Token", cell: ({ id }) => html`<code>${id}</code>`, kind: "short" },
        { title: "Kind", cell: ({ kind }) => kind },
        { title: "App", cell: appOf },
        { title: "Person", cell: ({ subject, email }) => personLink(subject, email) },
        { title: "May", cell: ({ scope }) => scope, kind: "short" },
        { title: "Issued (UTC)", cell: ({ issued_at: at }) => minute(at) },
        { title: "Expires", cell: ({ expires_at: at }) => minute(at, "never") },
        { title: "State", cell: stateOf, kind: "short" },
        { title: "Do", cell: revokeOne, kind: "short" },
      ],
    })}
${onward("/admin/tokens", query, tokens.next)}</div>
${personal === undefined ? "" : personalTokens(personal)}`,
  });
}

const kinds = [
  ["", "All"],
  ["access", "Access tokens"],
  ["refresh", "Refresh tokens"],
  ["personal", "Personal tokens"],
] as const;

const appOf = ({ client_id: id }: TokenDocument): Html | string => (id === undefined ? "–" : appLink({ client_id: id }));

const stateOf = ({ state }: TokenDocument): Html =>
  state === "active" ? html`<span class="state">active</span>` : html`<span class="state quiet">${state}</span>`;

const revokeOne = ({ id, state }: TokenDocument): Html | string =>
  state === "active" ? html`<a href="/admin/tokens/${encodeURIComponent(id)}/revoke" aria-label="Revoke: token ${id}">Revoke</a>` : "";

function personalTokens({ items, next }: Listed<GrantDocument>): Html {
  return html`<div class="panel"><h2>Personal tokens that are live</h2>${table<GrantDocument>({
    name: "Personal tokens",
    empty: "Nobody has made one.",
    items,
    columns: [
      { title: "Name", cell: ({ name = "" }) => html`<bdi>${name}</bdi>` },
      { title: "Person", cell: ({ subject, email }) => personLink(subject, email) },
      { title: "May", cell: ({ scope }) => scope, kind: "short" },
      { title: "Made (UTC)", cell: ({ created_at: at }) => minute(at) },
      { title: "Last used", cell: ({ last_used_at: at }) => minute(at, "never") },
      { title: "Ends", cell: endOf },
      { title: "State", cell: grantState, kind: "short" },
      { title: "Do", cell: (grant) => revokeLink("personal_tokens", grant), kind: "short" },
    ],
  })}${next === undefined ? "" : html`<p class="soft">There are more: name a person above.</p>`}</div>`;
}
