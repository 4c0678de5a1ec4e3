import { html, type Page } from "vouchsafe/pages";
import type { EventDocument } from "../../operator/operator.ts";
import { eventColumns } from "./events.ts";
import { type DashboardFrame, dashboardPage } from "./frame.ts";
import { table } from "./table.ts";

export interface LiveView {
  readonly frame: DashboardFrame;
  /** The newest first. */
  readonly events: readonly EventDocument[];
}

/** What happens now. With script, what is new comes by itself; without, by reloading. */
export function livePage({ frame, events }: LiveView): Page {
  return dashboardPage(frame, {
    tab: "Live",
    hasScript: true,
    beside: html`<span><span class="soft" id="live-state" role="status"></span> <a href="/admin/live">Reload</a></span>`,
    main: html`<div class="panel" id="live" data-last="${events[0]?.id ?? 0}">${table<EventDocument>({
      name: "The newest events",
      empty: "Nothing has happened yet.",
      items: events,
      columns: eventColumns,
    })}</div>`,
  });
}
