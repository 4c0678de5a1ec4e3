/** For applications with pages of their own beside ours: the same frame, the same headers. */

export { isSameOriginRequest } from "../http/browser.ts";
export { readBody, readForm } from "../http/form.ts";
export { redirect, wantsPage } from "../http/responses.ts";
export { chooseMessages } from "../messages/choose.ts";
export { de } from "../messages/de.ts";
export { en } from "../messages/en.ts";
export type { Messages } from "../messages/messages.ts";
export { type Mistake, OAuthError, refuseAsFormTooOld } from "../protocol/errors.ts";
export { type AccessTokensView, accessTokensPage, type NewAccessTokenView, newAccessTokenPage } from "./access-tokens.ts";
export { type ConnectedAppView, connectedAppPage } from "./connected-app.ts";
export { type ConnectedAppsView, connectedAppsPage } from "./connected-apps.ts";
export { type ConsentView, consentPage } from "./consent.ts";
export { copyableText, copyScript } from "./copy-button.ts";
export { type DisconnectView, disconnectPage } from "./disconnect.ts";
export { type DoneView, donePage } from "./done.ts";
export { type EditConnectionView, editConnectionPage } from "./edit-connection.ts";
export { type EndedConnectionsView, endedConnectionsPage } from "./ended-connections.ts";
export { type ErrorView, errorPage } from "./error.ts";
export { type Html, html, raw } from "./html.ts";
export { hiddenFields, type Layout, layout, type Page, type PageOptions, pageResponse, technicalDetails } from "./layout.ts";
export { createLook, type Frame, type Look } from "./look.ts";
export { type NotMeView, notMePage } from "./not-me.ts";
export { shownHost } from "./shown-host.ts";
