import type { AuditEvent } from "../audit.ts";
import type { Configuration } from "../config.ts";
import { addressBlock } from "../http/client-address.ts";
import { auditableClientId, type Client, identityOf } from "../protocol/client.ts";
import { parseClientDocument } from "../protocol/client-document.ts";
import type { ClientMetadata } from "../protocol/client-metadata.ts";
import { isClientIdUrl, isTrustedHost } from "../protocol/document-url.ts";
import { OAuthError } from "../protocol/errors.ts";
import type { RateLimit } from "../rate-limit.ts";
import type { Store } from "../store/store.ts";
import { freshnessOf } from "./freshness.ts";
import { guardedFetch } from "./guarded-fetch.ts";

/** The most bytes of a document: most have a few hundred. Client ID Metadata Document §6.6 */
const longestDocument = 5120;

/** The most documents that are fetched at once. */
const mostAtOnce = 8;

export interface ClientDocumentsOptions {
  readonly config: Configuration;
  readonly store: Store;
  readonly limit: RateLimit;
}

/** For whom a document is fetched. */
export interface Asking {
  readonly now: number;
  readonly address: () => string;
  readonly circumstances: () => Pick<AuditEvent, "at" | "requestId" | "flowId" | "address">;
}

/**
 * Clients whose id is the URL of their metadata. The last good document is kept with the client in the store; errors and
 * invalid documents are never kept. draft-ietf-oauth-client-id-metadata-document
 */
export class ClientDocuments {
  readonly #config: Configuration;
  readonly #store: Store;
  readonly #limit: RateLimit;
  readonly #underWay = new Map<string, Promise<Client>>();

  constructor({ config, store, limit }: ClientDocumentsOptions) {
    this.#config = config;
    this.#store = store;
    this.#limit = limit;
  }

  /**
   * Whether this id may be a document's at all.
   * @throws OAuthError `invalid_client` where it may not
   */
  requireUsableUrl(id: string): void {
    const policy = this.#config.clientDocuments;
    if (policy === undefined) refuse("client id is a URL, and documents are switched off", id);
    if (!isClientIdUrl(id, policy)) refuse("client id is no URL that a document may have", id);
    if (policy.trustedHostsOnly && !isTrustedHost(new URL(id).host, policy)) refuse("client id's host is not on the list", id);
  }

  /** Whether what is kept of the client will do for another authorization request. */
  isFresh = (client: Client, now: number): boolean => client.freshUntil !== undefined && now < client.freshUntil;

  /**
   * The client as its document says now.
   * @throws OAuthError `invalid_client`, `slow_down`, `temporarily_unavailable`
   */
  fetch(id: string, asking: Asking): Promise<Client> {
    const underWay = this.#underWay.get(id);
    if (underWay !== undefined) return underWay;
    if (this.#underWay.size >= mostAtOnce)
      return Promise.reject(new OAuthError("temporarily_unavailable", "too many client documents at once", { retryAfter: 5 }));
    // Remembered before anything is waited for: whoever comes in the same moment waits for this one.
    const fetching = this.#fetch(id, asking).finally(() => this.#underWay.delete(id));
    this.#underWay.set(id, fetching);
    return fetching;
  }

  async #fetch(id: string, asking: Asking): Promise<Client> {
    const wait = await this.#limit.count(addressBlock(asking.address()));
    if (wait !== undefined) throw new OAuthError("slow_down", "too many client documents for one address", { retryAfter: wait });
    const allowLoopback = this.#config.clientDocuments?.allowLoopback ?? false;
    const fetched = await guardedFetch(id, { longestBody: longestDocument, allowLoopback, lookup: this.#config.lookup });
    if ("failure" in fetched) return refuse(`client document: ${fetched.failure}`, id, true);
    const metadata = readDocument(fetched.body, id, this.#config);
    return this.#keep(id, metadata, asking, asking.now + freshnessOf(fetched.cacheControl));
  }

  async #keep(id: string, metadata: ClientMetadata, asking: Asking, freshUntil: number): Promise<Client> {
    const known = await this.#store.client(id);
    const event = { ...asking.circumstances(), clientId: id };
    if (known === undefined) {
      const client = { ...newClient(id, asking.now), ...metadata, freshUntil };
      const added = await this.#store.addClient(client, { ...event, type: "client.registered", name: client.name, origin: "document" });
      return added ? client : this.#keep(id, metadata, asking, freshUntil);
    }
    // An operator has made a client of this URL while it was fetched.
    if (known.origin !== "document") return known;
    const client = { ...known, ...metadata, freshUntil };
    const isChanged = identityOf(known) !== identityOf(client);
    const won = await this.#store.updateClient(client, isChanged ? { ...event, type: "client.changed", by: "document" } : undefined);
    return won ? client : this.#keep(id, metadata, asking, freshUntil);
  }
}

function readDocument(body: string, id: string, { registration }: Configuration): ClientMetadata {
  if (body.includes("\uFFFD") || body.includes("\\u0000")) return refuse("client document: it has invalid UTF-8 or a NUL", id, true);
  try {
    return parseClientDocument(JSON.parse(body), id, registration);
  } catch (error) {
    return refuse(error instanceof OAuthError ? error.message : "client document: it is no JSON", id, true);
  }
}

const newClient = (id: string, createdAt: number) =>
  ({
    id,
    origin: "document",
    firstParty: false,
    resources: [],
    resourceServerOf: [],
    secrets: [],
    registrationToken: undefined,
    createdAt,
    grantedAt: undefined,
    disabledAt: undefined,
    revision: 0,
  }) as const;

function refuse(reason: string, id: string, wasAsked = false): never {
  throw new OAuthError("invalid_client", reason, {
    status: 400,
    ...auditableClientId(id),
    shownAs: wasAsked ? { page: "document-unreachable", host: URL.parse(id)?.host ?? "" } : { page: "unknown-client" },
  });
}
