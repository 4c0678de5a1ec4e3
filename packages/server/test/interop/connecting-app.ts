/** A budget app that keeps in memory what an MCP SDK hands it. Both SDKs ask their `OAuthClientProvider` for these methods. */
import { randomUUID } from "node:crypto";

export interface AppMetadata {
  readonly client_name: string;
  readonly redirect_uris: string[];
  readonly grant_types: string[];
  readonly response_types: string[];
  readonly token_endpoint_auth_method: string;
}

export class ConnectingApp<Registration, Tokens, Discovery> {
  readonly redirectUrl: string;
  readonly clientMetadata: AppMetadata;
  /** Where its metadata can be read, for an app that does not register. */
  readonly clientMetadataUrl?: string;
  /** Where the SDK has sent the person, in order. */
  readonly sentTo: URL[] = [];
  #registration: Registration | undefined;
  #tokens: Tokens | undefined;
  #discovery: Discovery | undefined;
  #verifier = "";

  constructor(redirectUri: string, clientMetadataUrl?: string) {
    if (clientMetadataUrl !== undefined) this.clientMetadataUrl = clientMetadataUrl;
    this.redirectUrl = redirectUri;
    this.clientMetadata = {
      client_name: "Household Budget",
      redirect_uris: [redirectUri],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
    };
  }

  /** The link that the person was last given. */
  get link(): URL {
    const link = this.sentTo.at(-1);
    if (link === undefined) throw new Error("the SDK has sent the person nowhere");
    return link;
  }

  state(): string {
    return randomUUID();
  }

  clientInformation(): Registration | undefined {
    return this.#registration;
  }

  saveClientInformation(registration: Registration): void {
    this.#registration = registration;
  }

  tokens(): Tokens | undefined {
    return this.#tokens;
  }

  saveTokens(tokens: Tokens): void {
    this.#tokens = tokens;
  }

  redirectToAuthorization(link: URL): void {
    this.sentTo.push(link);
  }

  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }

  codeVerifier(): string {
    return this.#verifier;
  }

  discoveryState(): Discovery | undefined {
    return this.#discovery;
  }

  saveDiscoveryState(discovery: Discovery): void {
    this.#discovery = discovery;
  }

  invalidateCredentials(which: "all" | "client" | "tokens" | "verifier" | "discovery"): void {
    if (which === "all" || which === "client") this.#registration = undefined;
    if (which === "all" || which === "tokens") this.#tokens = undefined;
    if (which === "all" || which === "discovery") this.#discovery = undefined;
  }
}
