import { type Html, html, type Page } from "vouchsafe/pages";
import type { ClientCountDocument, StatisticsDocument } from "../../operator/operator.ts";
import { byName } from "../charts/by-name.ts";
import { overTime } from "../charts/over-time.ts";
import { type RangeName, rangeLinks } from "./filters.ts";
import { type DashboardFrame, dashboardPage } from "./frame.ts";
import { withQuery } from "./table.ts";
import { appLink, appName, appPath, counted, number, registeredWords, time } from "./words.ts";

export interface OverviewView {
  readonly frame: DashboardFrame;
  readonly range: RangeName;
  readonly statistics: StatisticsDocument;
}

/** What happened, in sentences, and then in charts with their numbers. */
export function overviewPage({ frame, range, statistics }: OverviewView): Page {
  const { counts, connections_by_client: connections } = statistics;
  return dashboardPage(frame, {
    tab: "Overview",
    beside: rangeLinks("/admin", range),
    main: html`${sentences(range, statistics)}
<div class="panel">${issued(statistics)}</div>
<div class="panels"><div class="panel">${byName({
      id: "failures",
      title: "Failures by error",
      unit: "failure",
      empty: "Nothing failed in this time.",
      amounts: amountsOf(counts.refused),
    })}</div>
<div class="panel">${byName({
      id: "registrations",
      title: "Registrations by method",
      unit: "registration",
      empty: "No app registered in this time.",
      amounts: amountsOf(counts.registrations).map(({ name, count }) => ({
        name: registeredWords[name] ?? name,
        count,
        href: `/admin/apps?registered=${name}`,
      })),
    })}</div>
<div class="panel">${byName({
      id: "connections",
      title: "Live connections by client",
      unit: "connection",
      empty: "No app is connected.",
      amounts: connections.map((app) => ({ name: appName(app), count: app.count, href: appPath(app.client_id) })),
    })}</div></div>`,
  });
}

const issued = ({ since, until, period, series }: StatisticsDocument): Html =>
  overTime({
    id: "issued",
    title: "Issued by grant type",
    unit: "answer with tokens",
    units: "answers with tokens",
    since,
    until,
    period,
    periods: series.map(({ at, issued: tally }) => ({ at, tally })),
  });

const beginnings: Readonly<Record<RangeName, string>> = { "1h": "Last hour", "24h": "Today", "7d": "Last 7 days", "30d": "Last 30 days" };

/** What refusals are in the audit. */
const failureTypes = "request.refused,client.authentication_failed,rate.limited";

/** The first thing to read: each number leads to what it counts. */
function sentences(range: RangeName, { since, until, counts, active, issued_by_client: issuedBy, clients }: StatisticsDocument): Html {
  const connected = counts.issued["authorization_code"] ?? 0;
  const [failed, security] = [sumOf(counts.refused), sumOf(counts.security)];
  const known = clients.reduce((sum, { count }) => sum + count, 0);
  return html`<p class="lead">${beginnings[range]}: <a href="/admin/connections">${counted(connected, "new connection")}</a>, <a href="/admin/connections?state=live">${number(active.connections)} active</a>, <a href="${withQuery("/admin/audit", { type: failureTypes, since })}">${number(failed)} failed</a>, <a href="/admin/security?range=${range}">${counted(security, "security event")}</a></p>
<p>${busiest(issuedBy)}${mostFrequent(counts.refused)}<a href="/admin/apps">${counted(known, "app")}</a> ${known === 1 ? "is" : "are"} known, and <a href="/admin/tokens?kind=personal">${counted(active.personal_tokens, "personal token")}</a> ${active.personal_tokens === 1 ? "is" : "are"} live.</p>
<p class="soft">${time(since)} to ${time(until)}.</p>`;
}

function busiest([first]: readonly ClientCountDocument[]): Html | string {
  if (first === undefined) return "Nothing was issued. ";
  return html`Most was issued to ${appLink(first)} (${number(first.count)}). `;
}

function mostFrequent(refused: Readonly<Record<string, number>>): Html | string {
  const [first] = amountsOf(refused);
  return first === undefined ? "" : html`The most frequent failure was <b>${first.name}</b> (${number(first.count)}). `;
}

const amountsOf = (tally: Readonly<Record<string, number>>): readonly { readonly name: string; readonly count: number }[] =>
  Object.entries(tally)
    .map(([name, count]) => ({ name, count }))
    .toSorted((one, other) => other.count - one.count || one.name.localeCompare(other.name));

const sumOf = (tally: Readonly<Record<string, number>>): number => Object.values(tally).reduce((sum, count) => sum + count, 0);
