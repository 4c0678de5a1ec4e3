import { createPublicKey, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import { connect, tokensOf } from "../a-person.ts";
import {
  answerOf,
  aServer,
  budgetApp,
  get,
  issuer,
  like,
  minutes,
  photoPrinter,
  refresh,
  revoke,
  type Server,
  send,
  statusAtApi,
} from "../a-server.ts";

const mcp = `${issuer}/mcp`;
const photos = "https://photos.example.com/api";
const resources = { [mcp]: { scopes: ["read", "write"] }, [`${issuer}/files`]: { scopes: ["read", "share"] }, [photos]: {} };

interface Key {
  readonly kid: string;
  readonly alg: string;
  readonly use: string;
  readonly kty: string;
}

const part = (token: string, index: number): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split(".")[index] ?? "", "base64url").toString()) as Record<string, unknown>;

async function keysOf(server: Server): Promise<readonly Key[]> {
  const response = await get(server, "/oauth/jwks");
  expect(response.status).toBe(200);
  return ((await response.json()) as { keys: readonly Key[] }).keys;
}

/** Whether the published key verifies it, as a resource server elsewhere would find out. */
async function isSigned(server: Server, token: string): Promise<boolean> {
  const [header = "", claims = "", signature = ""] = token.split(".");
  const { alg, kid } = part(token, 0);
  const key = (await keysOf(server)).find((one) => one.kid === kid && one.alg === alg);
  if (key === undefined) return false;
  const publicKey = createPublicKey({ key: { ...key }, format: "jwk" });
  return verify(
    alg === "EdDSA" ? null : "sha256",
    Buffer.from(`${header}.${claims}`),
    { key: publicKey, dsaEncoding: "ieee-p1363" },
    Buffer.from(signature, "base64url"),
  );
}

async function aJwt(scope = "read", resource: string | undefined = mcp) {
  const server = aServer({ accessTokenFormat: "jwt", resources });
  const app = await budgetApp(server);
  const tokens = await connect(server, app, { scope, resource });
  return { server, app, tokens };
}

describe("JWT access tokens, RFC 9068 §2, §3", () => {
  it("are signed by a published key and say that they are access tokens, of whom, for whom, from whom and until when", async () => {
    const { server, app, tokens } = await aJwt("read write");
    const now = server.clock.now / 1000;
    expect(part(tokens.access, 0)).toEqual({ alg: "ES256", typ: "at+jwt", kid: like(/^[\w-]{22}$/) });
    expect(part(tokens.access, 1)).toEqual({
      iss: issuer,
      sub: "ada",
      aud: mcp,
      client_id: app.id,
      scope: "read write",
      iat: now,
      exp: now + 3600,
      jti: like(/^[\w-]{22}$/),
    });
    expect(await isSigned(server, tokens.access)).toBe(true);
  });

  it.each(["RS256", "EdDSA", "ES256"] as const)("are signed with %s where the operator wants that", async (algorithm) => {
    const { server, app, tokens } = await aJwt();
    await server.oauth.admin.rotateSigningKey(algorithm);
    const next = await tokensOf(await refresh(server, app, tokens.refresh));
    expect(part(next.access, 0)["alg"]).toBe(algorithm);
    expect([await isSigned(server, next.access), await isSigned(server, tokens.access)]).toEqual([true, true]);
  });

  it("have a service as their own subject, and an identifier each", async () => {
    const server = aServer({ accessTokenFormat: "jwt" });
    const service = await photoPrinter(server, { redirectUris: [] });
    const issue = async (): Promise<Record<string, unknown>> =>
      part((await answerOf(await send(server, service, "/oauth/token", { grant_type: "client_credentials" }))).access_token ?? "", 1);
    const [first, second] = [await issue(), await issue()];
    expect([first["sub"], first["client_id"]]).toEqual([service.id, service.id]);
    expect(first["jti"]).not.toBe(second["jti"]);
  });

  it("have a default audience where no resource was named: those of our origin at which all of the scope means something", async () => {
    const audienceOf = async (scope: string): Promise<unknown> => {
      const server = aServer({ accessTokenFormat: "jwt", resources });
      return part((await connect(server, await budgetApp(server), { scope, resource: undefined })).access, 1)["aud"];
    };
    expect([await audienceOf("read write"), await audienceOf("share"), await audienceOf("read")]).toEqual([
      mcp,
      `${issuer}/files`,
      [mcp, `${issuer}/files`],
    ]);
  });
});

describe("a JWT at our own guard and at introspection, RFC 9068 §4, RFC 7662 §4", () => {
  it("is the very one that was issued: another header, claim or signature makes it another token", async () => {
    const { server, tokens } = await aJwt();
    const [header = "", claims = "", signature = ""] = tokens.access.split(".");
    const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    expect(await statusAtApi(server, tokens.access, "/mcp")).toBe(200);
    for (const forged of [
      `${encode({ ...part(tokens.access, 0), alg: "none" })}.${claims}.`,
      `${encode({ ...part(tokens.access, 0), alg: "none" })}.${claims}.${signature}`,
      `${encode({ ...part(tokens.access, 0), typ: "JWT" })}.${claims}.${signature}`,
      `${header}.${encode({ ...part(tokens.access, 1), iss: "https://evil.example" })}.${signature}`,
      `${header}.${encode({ ...part(tokens.access, 1), scope: "read write share" })}.${signature}`,
      `${header}.${claims}.${signature.slice(0, -2)}AA`,
    ]) {
      const request = new Request(mcp, { headers: { authorization: `Bearer ${forged}` } });
      const refused = await server.oauth.authenticate(request);
      expect(refused instanceof Response && [refused.status, (await answerOf(refused)).error]).toEqual([401, "invalid_token"]);
    }
  });

  it("is refused at a resource that is not its audience, and at its expiry: invalid_token", async () => {
    const { server, tokens } = await aJwt();
    expect(await statusAtApi(server, tokens.access, "/files")).toBe(401);
    server.clock.now += 60 * minutes - 1;
    expect(await statusAtApi(server, tokens.access, "/mcp")).toBe(200);
    server.clock.now += 1;
    expect(await statusAtApi(server, tokens.access, "/mcp")).toBe(401);
  });

  it("is inactive when it was forged or revoked, and can be revoked", async () => {
    const server = aServer({ accessTokenFormat: "jwt" });
    const printer = await photoPrinter(server);
    const { access } = await connect(server, printer);
    const isActive = async (token: string): Promise<unknown> =>
      (await answerOf(await send(server, printer, "/oauth/introspect", { token }))).active;
    const forged = access.replace(/.$/, (last) => (last === "A" ? "B" : "A"));
    expect([await isActive(access), await isActive(forged)]).toEqual([true, false]);
    await revoke(server, printer, access);
    expect([await isActive(access), await statusAtApi(server, access)]).toEqual([false, 401]);
  });
});

describe("the published keys, RFC 7517 §4, RFC 8414 §2", () => {
  it("are below the issuer, public halves alone, each with its use, algorithm and name", async () => {
    const server = aServer();
    const metadata = (await (await get(server, "/.well-known/oauth-authorization-server")).json()) as Record<string, unknown>;
    expect(metadata["jwks_uri"]).toBe(`${issuer}/oauth/jwks`);
    const keys = await keysOf(server);
    for (const key of keys) {
      expect(key).toMatchObject({ use: "sig", alg: "ES256", kty: "EC", kid: like(/^[\w-]{22}$/) });
      expect(Object.keys(key)).not.toContain("d");
    }
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(2);
  });

  it("have the next key before it signs, and the last one while its tokens live", async () => {
    const { server, app, tokens } = await aJwt();
    const before = (await keysOf(server)).map(({ kid }) => kid);
    await server.oauth.admin.rotateSigningKey();
    const next = await tokensOf(await refresh(server, app, tokens.refresh));
    expect(before).toContain(part(next.access, 0)["kid"]);
    expect((await keysOf(server)).map(({ kid }) => kid)).toEqual(expect.arrayContaining(before));
  });
});
