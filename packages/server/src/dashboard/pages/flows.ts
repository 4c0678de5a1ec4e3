import { type Html, html, type Page } from "vouchsafe/pages";
import type { FlowDocument, FlowListing, FlowStepDocument, Listed } from "../../operator/operator.ts";
import { choiceFilter, filterForm, textFilter } from "./filters.ts";
import { type DashboardFrame, dashboardPage } from "./frame.ts";
import { onward, table, withQuery } from "./table.ts";
import { appLink, appName, flowPath, outcomeWords, personLink, second } from "./words.ts";

export interface FlowsView {
  readonly frame: DashboardFrame;
  readonly filter: FlowListing;
  readonly query: Readonly<Record<string, string>>;
  readonly flows: Listed<FlowDocument>;
}

/** Every attempt to connect, and how far it came. */
export function flowsPage({ frame, filter, query, flows }: FlowsView): Page {
  return dashboardPage(frame, {
    tab: "Flows",
    main: html`${filterForm("/admin/flows", [
      textFilter("client", "App (its id)", filter.client),
      choiceFilter("outcome", "Outcome", [["", "All"], ...Object.entries(outcomeWords)], filter.outcome),
      textFilter("since", "Since (24h, or a day)", filter.since),
    ])}
<div class="panel">${table<FlowDocument>({
      name: "Flows",
      empty: "No attempt to connect is like that.",
      items: flows.items,
      columns: [
        { title: "Began (UTC)", cell: ({ id, began_at: at }) => html`<a href="${flowPath(id)}">${second(at)}</a>`, kind: "short" },
        { title: "App", cell: appLink },
        { title: "Person", cell: ({ subject, email }) => personLink(subject, email) },
        { title: "Outcome", cell: outcomeOf, kind: "short" },
        { title: "Took", cell: ({ began_at: began, last_at: last }) => lengthOf(began, last), kind: "number" },
      ],
    })}
${onward("/admin/flows", query, flows.next)}</div>`,
  });
}

const outcomeOf = ({ outcome }: FlowDocument): Html =>
  html`<span class="state${outcome === "refused" || outcome === "denied" ? " off" : ""}">${outcomeWords[outcome] ?? outcome}</span>`;

function lengthOf(from: string, until: string): string {
  const seconds = (Date.parse(until) - Date.parse(from)) / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const [minutes, hours] = [Math.floor(seconds / 60), Math.floor(seconds / 3600)];
  return hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min ${Math.floor(seconds % 60)} s`;
}

export interface FlowView {
  readonly frame: DashboardFrame;
  readonly flow: FlowDocument;
}

/** One attempt, step by step, with the private reason of whatever was refused. */
export function flowPage({ frame, flow }: FlowView): Page {
  const { id, client_id: client, client_name: name, subject, email, grant_id: grant, began_at: began, steps = [] } = flow;
  return dashboardPage(frame, {
    tab: "Flows",
    title: `${appName({ client_id: client, client_name: name })}: ${outcomeWords[flow.outcome] ?? flow.outcome}`,
    main: html`<p>${appLink({ client_id: client, client_name: name })} · ${personLink(subject, email)} · <a href="${withQuery("/admin/audit", { flow: id })}">Audit</a>${
      grant === undefined ? "" : html` · <a href="${withQuery("/admin/tokens", { grant })}">Tokens</a>`
    }</p>
<div class="panel"><ol class="steps">${steps.map((step) => stepRow(step, began))}</ol></div>
<p class="soft">Flow <code>${id}</code></p>`,
  });
}

function stepRow(step: FlowStepDocument, began: string): Html {
  const { at, step: name, endpoint, error, reason, family, address, request_id: request } = step;
  const facts = [family, address, request === undefined ? undefined : `request ${request}`].filter((fact) => fact !== undefined);
  return html`<li class="${name}"><div class="row"><b>${stepWords[name] ?? name}</b><span class="soft">${second(at)} · +${lengthOf(began, at)}</span></div>
${error === undefined ? "" : html`<div><code>${error}</code>${endpoint === undefined ? "" : ` at ${endpoint}`}</div>`}
${reason === undefined ? "" : html`<div><bdi>${reason}</bdi></div>`}
<div class="soft"><bdi>${facts.join(" · ")}</bdi></div></li>`;
}

const stepWords: Readonly<Record<string, string>> = {
  requested: "Asked",
  sign_in: "Sent to sign in",
  consent_shown: "Saw the question",
  allowed: "Allowed",
  denied: "Denied",
  redeemed: "Code redeemed",
  first_used: "First used",
  refused: "Refused",
};
