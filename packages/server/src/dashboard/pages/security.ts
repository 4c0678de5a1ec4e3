import { type Html, html, type Page } from "vouchsafe/pages";
import type { SecurityCaseDocument, SecurityReportDocument } from "../../operator/operator.ts";
import { type RangeName, rangeLinks } from "./filters.ts";
import { type DashboardFrame, dashboardPage } from "./frame.ts";
import { table, withQuery } from "./table.ts";
import { counted, flowPath, number, time } from "./words.ts";

export interface SecurityView {
  readonly frame: DashboardFrame;
  readonly range: RangeName;
  readonly report: SecurityReportDocument;
}

/** What somebody should look at: how often what, and each case with what was ended because of it. */
export function securityPage({ frame, range, report: { since, counts, cases } }: SecurityView): Page {
  const kinds = Object.entries(counts).toSorted(([, one], [, other]) => other - one);
  const all = kinds.reduce((sum, [, count]) => sum + count, 0);
  return dashboardPage(frame, {
    tab: "Security",
    beside: rangeLinks("/admin/security", range),
    main: html`<p class="lead">${counted(all, "security event")}, ${counted(cases.length, "case")}</p>
<div class="panel"><h2>Cases</h2>${cases.length === 0 ? html`<p class="soft">Nothing happened that needs looking at.</p>` : html`<ul class="rows">${cases.map(caseRow)}</ul>`}</div>
<div class="panel"><h2>Security events by kind</h2>${table<readonly [string, number]>({
      name: "Security events by kind",
      empty: "There were none in this time.",
      items: kinds,
      columns: [
        { title: "Kind", cell: ([type]) => kindWords[type] ?? type },
        { title: "Event", cell: ([type]) => html`<a href="${withQuery("/admin/audit", { type, since })}">${type}</a>` },
        { title: "Number", cell: ([, count]) => number(count), kind: "number" },
      ],
    })}</div>`,
  });
}

const kindWords: Readonly<Record<string, string>> = {
  "code.replayed": "Codes redeemed twice",
  "refresh.reused": "Spent refresh tokens used again",
  "client.authentication_failed": "Apps that failed to prove who they are",
  "scope.violated": "Tokens used for more than they allow",
  "impersonation.stopped": "Apps stopped under a false name",
  "suspicious.activity": "More of something than is usual",
  "rate.limited": "Limits hit",
  "sign_in.failed": "Failed sign-ins",
};

function caseRow({ id, at, type, kind, what, ended, flow_id: flow }: SecurityCaseDocument): Html {
  const evidence = html`<a href="${withQuery("/admin/audit", { after: String(id + 1) })}" aria-label="Audit: case ${id}">Audit</a>${
    flow === undefined ? "" : html` · <a href="${flowPath(flow)}" aria-label="Flow: case ${id}">Flow</a>`
  }`;
  return html`<li><div class="row"><b><bdi>${what}</bdi></b><span>${evidence}</span></div>
<div>${ended}</div>
<div class="soft">${time(at)} · ${kind === undefined ? type : `${type}, ${kind}`}</div></li>`;
}
