import { html, type Page } from "vouchsafe/pages";
import type { KeyDocument } from "../../operator/operator.ts";
import { type DashboardFrame, dashboardPage } from "./frame.ts";
import { table } from "./table.ts";
import { minute } from "./words.ts";

export interface KeysView {
  readonly frame: DashboardFrame;
  readonly keys: readonly KeyDocument[];
  readonly note?: string | undefined;
}

/** The keys that sign, have signed, and will. */
export function keysPage({ frame, keys, note }: KeysView): Page {
  return dashboardPage(frame, {
    tab: "Keys",
    note,
    main: html`<p>The next key is published before it signs, and a retired one stays published while what it signed is good.</p>
<div class="panel">${table<KeyDocument>({
      name: "Signing keys",
      empty: "There is no key yet.",
      items: keys,
      columns: [
        { title: "Key", cell: ({ kid }) => html`<code>${kid}</code>` },
        { title: "Algorithm", cell: ({ algorithm }) => algorithm, kind: "short" },
        { title: "State", cell: ({ state }) => state, kind: "short" },
        { title: "Made (UTC)", cell: ({ created_at: at }) => minute(at) },
        { title: "Signs from", cell: ({ signs_from: at }) => minute(at) },
        { title: "Retired", cell: ({ retired_at: at }) => minute(at) },
      ],
    })}
<div class="buttons"><a class="button" href="/admin/keys/rotate">Rotate</a></div></div>`,
  });
}
