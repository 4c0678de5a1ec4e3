import { type Html, html, type Page, shownHost } from "vouchsafe/pages";
import type { ClientDocument, ClientListing, Listed } from "../../operator/operator.ts";
import { choiceFilter, filterForm, textFilter } from "./filters.ts";
import { type DashboardFrame, dashboardPage } from "./frame.ts";
import { onward, table, withQuery } from "./table.ts";
import { appLink, appName, appPath, counted, minute, number, registeredWords, tierWords, time } from "./words.ts";

export interface AppsView {
  readonly frame: DashboardFrame;
  readonly filter: ClientListing;
  readonly query: Readonly<Record<string, string>>;
  readonly apps: Listed<ClientDocument>;
  readonly note?: string | undefined;
}

/** Every app that is known. */
export function appsPage({ frame, filter, query, apps, note }: AppsView): Page {
  return dashboardPage(frame, {
    tab: "Apps",
    note,
    main: html`${filterForm("/admin/apps", [
      textFilter("search", "Name or id", filter.search),
      choiceFilter("registered", "How registered", [["", "All"], ...Object.entries(registeredWords)], filter.registered),
      choiceFilter(
        "state",
        "State",
        [
          ["", "All"],
          ["enabled", "Enabled"],
          ["disabled", "Disabled"],
        ],
        filter.state,
      ),
    ])}
<div class="panel">${table<ClientDocument>({
      name: "Apps",
      empty: "No app is like that.",
      items: apps.items,
      columns: [
        { title: "App", cell: appLink },
        { title: "Host", cell: hostOf },
        { title: "Tier", cell: ({ tier }) => (tier === undefined ? "–" : (tierWords[tier] ?? tier)), kind: "short" },
        { title: "Registered", cell: ({ registered }) => registeredWords[registered] ?? registered, kind: "short" },
        { title: "Connections", cell: ({ connections }) => number(connections), kind: "number" },
        { title: "Failures, 24 h", cell: ({ failures_24h: failures }) => number(failures), kind: "number" },
        { title: "Last used (UTC)", cell: ({ last_used_at: at }) => minute(at, "never"), kind: "short" },
        { title: "State", cell: stateOf, kind: "short" },
      ],
    })}
${onward("/admin/apps", query, apps.next)}</div>`,
  });
}

const hostOf = ({ host }: ClientDocument): Html | string => (host === undefined ? "–" : html`<b>${shownHost(host)}</b>`);

const stateOf = ({ disabled_at: at }: ClientDocument): Html =>
  at === undefined ? html`<span class="state">enabled</span>` : html`<span class="state off">disabled</span>`;

export interface AppView {
  readonly frame: DashboardFrame;
  readonly app: ClientDocument;
  readonly note?: string | undefined;
}

/** One app, and what can be done about it. */
export function appPage({ frame, app, note }: AppView): Page {
  const own = appPath(app.client_id);
  const client = app.client_id;
  const isDisabled = app.disabled_at !== undefined;
  return dashboardPage(frame, {
    tab: "Apps",
    title: appName(app),
    note,
    main: html`<p>${hostOf(app)}${app.tier === undefined ? "" : html` · ${tierWords[app.tier] ?? app.tier}`} · registered ${registeredWords[app.registered] ?? app.registered} · ${stateOf(app)}${isDisabled ? html` since ${time(app.disabled_at)}` : ""}</p>
<div class="panel"><p class="lead"><a href="${withQuery("/admin/connections", { client })}">${counted(app.connections, "connection")}</a>, <a href="${withQuery("/admin/flows", { client, outcome: "refused" })}">${number(app.failures_24h)} failed</a> in 24 hours</p>
<p>Last used: ${time(app.last_used_at, "never")}. Known since ${time(app.created_at)}.</p>
<p><a href="${withQuery("/admin/tokens", { client })}">Tokens</a> · <a href="${withQuery("/admin/flows", { client })}">Flows</a> · <a href="${withQuery("/admin/audit", { client })}">Audit</a></p>
<div class="buttons"><a class="button" href="${own}/${isDisabled ? "enable" : "disable"}">${isDisabled ? "Enable" : "Disable"}</a><a class="button" href="${own}/revoke">Revoke all</a><a class="button" href="${own}/delete">Delete</a></div></div>
<div class="panel"><h2>What it registered</h2>${facts(app)}</div>`,
  });
}

function facts(app: ClientDocument): Html {
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ["Client id", [app.client_id]],
    ["Redirect URIs", app.redirect_uris],
    ["Grant types", app.grant_types],
    ["Authentication", [app.token_endpoint_auth_method]],
    ["Scope", app.scope === "" ? [] : [app.scope]],
    ["Resources", app.resources ?? []],
    ["Resource server of", app.resource_server_of ?? []],
  ];
  return html`<dl>${rows.flatMap(([name, values]) =>
    values.length === 0 ? [] : [html`<dt>${name}</dt>${values.map((value) => html`<dd><code>${value}</code></dd>`)}`],
  )}</dl>`;
}
