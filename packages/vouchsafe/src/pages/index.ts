/** For applications with pages of their own beside ours: the same frame, the same headers. */

export { readBody, readForm } from "../http/form.ts";
export { redirect, wantsPage } from "../http/responses.ts";
export { chooseMessages } from "../messages/choose.ts";
export { de } from "../messages/de.ts";
export { en } from "../messages/en.ts";
export type { Messages } from "../messages/messages.ts";
export { OAuthError } from "../protocol/errors.ts";
export { errorPage } from "./error.ts";
export { type Html, html } from "./html.ts";
export { hiddenFields, type Layout, layout, type PageOptions, pageResponse, technicalDetails } from "./layout.ts";
