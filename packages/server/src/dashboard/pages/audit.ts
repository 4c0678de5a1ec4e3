import { type Html, hiddenFields, html, type Page } from "vouchsafe/pages";
import type { EventDocument, EventListing, Listed, VerificationDocument } from "../../operator/operator.ts";
import { eventColumns } from "./events.ts";
import { choiceFilter, filterForm, textFilter, tickFilter } from "./filters.ts";
import { type DashboardFrame, dashboardPage } from "./frame.ts";
import { onward, table, withQuery } from "./table.ts";
import { counted } from "./words.ts";

export interface AuditView {
  readonly frame: DashboardFrame;
  readonly filter: EventListing;
  readonly query: Readonly<Record<string, string>>;
  /** The names of every event there is. */
  readonly types: readonly string[];
  readonly events: Listed<EventDocument>;
  /** Of the form that checks the chain. */
  readonly hidden: Readonly<Record<string, string>>;
}

/** Everything that happened, the newest first. */
export function auditPage({ frame, filter, query, types, events, hidden }: AuditView): Page {
  const chosen = filter.type ?? [];
  return dashboardPage(frame, {
    tab: "Audit",
    main: html`${filterForm("/admin/audit", [
      choiceFilter("type", "What", [["", "Everything"], ...several(chosen), ...types.map((type) => [type, type] as const)], query["type"]),
      textFilter("user", "Person (e-mail)", filter.user),
      textFilter("client", "App (its id)", filter.client),
      textFilter("since", "Since (24h, or a day)", filter.since),
      textFilter("until", "Until", filter.until),
      tickFilter("security", "Security alone", filter.security === true),
    ])}
<div class="panel">${table<EventDocument>({
      name: "Events",
      empty: "Nothing of this kind happened.",
      items: events.items,
      columns: eventColumns,
    })}
${onward("/admin/audit", query, events.next)}</div>
<div class="panel"><h2>Take it along, or check it</h2>
<p>All that match, the oldest first: <a href="${exportPath(query, chosen, "jsonl")}">JSON Lines</a> · <a href="${exportPath(query, chosen, "csv")}">CSV</a></p>
<p>Every event is chained to the one before, so that none can be altered, removed or inserted unseen.</p>
<form method="post" action="/admin/audit/verify">${hiddenFields(hidden)}<button>Verify the audit</button></form></div>`,
  });
}

/** More types than one can be chosen by a link alone, such as the overview's. */
const several = (chosen: readonly string[]): readonly (readonly [string, string])[] =>
  chosen.length > 1 ? [[chosen.join(","), chosen.join(", ")]] : [];

/** The same events, from the admin API. */
function exportPath(query: AuditView["query"], type: readonly string[], format: string): string {
  const { security } = query;
  const kept = Object.entries(query).filter(([name]) => !["after", "type", "security"].includes(name));
  return withQuery("/admin/api/v1/events", {
    ...Object.fromEntries(kept),
    type,
    ...(security === undefined ? {} : { security: "true" }),
    format,
  });
}

export interface VerificationView {
  readonly frame: DashboardFrame;
  readonly verification: VerificationDocument;
}

/** Whether the audit is as it was written. */
export function verificationPage({ frame, verification: { events, unprotected, findings } }: VerificationView): Page {
  const isWhole = findings.length === 0;
  return dashboardPage(frame, {
    tab: "Audit",
    title: isWhole ? "The audit is whole" : "The audit was tampered with",
    main: html`<div class="panel"><p role="status">${counted(events, "event")} checked, ${counted(findings.length, "finding")}.${
      unprotected === 0 ? "" : html` ${counted(unprotected, "event")} from before the chain began.`
    }</p>
${isWhole ? "" : html`<ul>${findings.map(finding)}</ul>`}
<p><a class="button" href="/admin/audit">Audit</a></p></div>`,
  });
}

const finding = ({ chain, position, what }: VerificationDocument["findings"][number]): Html =>
  html`<li>Chain <code>${chain}</code>, position ${position}: ${what}</li>`;
