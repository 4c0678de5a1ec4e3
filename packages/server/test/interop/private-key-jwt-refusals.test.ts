import * as oauth from "oauth4webapi";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningServer, startServer } from "../running-server.ts";
import { actAsService, createSigningService } from "./signing-client.ts";
import { makeKey, type SigningKey } from "./signing-key.ts";

const refused = { error: "invalid_client" };

describe("a client that should prove itself with a private key is refused", () => {
  let server: RunningServer;
  let signing: SigningKey;
  let clientId: string;

  beforeAll(async () => {
    server = await startServer();
    signing = await makeKey("ES256");
    clientId = await createSigningService(server, signing.jwks);
  });
  afterAll(() => server.stop());

  it.each(["ES256", "RS256"] as const)("with another's key for %s", async (algorithm) => {
    await expect(actAsService(server, clientId, oauth.PrivateKeyJwt(await makeKey(algorithm)))).rejects.toMatchObject(refused);
  });

  it.each([
    { proof: "for another server", claims: { aud: "https://bank.example" } },
    { proof: "for nobody in particular", claims: { aud: undefined } },
    { proof: "that has ended", claims: { exp: 1_000_000_000 } },
    { proof: "that never ends", claims: { exp: undefined } },
    { proof: "that only works later", claims: { nbf: 4_000_000_000 } },
    { proof: "in another's name", claims: { sub: "somebody-else" } },
    { proof: "from another issuer", claims: { iss: "https://bank.example" } },
  ])("with a proof $proof", async ({ claims }) => {
    await expect(actAsService(server, clientId, changed(claims))).rejects.toMatchObject(refused);
  });

  it("with a proof whose header says that nobody signed it", async () => {
    const unsigned = oauth.PrivateKeyJwt(signing, { [oauth.modifyAssertion]: (header) => void Object.assign(header, { alg: "none" }) });

    await expect(actAsService(server, clientId, unsigned)).rejects.toMatchObject(refused);
  });

  it("with a proof that it has sent before", async () => {
    const repeated = changed({ jti: "always the same" });

    expect(await actAsService(server, clientId, repeated)).toMatchObject({ scope: "read" });
    await expect(actAsService(server, clientId, repeated)).rejects.toMatchObject(refused);
  });

  it("without a proof, by its name alone or with a secret", async () => {
    for (const authentication of [oauth.None(), oauth.ClientSecretPost("guessed")])
      await expect(actAsService(server, clientId, authentication)).rejects.toMatchObject(refused);
  });

  it("and a proof that is right is taken after all that", async () => {
    expect(await actAsService(server, clientId, oauth.PrivateKeyJwt(signing))).toMatchObject({ token_type: "bearer", scope: "read" });
  });

  /** A proof that is right but for these claims. */
  const changed = (claims: Readonly<Record<string, oauth.JsonValue | undefined>>): oauth.ClientAuth =>
    oauth.PrivateKeyJwt(signing, { [oauth.modifyAssertion]: (_header, payload) => void Object.assign(payload, claims) });
});
