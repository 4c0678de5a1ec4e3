import type { Context, Endpoint } from "../context.ts";
import { type Browser, recogniseBrowser } from "../http/browser.ts";
import { donePage } from "../pages/done.ts";
import { pageResponse } from "../pages/layout.ts";
import { refuseAsTooOld } from "../protocol/errors.ts";
import { frameOf } from "./frame-of.ts";

/** A decision on its way back to the client. */
export interface Done {
  /** The client's redirect URI with the answer. */
  readonly target: string;
  readonly clientName: string;
  readonly isDenied: boolean;
  readonly expiresAt: number;
}

/** The address of the done page: it holds the answer, sealed for the browser that decided. */
export function doneUrl({ target, clientName, isDenied, expiresAt }: Done, browser: Browser, { config, keys, uiLocales }: Context): string {
  const sealed = keys.seal("done page", JSON.stringify([target, clientName, isDenied, expiresAt, uiLocales]), browser.id);
  return `${config.basePath}${config.paths.done}?r=${sealed}`;
}

/** The done page. Safe to reload while the code lives; any other browser is told that it is too old. */
export const done: Endpoint = (request, context) => {
  const { config, keys, now } = context;
  const browser = recogniseBrowser(request, config.isSecure);
  const sealed = /[?&]r=([A-Za-z0-9_-]+)/.exec(request.url)?.[1] ?? "";
  const opened = keys.open("done page", sealed, browser.id);
  if (opened === undefined) refuseAsTooOld("the answer is not of this browser");
  const [target, clientName, isDenied, expiresAt, uiLocales] = JSON.parse(opened) as [string, string, boolean, number, string];
  if (now >= expiresAt) refuseAsTooOld("the answer is too old");
  context.uiLocales = uiLocales;
  return pageResponse(donePage({ frame: frameOf(context), clientName, target, isDenied }));
};
