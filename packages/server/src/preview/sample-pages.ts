import { html, layout, type Page } from "vouchsafe/pages";
import type { ServerFrame } from "../pages/words.ts";
import { ownPages } from "./account.ts";
import { consentPages, donePages } from "./consent.ts";
import { dashboardPages } from "./dashboard.ts";
import { errorPages } from "./errors.ts";
import { accountPages } from "./sign-in.ts";

/** Every page and tier with sample data, for whoever draws or photographs them. */
export const samplePages = (frame: ServerFrame): ReadonlyMap<string, Page> =>
  new Map([
    ...accountPages(frame),
    ...consentPages(frame),
    ...donePages(frame),
    ...ownPages(frame),
    ...errorPages(frame),
    ...dashboardPages(frame),
  ]);

/** The list of them. */
export function previewIndex(names: Iterable<string>, frame: ServerFrame): Page {
  const links = [...names].map((name) => html`<li><a href="/${name}">${name}</a></li>`);
  return layout(frame, { page: "preview", title: "Pages", main: html`<h1>Pages</h1><ul>${links}</ul>` });
}
