import { errorPage, type Frame, OAuthError, type Page } from "vouchsafe/pages";

/** What people see when something cannot be. */
export const errorPages = (frame: Frame): readonly (readonly [string, Page])[] =>
  Object.entries(errors).map(([name, error]) => [`error/${name}`, errorPage(error, { frame, requestId: "sample-1" })]);

const refusal = (page: NonNullable<ConstructorParameters<typeof OAuthError>[2]>["shownAs"], more: object = {}): OAuthError =>
  new OAuthError("invalid_request", "sample", { ...(page === undefined ? {} : { shownAs: page }), ...more });

const errors: Readonly<Record<string, OAuthError>> = {
  "unknown-client": refusal({ page: "unknown-client" }),
  "unregistered-redirect": refusal({
    page: "unregistered-redirect",
    client: { name: "Budget", origin: "dynamic" },
    redirectUri: "https://elsewhere.example/callback",
  }),
  "not-connected": refusal({ page: "not-connected" }, { status: 404 }),
  "not-found": refusal(undefined, { status: 404 }),
  "not-allowed": refusal(undefined, { status: 403 }),
  "not-understood": refusal(undefined),
  unavailable: refusal(undefined, { status: 503 }),
  "form-too-old": refusal({ page: "form-too-old", path: "/connected-apps" }),
  "too-old": refusal({ page: "too-old" }),
  "document-unreachable": refusal({ page: "document-unreachable", host: "example.dev" }),
  "looks-false": refusal({ page: "looks-false", brand: "Claude", host: "evil.example" }),
  wait: refusal(undefined, { status: 429, retryAfter: 30 }),
  "our-fault": refusal(undefined, { status: 500 }),
};
