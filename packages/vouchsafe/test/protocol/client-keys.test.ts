import { describe, expect, it } from "vitest";
import { parseClientMetadata, type RegistrationPolicy } from "../../src/protocol/client-metadata.ts";
import { refusalOf } from "./refusal.ts";

const policy: RegistrationPolicy = {
  redirectUris: { schemes: undefined, loopbackOnly: false },
  grantTypes: ["authorization_code"],
  vocabulary: new Map([["read", { description: "", required: false, operatorOnly: false, implies: [] }]]),
  defaultScope: ["read"],
  defaultAuthMethod: "none",
  documentUrls: { ownHost: "notes.example.com", trustedHosts: [], allowLoopback: false },
};
const refusal = (keys: readonly unknown[]): string | undefined =>
  refusalOf(() =>
    parseClientMetadata(
      { redirect_uris: ["https://printer.example/"], token_endpoint_auth_method: "private_key_jwt", jwks: { keys } },
      policy,
    ),
  );
const bytes = (length: number): string => Buffer.alloc(length, 0x71).toString("base64url");
const ec = { kty: "EC", crv: "P-256", x: bytes(32), y: bytes(32) };

describe("the public keys that a client registers, RFC 7517, RFC 7591 §2", () => {
  it.each([
    ["of a curve", ec],
    ["RSA", { kty: "RSA", n: bytes(256), e: "AQAB" }],
    ["RSA, of 4096 bits", { kty: "RSA", n: bytes(512), e: "AQAB" }],
    ["Edwards", { kty: "OKP", crv: "Ed25519", x: bytes(32) }],
    ["of a kind that we do not know", { kty: "ML-DSA" }],
  ])("may be %s", (_, key) => {
    expect(refusal([key])).toBeUndefined();
  });

  it("are twenty at most, and one at least", () => {
    expect(refusal(Array.from({ length: 20 }, () => ec))).toBeUndefined();
    expect([refusal(Array.from({ length: 21 }, () => ec)), refusal([])]).toEqual(["invalid_client_metadata", "invalid_client_metadata"]);
  });

  it.each([null, 7, "x", [], {}, { kty: 7 }])("are keys: not %j", (key) => {
    expect(refusal([ec, key])).toBe("invalid_client_metadata");
  });

  it("are public", () => {
    for (const secret of ["d", "k"]) expect(refusal([ec, { ...ec, [secret]: "AA" }])).toBe("invalid_client_metadata");
  });

  it("cost about as much to verify with as to send: no exponent as long as its modulus", () => {
    expect(refusal([{ kty: "RSA", n: bytes(384), e: bytes(384) }])).toBe("invalid_client_metadata");
  });
});
