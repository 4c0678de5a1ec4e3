/** A client that proves itself by a key of its own, and the assertions it signs. */
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { type Answer, type App, answerOf, aServer, type Fields, post, register, type Server } from "./a-server.ts";

export interface Signer {
  readonly algorithm: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: JWK;
}

export async function aSigner(algorithm = "ES256"): Promise<Signer> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  return { algorithm, privateKey, publicKey: await exportJWK(publicKey) };
}

export const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

let assertions = 0;

/** The claims of a good assertion of the client: RFC 7523 §3. */
export const claimsOf = (server: Server, clientId: string): Readonly<Record<string, unknown>> => {
  const now = Math.floor(server.clock.now / 1000);
  return { iss: clientId, sub: clientId, aud: server.issuer, jti: `assertion ${++assertions}`, iat: now, exp: now + 60 };
};

/** An assertion, by this key, of these claims; `undefined` leaves one out. */
export const sign = (
  { algorithm, privateKey }: Pick<Signer, "algorithm" | "privateKey">,
  claims: Readonly<Record<string, unknown>>,
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg: algorithm, ...header }).sign(privateKey, { crit: { "urn:example:limit": true } });

/** A confidential website that registered itself with its public keys. */
export async function aSigningApp(server: Server, keys: readonly JWK[], metadata: Readonly<Record<string, unknown>> = {}): Promise<App> {
  const redirectUri = "https://printer.example/callback";
  const response = await register(server, {
    client_name: "Photo printer",
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: "private_key_jwt",
    grant_types: ["authorization_code", "refresh_token"],
    ...("jwks_uri" in metadata ? {} : { jwks: { keys } }),
    ...metadata,
  });
  const { client_id: id, error, error_description: why }: Answer = await answerOf(response);
  if (id === undefined) throw new Error(`the photo printer could not register: ${error} ${why}`);
  return { id, secret: "", method: "private_key_jwt", redirectUri };
}

/** A request with this assertion and nothing else that says who asks. */
export const sendAssertion = (server: Server, path: string, assertion: string, fields: Fields = {}, headers = {}, from?: string) =>
  post(
    server,
    new URL(server.issuer).pathname.replace(/\/$/, "") + path,
    { client_assertion_type: assertionType, client_assertion: assertion, ...fields },
    headers,
    from,
  );

/** What only a client that has proven itself is told: that its refresh token is unknown. */
const wanted = { grant_type: "refresh_token", refresh_token: "x" };
export const isKnown = { status: 400, error: "invalid_grant" };
export const isRefused = { status: 401, error: "invalid_client" };

/** Whether the token endpoint knows the client by this assertion. */
export async function verdict(server: Server, assertion: string, fields: Fields = {}, headers = {}) {
  const response = await sendAssertion(server, "/oauth/token", assertion, { ...wanted, ...fields }, headers);
  const { error }: Answer = await answerOf(response);
  return { status: response.status, error };
}

/** A server with a client that has one key. */
export async function aPrinterWithKey(options: Parameters<typeof aServer>[0] = {}, algorithm = "ES256") {
  const [server, signer] = [aServer(options), await aSigner(algorithm)];
  return { server, signer, app: await aSigningApp(server, [signer.publicKey]) };
}
