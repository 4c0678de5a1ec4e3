import { generateKeyPairSync, type KeyObject, randomUUID, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import { answerOf, aServer, basic, challenge, type Fields, issuer, lastReason, photoPrinter, post, type Server } from "../a-server.ts";

const type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

interface Service {
  readonly server: Server;
  readonly id: string;
  readonly key: KeyObject;
}

async function aService(redirectUri?: string): Promise<Service> {
  const server = aServer();
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwks = { keys: [{ ...publicKey.export({ format: "jwk" }), kid: "1", use: "sig", alg: "ES256" }] };
  const made = await server.oauth.admin.createClient({
    name: "Night backup",
    authMethod: "private_key_jwt",
    jwks,
    ...(redirectUri === undefined ? {} : { redirectUris: [redirectUri] }),
  });
  return { server, id: made.client.id, key: privateKey };
}

/** A proof that is right but for what is changed. */
function proof({ server, id, key }: Service, changed: Readonly<Record<string, unknown>> = {}): string {
  const now = server.clock.now / 1000;
  const claims = { iss: id, sub: id, aud: issuer, iat: now, exp: now + 60, jti: randomUUID(), ...changed };
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const content = `${encode({ alg: "ES256", kid: "1" })}.${encode(claims)}`;
  return `${content}.${sign("sha256", Buffer.from(content), { key, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
}

const ask = ({ server }: Service, fields: Fields, headers = {}): Promise<Response> =>
  post(server, "/oauth/token", { grant_type: "client_credentials", client_assertion_type: type, ...fields }, headers);

describe("a client's assertion, RFC 7521 §4.2, RFC 7523 §2.2", () => {
  it("proves who the client is, with its client_id beside it or without", async () => {
    const service = await aService();
    expect((await ask(service, { client_assertion: proof(service) })).status).toBe(200);
    expect((await ask(service, { client_assertion: proof(service), client_id: service.id })).status).toBe(200);
  });

  it("is refused beside another client's id", async () => {
    const service = await aService();
    const printer = await photoPrinter(service.server);
    const response = await ask(service, { client_assertion: proof(service), client_id: printer.id });
    expect([response.status, (await answerOf(response)).error]).toEqual([401, "invalid_client"]);
  });

  it("is refused beside another method", async () => {
    const service = await aService();
    const printer = await photoPrinter(service.server);
    for (const response of [
      await ask(service, { client_assertion: proof(service), client_secret: "x" }),
      await ask(service, { client_assertion: proof(service) }, basic(printer.id, printer.secret)),
    ])
      expect([response.status, (await answerOf(response)).error]).toEqual([400, "invalid_request"]);
  });

  it.each<[string, (service: Service) => Fields]>([
    ["no type", (service) => ({ client_assertion: proof(service), client_assertion_type: undefined })],
    [
      "another type",
      (service) => ({
        client_assertion: proof(service),
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:saml2-bearer",
      }),
    ],
    ["its type alone", () => ({})],
    ["two JWTs", (service) => ({ client_assertion: `${proof(service)} ${proof(service)}` })],
    ["no JWT", ({ id }) => ({ client_assertion: id })],
    ["a signature that was cut off", (service) => ({ client_assertion: proof(service).replace(/[^.]+$/, "") })],
    [
      "another client's key",
      (service) => ({ client_assertion: proof({ ...service, key: generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey }) }),
    ],
  ])("is refused with %s: invalid_client", async (_, fields) => {
    const service = await aService();
    const response = await ask(service, fields(service));
    expect([response.status, (await answerOf(response)).error]).toEqual([401, "invalid_client"]);
  });
});

describe("the claims of a client's assertion, RFC 7523 §3", () => {
  it.each<[string, Readonly<Record<string, unknown>>]>([
    ["no iss", { iss: undefined }],
    ["another iss", { iss: "somebody-else" }],
    ["no aud", { aud: undefined }],
    ["another aud", { aud: "https://evil.example" }],
    ["another aud beside ours", { aud: [issuer, "https://evil.example"] }],
    ["an aud in another spelling", { aud: `${issuer}/` }],
    ["no exp", { exp: undefined }],
    ["an nbf to come", { nbf: 1_800_000_000 + 60 }],
  ])("are refused with %s, though the signature is good", async (_, changed) => {
    const service = await aService();
    expect((await ask(service, { client_assertion: proof(service, changed) })).status).toBe(401);
    expect((await ask(service, { client_assertion: proof(service) })).status).toBe(200);
  });

  it("are good until they expire, clocks being half a minute apart at most", async () => {
    const service = await aService();
    const [early, late] = [proof(service), proof(service)];
    service.server.clock.now += 89_000;
    expect((await ask(service, { client_assertion: early })).status).toBe(200);
    service.server.clock.now += 1000;
    expect((await ask(service, { client_assertion: late })).status).toBe(401);
    expect(lastReason(service.server)).toBe("client_assertion has expired");
  });

  it("have the issuer as their audience, or the token endpoint, and nobody else's beside it", async () => {
    const service = await aService();
    const token = `${issuer}/oauth/token`;
    for (const aud of ["https://bank.example", [issuer, "https://bank.example"], `${issuer}/oauth/par`, `${issuer}/`, []])
      expect([aud, (await ask(service, { client_assertion: proof(service, { aud }) })).status]).toEqual([aud, 401]);
    for (const aud of [issuer, [issuer], token, [issuer, token]])
      expect([aud, (await ask(service, { client_assertion: proof(service, { aud }) })).status]).toEqual([aud, 200]);
  });

  it("may have the endpoint for pushed requests as their audience there, and nowhere else", async () => {
    const service = await aService("https://backup.example/callback");
    const aud = `${issuer}/oauth/par`;
    const request = { response_type: "code", code_challenge: challenge, code_challenge_method: "S256" };
    for (const named of [aud, issuer, `${issuer}/oauth/token`]) {
      const fields = { ...request, client_assertion_type: type, client_assertion: proof(service, { aud: named }) };
      expect([named, (await post(service.server, "/oauth/par", fields)).status]).toEqual([named, 201]);
    }
    expect((await ask(service, { client_assertion: proof(service, { aud }) })).status).toBe(401);
  });

  it("are good once", async () => {
    const service = await aService();
    const assertion = proof(service);
    expect((await ask(service, { client_assertion: assertion })).status).toBe(200);
    expect((await ask(service, { client_assertion: assertion })).status).toBe(401);
  });
});
