/** For applications with pages of their own beside ours: the same frame, the same headers. */

export { readBody, readForm } from "../http/form.ts";
export { redirect, wantsPage } from "../http/responses.ts";
export { OAuthError } from "../protocol/errors.ts";
export { errorPage } from "./error.ts";
export { type Html, html } from "./html.ts";
export { hiddenFields, type Layout, layout, type PageOptions, pageResponse, technicalDetails } from "./layout.ts";
export { en, type Messages } from "./messages/en.ts";
