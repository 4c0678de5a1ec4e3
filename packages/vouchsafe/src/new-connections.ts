import { setTimeout } from "node:timers/promises";
import type { Configuration, NewConnection } from "./config.ts";
import type { Keyring } from "./keys/sealing.ts";
import { shownName } from "./pages/client-name.ts";
import { describeScope } from "./pages/describe-scope.ts";
import { newConnectionMessage } from "./pages/new-connection.ts";
import type { Client } from "./protocol/client.ts";
import type { BrowserName, ClientGrant } from "./protocol/grant.ts";
import { isChecked } from "./protocol/trust-tier.ts";
import type { RateLimit } from "./rate-limit.ts";

/** Milliseconds. */
const longestWait = 5000;

export interface NewConnectionsParts {
  readonly config: Configuration;
  readonly keys: Keyring;
  /** How often one person is told. */
  readonly limit: RateLimit;
}

/**
 * Tells the host app that somebody's account has a new connection, so that they hear of it. The client has its tokens by then
 * and nothing waits; what fails is reported.
 */
export class NewConnections {
  readonly #parts: NewConnectionsParts;
  readonly #telling = new Set<Promise<void>>();

  constructor(parts: NewConnectionsParts) {
    this.#parts = parts;
  }

  /** `language`: of the page on which they agreed. */
  tell(grant: ClientGrant, client: Client, browser: BrowserName | undefined, language: string): void {
    const { onNewConnection, onError } = this.#parts.config;
    if (onNewConnection === undefined) return;
    const told = this.#tell(onNewConnection, grant.subject, () => describe(grant, client, browser, language, this.#parts))
      .catch((error: unknown) => onError(error, { requestId: "onNewConnection" }))
      .finally(() => this.#telling.delete(told));
    this.#telling.add(told);
  }

  async #tell(
    onNewConnection: NonNullable<Configuration["onNewConnection"]>,
    subject: string,
    connection: () => NewConnection,
  ): Promise<void> {
    // Whoever makes connections without end cannot fill a mailbox; the first ones say it all.
    if ((await this.#parts.limit.count(subject)) === undefined) await onNewConnection(connection());
  }

  /** Resolves when nobody is being told any more, or soon: a host app that never answers does not keep the server from closing. */
  async settled(): Promise<void> {
    if (this.#telling.size === 0) return;
    const patience = new AbortController();
    const waited = setTimeout(longestWait, undefined, { signal: patience.signal }).catch(() => {});
    await Promise.race([Promise.all(this.#telling), waited]);
    patience.abort();
  }
}

function describe(
  grant: ClientGrant,
  client: Client,
  browser: BrowserName | undefined,
  language: string,
  { config, keys }: NewConnectionsParts,
): NewConnection {
  const messages = config.languages.find((catalogue) => catalogue.language === language) ?? config.languages[0];
  const connectedAppsUrl = config.origin + config.basePath + config.paths.connectedApps;
  const notMeUrl = `${connectedAppsUrl}/${grant.id}/not_me?proof=${keys.sign("not me", grant.id)}`;
  const message = newConnectionMessage({
    hostName: config.branding.name,
    messages,
    client,
    isChecked: isChecked(client, config.trustedHosts),
    permissions: describeScope(grant.scope, config.vocabulary, messages),
    at: grant.createdAt,
    endsAt: grant.endsAt,
    browser,
    connectedAppsUrl,
    notMeUrl,
  });
  return {
    subject: grant.subject,
    grantId: grant.id,
    clientId: client.id,
    clientName: shownName(client, messages),
    scope: grant.scope,
    at: grant.createdAt,
    endsAt: grant.endsAt,
    notMeUrl,
    message,
  };
}
