import { createPublicKey, verify } from "node:crypto";
import { decodeProtectedHeader, importJWK, jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import { createKeyring } from "../../src/keys/sealing.ts";
import { createSigningKey, openSigningKey, resealSigningKey, signJwt } from "../../src/keys/signing.ts";
import { signingAlgorithms } from "../../src/protocol/signing-key.ts";

const [old, newer] = ["the secret that came first, 32 bytes long", "the secret that took its place, also long"];
const keyring = createKeyring([old]);

describe("a key that signs JWTs", () => {
  it.each(signingAlgorithms)("makes signatures that others can verify: %s", async (algorithm) => {
    const key = await createSigningKey(keyring, algorithm, 7);
    const jwt = signJwt(
      { alg: algorithm, typ: "at+jwt", kid: key.id },
      { sub: "ada", name: "Ädä 📷" },
      algorithm,
      openSigningKey(keyring, key),
    );
    expect(decodeProtectedHeader(jwt)).toEqual({ alg: algorithm, typ: "at+jwt", kid: key.id });
    const publicKey = await importJWK({ ...key.publicKey, alg: algorithm });
    expect((await jwtVerify(jwt, publicKey, { algorithms: [algorithm], typ: "at+jwt" })).payload).toEqual({ sub: "ada", name: "Ädä 📷" });
    await expect(jwtVerify(`${jwt.slice(0, -8)}AAAAAAAA`, publicKey)).rejects.toThrow();
  });

  it("makes ES256 signatures of one length, whatever numbers they are of, RFC 7518 §3.4", async () => {
    const key = await createSigningKey(keyring, "ES256", 7);
    const opened = openSigningKey(keyring, key);
    const publicKey = createPublicKey({ key: { kty: "EC", ...key.publicKey }, format: "jwk" });
    for (let count = 0; count < 600; count++) {
      const jwt = signJwt({ alg: "ES256" }, { count }, "ES256", opened);
      const [header, claims, signature = ""] = jwt.split(".");
      const bytes = Buffer.from(signature, "base64url");
      expect(bytes.length).toBe(64);
      expect(verify("sha256", Buffer.from(`${header}.${claims}`), { key: publicKey, dsaEncoding: "ieee-p1363" }, bytes)).toBe(true);
    }
  });

  it.each(signingAlgorithms)("shows its public half and keeps the other sealed: %s", async (algorithm) => {
    const key = await createSigningKey(keyring, algorithm, 7);
    for (const secret of ["d", "p", "q", "dp", "dq", "qi", "k"]) expect(key.publicKey).not.toHaveProperty(secret);
    expect(key).toMatchObject({ algorithm, createdAt: 7, signsFrom: undefined, retiredAt: undefined });
    expect(JSON.stringify(key)).not.toContain("PRIVATE");
    expect(Buffer.from(key.sealed, "base64url").toString("latin1")).not.toContain("PRIVATE");
  });

  it("is another one each time, and of a good length", async () => {
    const [one, other, rsa] = [
      await createSigningKey(keyring, "ES256", 7),
      await createSigningKey(keyring, "ES256", 7),
      await createSigningKey(keyring, "RS256", 7),
    ];
    expect(one.id).not.toBe(other.id);
    expect(one.publicKey["x"]).not.toBe(other.publicKey["x"]);
    expect(Buffer.from(String(rsa.publicKey["n"]), "base64url").length).toBe(256);
  });

  it("opens under the secret it was made with alone, and as no other key", async () => {
    const [key, other] = [await createSigningKey(keyring, "ES256", 7), await createSigningKey(keyring, "ES256", 7)];
    expect(() => openSigningKey(createKeyring([newer]), key)).toThrow(`signing key ${key.id} cannot be opened`);
    expect(() => openSigningKey(keyring, { ...key, sealed: other.sealed })).toThrow("cannot be opened");
    expect(() => openSigningKey(keyring, { ...key, sealed: "" })).toThrow("cannot be opened");
    expect(openSigningKey(createKeyring([newer, old]), key).type).toBe("private");
  });

  it("is sealed anew under the newest secret, and then opens with that alone", async () => {
    const key = await createSigningKey(keyring, "EdDSA", 7);
    const resealed = resealSigningKey(createKeyring([newer, old]), key);
    expect({ ...resealed, sealed: "" }).toEqual({ ...key, sealed: "" });
    expect(openSigningKey(createKeyring([newer]), resealed).equals(openSigningKey(keyring, key))).toBe(true);
    expect(() => openSigningKey(keyring, resealed)).toThrow("cannot be opened");
  });

  it("stays as it was where no secret opens it", async () => {
    const key = await createSigningKey(keyring, "ES256", 7);
    expect(resealSigningKey(createKeyring([newer]), key)).toEqual(key);
  });
});
