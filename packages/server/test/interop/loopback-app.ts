/** An app on somebody's computer that speaks OAuth through oauth4webapi, which checks every answer by itself. */
import * as oauth from "oauth4webapi";
import { type LoopbackCallback, listenForCallback } from "./loopback-callback.ts";

/** The library insists on https; the server under test is on loopback. */
export const onLoopback = { [oauth.allowInsecureRequests]: true };

/** An authorization request that is under way: the link for the person, and what the app must remember. */
export interface Asked {
  readonly link: URL;
  readonly state: string;
  readonly verifier: string;
}

export async function discover(origin: string): Promise<oauth.AuthorizationServer> {
  const issuer = new URL(origin);
  return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...onLoopback }));
}

export class LoopbackApp {
  readonly server: oauth.AuthorizationServer;
  readonly client: oauth.Client;
  readonly callback: LoopbackCallback;
  readonly #authentication: oauth.ClientAuth;

  /** Discovers the server and registers itself: a public client, unless the metadata says otherwise. */
  static async register(
    origin: string,
    name: string,
    metadata: Partial<oauth.OmitSymbolProperties<oauth.Client>> = {},
  ): Promise<LoopbackApp> {
    const server = await discover(origin);
    const callback = await listenForCallback();
    const response = await oauth.dynamicClientRegistrationRequest(
      server,
      {
        client_name: name,
        redirect_uris: [callback.redirectUri],
        grant_types: ["authorization_code", "refresh_token"],
        token_endpoint_auth_method: "none",
        ...metadata,
      },
      onLoopback,
    );
    const client = await oauth.processDynamicClientRegistrationResponse(response);
    const secret = client["client_secret"];
    return new LoopbackApp(server, client, callback, typeof secret === "string" ? oauth.ClientSecretBasic(secret) : oauth.None());
  }

  /** Discovers the server and takes a client that is there already, and what it authenticates with. */
  static async known(
    origin: string,
    client: oauth.Client,
    callback: LoopbackCallback,
    authentication: oauth.ClientAuth = oauth.None(),
  ): Promise<LoopbackApp> {
    return new LoopbackApp(await discover(origin), client, callback, authentication);
  }

  private constructor(
    server: oauth.AuthorizationServer,
    client: oauth.Client,
    callback: LoopbackCallback,
    authentication: oauth.ClientAuth,
  ) {
    this.server = server;
    this.client = client;
    this.callback = callback;
    this.#authentication = authentication;
  }

  async ask(parameters: Record<string, string> = {}): Promise<Asked> {
    const state = oauth.generateRandomState();
    const verifier = oauth.generateRandomCodeVerifier();
    const link = new URL(this.server.authorization_endpoint ?? "");
    link.search = new URLSearchParams({
      response_type: "code",
      client_id: this.client.client_id,
      redirect_uri: this.callback.redirectUri,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      state,
      ...parameters,
    }).toString();
    return { link, state, verifier };
  }

  /** The next answer to arrive, with `state` and `iss` checked. Throws what the server says is wrong. */
  async answer(asked: Asked): Promise<URLSearchParams> {
    return oauth.validateAuthResponse(this.server, this.client, await this.callback.next(), asked.state);
  }

  async redeem({ link, verifier }: Asked, answer: URLSearchParams): Promise<oauth.TokenEndpointResponse> {
    const redirectUri = link.searchParams.get("redirect_uri") ?? this.callback.redirectUri;
    const response = await oauth.authorizationCodeGrantRequest(
      this.server,
      this.client,
      this.#authentication,
      answer,
      redirectUri,
      verifier,
      onLoopback,
    );
    return oauth.processAuthorizationCodeResponse(this.server, this.client, response);
  }

  async refresh(
    tokens: oauth.TokenEndpointResponse,
    additionalParameters: Record<string, string> = {},
  ): Promise<oauth.TokenEndpointResponse> {
    const response = await oauth.refreshTokenGrantRequest(this.server, this.client, this.#authentication, tokens.refresh_token ?? "", {
      additionalParameters,
      ...onLoopback,
    });
    return oauth.processRefreshTokenResponse(this.server, this.client, response);
  }

  async revoke(token: string): Promise<void> {
    await oauth.processRevocationResponse(await oauth.revocationRequest(this.server, this.client, this.#authentication, token, onLoopback));
  }

  async introspect(token: string): Promise<oauth.IntrospectionResponse> {
    return oauth.processIntrospectionResponse(
      this.server,
      this.client,
      await oauth.introspectionRequest(this.server, this.client, this.#authentication, token, onLoopback),
    );
  }

  /** Pushes the request to the server first; the link then carries nothing but a reference. RFC 9126 */
  async push(asked: Asked): Promise<Asked> {
    const response = await oauth.pushedAuthorizationRequest(
      this.server,
      this.client,
      this.#authentication,
      asked.link.searchParams,
      onLoopback,
    );
    const { request_uri } = await oauth.processPushedAuthorizationResponse(this.server, this.client, response);
    const link = new URL(asked.link);
    link.search = new URLSearchParams({ client_id: this.client.client_id, request_uri }).toString();
    return { ...asked, link };
  }
}
