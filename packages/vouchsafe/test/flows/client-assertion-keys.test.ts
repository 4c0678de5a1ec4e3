import { CompactSign } from "jose";
import { describe, expect, it } from "vitest";
import { authorizePath, browserOf, open } from "../a-person.ts";
import { aServer, lastReason } from "../a-server.ts";
import { aPrinterWithKey, aSigner, aSigningApp, claimsOf, isKnown, isRefused, type Signer, sign, verdict } from "../a-signer.ts";
import { aLocalServer, aSite, json, publish } from "../a-site.ts";

describe("which key and algorithm prove a client, RFC 7515 §5.2, RFC 8725 §3.1", () => {
  it("is any of several of one algorithm, with or without kid", async () => {
    const [server, first, second, third] = [aServer(), await aSigner(), await aSigner(), await aSigner()];
    const app = await aSigningApp(server, [{ ...first.publicKey, kid: "first" }, { ...second.publicKey, kid: "second" }, third.publicKey]);
    for (const [signer, header] of [
      [first, {}],
      [second, {}],
      [third, {}],
      [second, { kid: "second" }],
    ] as const)
      expect(await verdict(server, await sign(signer, claimsOf(server, app.id), header))).toEqual(isKnown);
    for (const [signer, header] of [
      [await aSigner(), {}],
      [second, { kid: "first" }],
      [second, { kid: "fourth" }],
    ] as const) {
      expect(await verdict(server, await sign(signer, claimsOf(server, app.id), header))).toEqual(isRefused);
      expect(lastReason(server)).toBe("client_assertion: no key of the client verifies it");
    }
  });

  it("is found beside keys that nobody can use", async () => {
    const [server, signer] = [aServer(), await aSigner()];
    const app = await aSigningApp(server, [
      { kty: "EC", crv: "P-256", x: "AA", y: "AA" },
      { kty: "ML-KEM" },
      { kty: "RSA" },
      signer.publicKey,
    ]);
    expect(await verdict(server, await sign(signer, claimsOf(server, app.id)))).toEqual(isKnown);
  });

  it("is not one that is for encryption", async () => {
    const [server, signer] = [aServer(), await aSigner()];
    const app = await aSigningApp(server, [{ ...signer.publicKey, use: "enc" }]);
    expect(await verdict(server, await sign(signer, claimsOf(server, app.id)))).toEqual(isRefused);
  });

  it("is not another client's", async () => {
    const { server, signer, app } = await aPrinterWithKey();
    const other = await aSigningApp(server, [(await aSigner()).publicKey]);
    expect(await verdict(server, await sign(signer, claimsOf(server, other.id)))).toEqual(isRefused);
    expect(await verdict(server, await sign(signer, { ...claimsOf(server, app.id), iss: other.id }))).toEqual(isRefused);
  });

  it("is not the key that the assertion brings along", async () => {
    const { server, app } = await aPrinterWithKey();
    const stranger = await aSigner();
    const header = { jwk: stranger.publicKey, jku: "https://evil.example/jwks.json", x5u: "https://evil.example/x5u" };
    expect(await verdict(server, await sign(stranger, claimsOf(server, app.id), header))).toEqual(isRefused);
  });

  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

  it.each(["none", "None", "NONE", ""])("is never none at all: alg %j", async (alg) => {
    const { server, app } = await aPrinterWithKey();
    const unsigned = `${encode({ alg })}.${encode(claimsOf(server, app.id))}`;
    for (const signature of ["", "AA"]) expect(await verdict(server, `${unsigned}.${signature}`)).toEqual(isRefused);
  });

  it("is never a public key as if it were a secret: HS256", async () => {
    const { server, signer, app } = await aPrinterWithKey({}, "RS256");
    const { createPublicKey } = await import("node:crypto");
    const pem = createPublicKey({ key: { ...signer.publicKey, kty: "RSA" }, format: "jwk" }).export({ type: "spki", format: "pem" });
    for (const secret of [String(pem), JSON.stringify(signer.publicKey)]) {
      const forged = await new CompactSign(Buffer.from(encode(claimsOf(server, app.id)), "base64url"))
        .setProtectedHeader({ alg: "HS256" })
        .sign(Buffer.from(secret));
      expect(await verdict(server, forged)).toEqual(isRefused);
    }
  });

  it.each(["ES384", "RS384", "RS512", "PS512", "ES512"])("is not of an algorithm that is not offered: %s", async (algorithm) => {
    const [server, signer] = [aServer(), await aSigner(algorithm)];
    const app = await aSigningApp(server, [signer.publicKey]);
    expect(await verdict(server, await sign(signer, claimsOf(server, app.id)))).toEqual(isRefused);
  });

  it("is of the algorithm that the client registered, if it named one", async () => {
    const [server, rsa] = [aServer(), await aSigner("RS256")];
    const app = await aSigningApp(server, [rsa.publicKey], { token_endpoint_auth_signing_alg: "PS256" });
    expect(await verdict(server, await sign(rsa, claimsOf(server, app.id)))).toEqual(isRefused);
    const { privateKey } = rsa;
    const { subtle } = crypto;
    const forPss = await subtle.importKey(
      "pkcs8",
      await subtle.exportKey("pkcs8", privateKey),
      { name: "RSA-PSS", hash: "SHA-256" },
      false,
      ["sign"],
    );
    expect(await verdict(server, await sign({ algorithm: "PS256", privateKey: forPss }, claimsOf(server, app.id)))).toEqual(isKnown);
  });

  it("is of the algorithm that the client's document names, if it names one", async () => {
    const [server, site, ec, rsa] = [aLocalServer(), await aSite(), await aSigner(), await aSigner("RS256")];
    const method = { token_endpoint_auth_method: "private_key_jwt", token_endpoint_auth_signing_alg: "RS256" };
    const app = publish(site, { ...method, jwks: { keys: [ec.publicKey, rsa.publicKey] } });
    expect((await open(browserOf(server), authorizePath(app))).status).toBe(200);
    expect(await verdict(server, await sign(rsa, claimsOf(server, app.id)))).toEqual(isKnown);
    expect(await verdict(server, await sign(ec, claimsOf(server, app.id)))).toEqual(isRefused);
  });

  it("is Ed25519 by both of its names, on the key, in the registration and in the header, RFC 9864 §2.2", async () => {
    const [server, signer] = [aServer(), await aSigner("Ed25519")];
    for (const alg of [undefined, "EdDSA", "Ed25519"])
      for (const registered of [undefined, "EdDSA", "Ed25519"]) {
        const app = await aSigningApp(server, [{ ...signer.publicKey, ...(alg && { alg }) }], {
          token_endpoint_auth_signing_alg: registered,
        });
        for (const algorithm of ["EdDSA", "Ed25519"])
          expect(await verdict(server, await sign({ ...signer, algorithm }, claimsOf(server, app.id)))).toEqual(isKnown);
      }
  });

  it("is refused with a critical header that we do not know, RFC 7515 §4.1.11", async () => {
    const { server, signer, app } = await aPrinterWithKey();
    const assertion = await sign(signer, claimsOf(server, app.id), { crit: ["urn:example:limit"], "urn:example:limit": 1 });
    expect(await verdict(server, assertion)).toEqual(isRefused);
  });

  it("is refused with an unencoded payload, and that is nothing broken on our side, RFC 7797 §7", async () => {
    const { server, signer, app } = await aPrinterWithKey();
    const payload = encode(claimsOf(server, app.id));
    const { signature, protected: header } = await unencoded(signer, payload);
    expect(await verdict(server, `${header}.${payload}.${signature}`)).toEqual(isRefused);
    expect(server.errors).toEqual([]);
  });

  it("is refused where payload or signature was changed", async () => {
    const { server, signer, app } = await aPrinterWithKey();
    const [header, payload, signature = ""] = (await sign(signer, claimsOf(server, app.id))).split(".");
    const changed = encode({ ...claimsOf(server, app.id), scope: "all" });
    const flipped = (signature[0] === "A" ? "B" : "A") + signature.slice(1);
    for (const assertion of [
      `${header}.${changed}.${signature}`,
      `${header}.${payload}.${flipped}`,
      `${header}.${payload}.${signature.slice(4)}`,
    ])
      expect(await verdict(server, assertion)).toEqual(isRefused);
    expect(await verdict(server, `${header}.${payload}.${signature}`)).toEqual(isKnown);
  });
});

async function unencoded({ privateKey }: Signer, payload: string) {
  const { FlattenedSign } = await import("jose");
  return new FlattenedSign(Buffer.from(payload)).setProtectedHeader({ alg: "ES256", b64: false, crit: ["b64"] }).sign(privateKey);
}

describe("keys at a client's own address, RFC 7591 §2", () => {
  const local = { issuer: "http://localhost:4000", clientIdMetadata: { allowLoopback: true } };

  it("are fetched once while they are fresh, and again for one that was not there, though not twice in half a minute", async () => {
    const [server, site, first, second, stranger] = [aServer(local), await aSite(), await aSigner(), await aSigner(), await aSigner()];
    site.replies.set("/jwks.json", json({ keys: [first.publicKey] }, { "cache-control": "max-age=3600" }));
    const app = await aSigningApp(server, [], { jwks_uri: `${site.origin}/jwks.json` });
    expect(site.asked).toEqual([]);
    for (let time = 0; time < 3; time++) expect(await verdict(server, await sign(first, claimsOf(server, app.id)))).toEqual(isKnown);
    expect(site.asked.length).toBe(1);
    site.replies.set("/jwks.json", json({ keys: [first.publicKey, second.publicKey] }));
    expect(await verdict(server, await sign(second, claimsOf(server, app.id)))).toEqual(isKnown);
    expect(site.asked.length).toBe(2);
    for (let time = 0; time < 5; time++) expect(await verdict(server, await sign(stranger, claimsOf(server, app.id)))).toEqual(isRefused);
    expect(site.asked.length).toBe(2);
    server.clock.now += 30_000;
    expect(await verdict(server, await sign(stranger, claimsOf(server, app.id)))).toEqual(isRefused);
    expect(site.asked.length).toBe(3);
  });

  it("are fetched once for many at once", async () => {
    const [server, site, signer] = [aServer(local), await aSite(), await aSigner()];
    site.replies.set("/jwks.json", json({ keys: [signer.publicKey] }));
    const app = await aSigningApp(server, [], { jwks_uri: `${site.origin}/jwks.json` });
    const assertions = await Promise.all(Array.from({ length: 10 }, () => sign(signer, claimsOf(server, app.id))));
    const verdicts = await Promise.all(assertions.map((assertion) => verdict(server, assertion)));
    expect(verdicts).toEqual(verdicts.map(() => isKnown));
    expect(site.asked.length).toBe(1);
  });

  it("that are fresh are still good after an assertion by a stranger found their site down", async () => {
    const [server, site, signer, stranger] = [aServer(local), await aSite(), await aSigner(), await aSigner()];
    site.replies.set("/jwks.json", json({ keys: [signer.publicKey] }, { "cache-control": "max-age=3600" }));
    const app = await aSigningApp(server, [], { jwks_uri: `${site.origin}/jwks.json` });
    expect(await verdict(server, await sign(signer, claimsOf(server, app.id)))).toEqual(isKnown);
    site.replies.delete("/jwks.json");
    expect(await verdict(server, await sign(stranger, claimsOf(server, app.id)))).toEqual(isRefused);
    expect(await verdict(server, await sign(signer, claimsOf(server, app.id)))).toEqual(isKnown);
  });

  it("prove nothing where they cannot be had, or are none", async () => {
    const [server, site, signer] = [aServer(local), await aSite(), await aSigner()];
    const app = await aSigningApp(server, [], { jwks_uri: `${site.origin}/jwks.json` });
    for (const body of [undefined, "{", [], {}, { keys: 7 }, { keys: [] }, { keys: [null] }, { keys: ["x"] }]) {
      if (body !== undefined) site.replies.set("/jwks.json", json(body));
      server.clock.now += 60_000;
      expect(await verdict(server, await sign(signer, claimsOf(server, app.id)))).toEqual(isRefused);
    }
    expect(server.errors).toEqual([]);
  });
});
