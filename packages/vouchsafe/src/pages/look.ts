import { createHash } from "node:crypto";
import type { Branding, PageDescription, Surroundings } from "../appearance.ts";
import type { Configuration } from "../config.ts";
import type { Messages } from "../messages/messages.ts";
import { readableAccent } from "./accent.ts";
import { copyScript } from "./copy-button.ts";
import { html } from "./html.ts";
import { stylesheetFor } from "./stylesheet.ts";

/** How the pages of one server look, and what they are sent with. Made once. */
export interface Look extends Branding {
  readonly stylesheet: string;
  /** The host app's own, besides: a path of the issuer's. */
  readonly hostStylesheet: string | undefined;
  /** What the host app puts around a page. */
  readonly around: (page: PageDescription) => Surroundings;
  readonly headers: Readonly<Record<string, string>>;
  /** For a page with the script. */
  readonly headersWithScript: Readonly<Record<string, string>>;
  /** What a page that says so carries: the copy buttons'. */
  readonly script: string;
  /** The headers of a page with this style and script instead of ours. */
  readonly headersFor: (stylesheet: string, script?: string) => Readonly<Record<string, string>>;
}

/** A look, and the words for whoever reads. */
export interface Frame extends Look {
  readonly messages: Messages;
}

export function createLook({
  branding,
  pages,
  origin,
  isSecure,
  onError,
}: Pick<Configuration, "branding" | "pages" | "origin" | "isSecure" | "onError">): Look {
  const stylesheet = stylesheetFor(readableAccent(branding.accentColor));
  const hostStyles = pages.stylesheet === undefined ? "" : ` ${origin}${pages.stylesheet}`;
  const headersFor: Look["headersFor"] = (style, script) => {
    const scripts = script === undefined ? "" : `; script-src ${hashSource(script)}`;
    // A script of our own may ask our own server; ours for the copy buttons asks nobody.
    const connections = script === undefined || script === copyScript ? "" : "; connect-src 'self'";
    return pageHeaders(`style-src ${hashSource(style)}${hostStyles}${scripts}${connections}`, isSecure);
  };
  return {
    ...branding,
    stylesheet,
    hostStylesheet: pages.stylesheet,
    headers: headersFor(stylesheet),
    headersWithScript: headersFor(stylesheet, copyScript),
    script: copyScript,
    headersFor,
    // A page is never lost for what the host app wanted to put around it.
    around: (page) => {
      try {
        const { above, below } = settled(pages.around?.(page) ?? {});
        return { above: settled(html`${above}`), below: settled(html`${below}`) };
      } catch (error) {
        onError(error, { requestId: "pages.around" });
        return {};
      }
    },
  };
}

/** The same look with more in it: rules after ours, and a script instead of the copy buttons', which may speak to this server alone. */
export function extendLook<Extended extends Look>(look: Extended, styles: string, script?: string): Extended {
  const stylesheet = `${look.stylesheet}\n${styles}`;
  return {
    ...look,
    stylesheet,
    script: script ?? look.script,
    headers: look.headersFor(stylesheet),
    headersWithScript: look.headersFor(stylesheet, script ?? look.script),
  };
}

/** A page is sent at once, so that nothing in it may be on its way. */
function settled<Value extends object>(value: Value): Value {
  if (!(value instanceof Promise)) return value;
  value.catch(() => {});
  throw new Error("pages.around gave a promise: what it puts around a page must be there at once");
}

/** An inline style or script, as a policy names it. */
const hashSource = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

const pageHeaders = (sources: string, isSecure: boolean): Readonly<Record<string, string>> => ({
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": `default-src 'none'; ${sources}; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
  "x-frame-options": "DENY",
  "x-content-type-options": "nosniff",
  "permissions-policy": "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()",
  ...(isSecure ? { "strict-transport-security": "max-age=31536000; includeSubDomains" } : {}),
});
