import { html as escaping } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";

/** A piece of HTML in which everything foreign has been escaped. */
export type Html = HtmlEscapedString;

/** The one door for HTML: every value that is not HTML itself is escaped. It is a promise only where a value is one, and none of ours is. */
export const html = escaping as (strings: TemplateStringsArray, ...values: unknown[]) => Html;

export { raw } from "hono/html";
