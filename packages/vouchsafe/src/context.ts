import { randomBytes } from "node:crypto";
import type { Circumstances } from "./audit.ts";
import type { BrandCheck } from "./brand-check.ts";
import type { ClientDocuments } from "./client-id-metadata/client-documents.ts";
import type { ClientKeys } from "./client-id-metadata/client-keys.ts";
import type { Configuration, RateLimitName } from "./config.ts";
import type { FlowLog } from "./flow-log.ts";
import { clientAddress } from "./http/client-address.ts";
import type { Keyring } from "./keys/sealing.ts";
import type { NewConnections } from "./new-connections.ts";
import type { Look } from "./pages/look.ts";
import type { ChainSigner } from "./protocol/audit-chain.ts";
import type { Client } from "./protocol/client.ts";
import type { Parameters } from "./protocol/parameters.ts";
import type { Issued } from "./protocol/token.ts";
import type { RateLimit } from "./rate-limit.ts";
import type { Redemptions } from "./redemptions.ts";
import type { RefusalLog } from "./refusals.ts";
import type { SigningKeys } from "./signing-keys.ts";
import type { FlowStep, FlowStepName } from "./store/flows.ts";
import type { Store } from "./store/store.ts";
import type { UseLog } from "./uses.ts";

/** What lives as long as the server. */
export interface Services {
  readonly config: Configuration;
  readonly store: Store;
  readonly keys: Keyring;
  readonly auditSigner: ChainSigner;
  readonly limits: Readonly<Record<RateLimitName, RateLimit>>;
  readonly refusals: RefusalLog;
  readonly uses: UseLog;
  readonly flowLog: FlowLog;
  readonly signingKeys: SigningKeys;
  readonly documents: ClientDocuments;
  readonly clientKeys: ClientKeys;
  readonly pretendedBrand: BrandCheck;
  readonly look: Look;
  readonly newConnections: NewConnections;
  readonly redemptions: Redemptions;
}

/** What the steps of one request share. */
export interface Context extends Services {
  /** When the request arrived, in milliseconds. */
  readonly now: number;
  /** The how-manieth request of this process it is. */
  readonly arrival: number;
  readonly requestId: string;
  /** The endpoint's name, for the audit. */
  readonly endpoint: string;
  /** What the path names, such as a grant's id. */
  readonly pathParameter: string;
  /** The client's network address. */
  readonly address: () => string;
  /**
   * Where a refusal goes from now on. An authorization request sets it once its client and redirect URI are settled;
   * before that there is no way to redirect. OAuth 2.1 §4.1.2.1
   */
  answerTo: { readonly redirectUri: string; readonly state: string | undefined } | undefined;
  /** The attempt to connect that this request turns out to be a step of. Copies of a context share it. */
  readonly flow: FlowMark;
  /** The languages that the client asks for on the person's behalf, once it has been read. OpenID Connect Core §3.1.2.1 */
  uiLocales: string;
  /** What the browser prefers. RFC 9110 §12.5.4 */
  readonly acceptLanguage: () => string;
  /** What asks, as it says itself. RFC 9110 §10.1.5 */
  readonly userAgent: () => string;
}

interface FlowMark {
  /** See `flowIdOf`. */
  id: string | undefined;
  /** Once it is known whose attempt it is. */
  client: Pick<Client, "id" | "name"> | undefined;
}

export type Endpoint = (request: Request, context: Context) => Response | Promise<Response>;

/** A way to obtain tokens. Who asks is known before it is called. OAuth 2.1 §4 */
export interface GrantType {
  readonly name: string;
  redeem(form: Parameters, client: Client, context: Context): Promise<Issued>;
}

/** For an audit event of this request. */
export function circumstances({ now: at, requestId, address, flow: { id } }: Context): Circumstances {
  return id === undefined ? { at, requestId, address: address() } : { at, requestId, flowId: id, address: address() };
}

/** From here on the request is a step of this attempt, which an operator finds under its client, whatever becomes of it. */
export function belongToFlow({ flow }: Context, id: string | undefined, { id: clientId, name }: Client): void {
  flow.id = id;
  flow.client = { id: clientId, name };
}

/** Notes a step of the attempt to connect that this request, or a grant, belongs to; of any other nothing is noted. */
export function noteStep(
  { flow: { id: flowId, client }, flowLog, now: at, requestId, address, userAgent }: Context,
  name: FlowStepName,
  more: Pick<FlowStep, "subject" | "grantId" | "endpoint" | "error" | "reason"> = {},
): void {
  if (flowId === undefined && more.grantId === undefined) return;
  flowLog.note({ flowId, client, at, name, requestId, address: address(), ...more }, userAgent());
}

/** What only the transport knows about a request. */
export interface RequestInfo {
  /** The address of the connection's other end. */
  readonly address?: string | undefined;
}

const processPrefix = randomBytes(6).toString("base64url");
let requests = 0;

/** How many requests have arrived at this process so far. */
export const arrivals = (): number => requests;

/** The context of a request that has just arrived. */
export function newContext(services: Services, endpoint: string, pathParameter: string, request: Request, info: RequestInfo): Context {
  const {
    config,
    store,
    keys,
    auditSigner,
    limits,
    refusals,
    uses,
    flowLog,
    signingKeys,
    documents,
    clientKeys,
    pretendedBrand,
    look,
    newConnections,
    redemptions,
  } = services;
  let address: string | undefined;
  return {
    config,
    store,
    keys,
    auditSigner,
    limits,
    refusals,
    uses,
    flowLog,
    signingKeys,
    documents,
    clientKeys,
    pretendedBrand,
    look,
    newConnections,
    redemptions,
    endpoint,
    pathParameter,
    now: config.now(),
    arrival: ++requests,
    requestId: `${processPrefix}-${requests.toString(36)}`,
    address: () => {
      address ??= clientAddress(info.address, request.headers.get("x-forwarded-for"), config.trustProxy);
      return address;
    },
    answerTo: undefined,
    flow: { id: undefined, client: undefined },
    uiLocales: "",
    acceptLanguage: () => request.headers.get("accept-language") ?? "",
    userAgent: () => request.headers.get("user-agent") ?? "",
  };
}
