/** Vouchsafe: an OAuth 2.1 authorization server to mount in a web app. */
export type { Access, Authenticate, AuthenticateOptions } from "./access.ts";
export {
  type Admin,
  AdminError,
  type CleanedUp,
  type ClientRequest,
  type Counts,
  countedAs,
  type ListedClient,
  type PersonalTokenOrder,
  type RecordedEvent,
  type Statistics,
  type Tally,
} from "./admin.ts";
export type { BrandingOptions, PageDescription, PageHooks, Surroundings } from "./appearance.ts";
export {
  type Anomaly,
  type AuditEvent,
  type Circumstances,
  caseTypes,
  detailOf,
  eventTypes,
  isSecurityEvent,
  occurrencesOf,
  securityTypes,
} from "./audit.ts";
export { checkConfiguration } from "./check-configuration.ts";
export {
  type AnsweredRequest,
  type AuthorizationServerOptions,
  type ClientIdMetadataOptions,
  type Configuration,
  ConfigurationError,
  type Duration,
  type NewConnection,
  type Paths,
  type Person,
  type PersonalTokenOptions,
  type RateLimitName,
  type RegistrationMode,
  type RegistrationOptions,
  type ResourceOptions,
  type ScopeOptions,
  type Subscription,
} from "./config.ts";
export type { RequestInfo } from "./context.ts";
export { parseDuration } from "./duration.ts";
export type { DescribedRequest } from "./endpoints/describe-request.ts";
export { readCookie } from "./http/browser.ts";
export { addressBlock, clientAddress, isAddressOrBlock } from "./http/client-address.ts";
export { resourceHeaders } from "./http/responses.ts";
export { secretFingerprints } from "./keys/sealing.ts";
export type { Messages } from "./messages/messages.ts";
export type { Look } from "./pages/look.ts";
export type { Brand } from "./protocol/brands.ts";
export type { Client, ClientAuthMethod } from "./protocol/client.ts";
export type { Destination } from "./protocol/redirect-uri.ts";
export { equalHashes, hashSecret, mintIdentifier } from "./protocol/secret.ts";
export { type SigningAlgorithm, type SigningKey, signingAlgorithms, stateOf as stateOfSigningKey } from "./protocol/signing-key.ts";
export type { TrustTier } from "./protocol/trust-tier.ts";
export { type Attempt, type RateLimit, type RateLimitRule, type RateLimits, rateLimitsInMemory } from "./rate-limit.ts";
export { type AuthorizationServer, createAuthorizationServer, type Forms } from "./server.ts";
export { type Cleanup, type SweepLimits, type Swept, type SweptKind, type SweptTokens, sweptKinds } from "./store/cleanup.ts";
export type { Deliveries, Delivery, Subscribed } from "./store/deliveries.ts";
export {
  type Flow,
  type FlowFilter,
  type FlowOutcome,
  type FlowStep,
  type FlowStepName,
  type Flows,
  type FlowWithSteps,
  flowStepNames,
  type KeptStep,
} from "./store/flows.ts";
export {
  type ClientCount,
  type ClientFilter,
  type EventCount,
  type GrantFilter,
  type Held,
  type KnownClient,
  type KnownGrant,
  type KnownToken,
  type Period,
  periods,
  type Range,
  type Reach,
  type Reached,
  type Reports,
  type TokenFilter,
  type Totals,
} from "./store/reports.ts";
export {
  type AuditTrail,
  type ClientForSubject,
  type Connection,
  type Decision,
  type EventFilter,
  type FormerIdentity,
  type KeptEvent,
  type Opening,
  type PersonalToken,
  type PersonalTokens,
  type PushedRequests,
  type RegistrationToken,
  type RegistrationTokens,
  type Rotation,
  StorageError,
  type Store,
} from "./store/store.ts";
export type { AuditVerification } from "./verify-audit.ts";
