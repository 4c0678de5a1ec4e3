import { describe, expect, it } from "vitest";
import { clientMetadataDocument, parseClientMetadata, type RegistrationPolicy } from "../../src/protocol/client-metadata.ts";
import { refusalOf } from "./refusal.ts";

const scope = { description: "", required: false, operatorOnly: false, implies: [] };
const policy: RegistrationPolicy = {
  redirectUris: { schemes: ["cursor"], loopbackOnly: false },
  grantTypes: ["authorization_code", "refresh_token"],
  vocabulary: new Map([
    ["read", scope],
    ["write", scope],
    ["audit", { ...scope, operatorOnly: true }],
  ]),
  defaultScope: ["read"],
  defaultAuthMethod: "client_secret_basic",
  documentUrls: { ownHost: "notes.example.com", trustedHosts: [], allowLoopback: false },
};
const redirect_uris = ["http://127.0.0.1/callback"];
const parse = (body: unknown, more: Partial<RegistrationPolicy> = {}) => parseClientMetadata(body, { ...policy, ...more });

describe("what a registration that says little gets, RFC 7591 §2", () => {
  it("gets the authorization code alone, a secret for Basic, the default scope and a name", () => {
    expect(parse({ redirect_uris })).toEqual({
      name: "MCP Client",
      redirectUris: redirect_uris,
      grantTypes: ["authorization_code"],
      authMethod: "client_secret_basic",
      scope: ["read"],
      metadata: {},
    });
  });

  it("gets the method that its client_type means", () => {
    expect(parse({ redirect_uris, client_type: "public" }).authMethod).toBe("none");
    expect(parse({ redirect_uris, client_type: "confidential" }, { defaultAuthMethod: "none" }).authMethod).toBe("client_secret_basic");
  });

  it("gets the method it names, whatever its client_type", () => {
    expect(parse({ redirect_uris, client_type: "public", token_endpoint_auth_method: "client_secret_post" }).authMethod).toBe(
      "client_secret_post",
    );
  });

  it("gets the policy's method where it names neither", () => {
    expect(parse({ redirect_uris }, { defaultAuthMethod: "none" }).authMethod).toBe("none");
  });
});

describe("the scope of a registration, RFC 7591 §2", () => {
  it.each([
    ["scope", { scope: "write read" }],
    ["scopes as a list", { scopes: ["write", "read"] }],
    ["scopes as text", { scopes: "write read" }],
  ])("is read from %s, in the vocabulary's order", (_, body) => expect(parse({ redirect_uris, ...body }).scope).toEqual(["read", "write"]));

  it("drops unknown scopes and those for operators, rather than refuse them", () => {
    expect(parse({ redirect_uris, scope: "openid offline_access write audit" }).scope).toEqual(["write"]);
    expect(parse({ redirect_uris, scope: "audit" }).scope).toEqual(["read"]);
  });
});

describe("the redirect URIs of a registration, RFC 7591 §3.2.2, OAuth 2.1 §2.3", () => {
  it.each([
    ["nothing usable", ["http://printer.example/", "/callback"]],
    ["something dangerous beside a usable one", [...redirect_uris, "javascript:alert(1)"]],
    ["something dangerous in disguise", [...redirect_uris, " jAva\tscript:alert(1)"]],
    ["a data URI", [...redirect_uris, "data:text/html,x"]],
  ])("refuses the list with %s", (_, uris) => expect(refusalOf(() => parse({ redirect_uris: uris }))).toBe("invalid_redirect_uri"));

  it("is needed where a grant type redirects", () => {
    expect(refusalOf(() => parse({ redirect_uris: [] }))).toBe("invalid_client_metadata");
    expect(refusalOf(() => parse({}))).toBe("invalid_client_metadata");
  });

  it("keeps other unusable members beside a usable one", () => {
    const uris = [...redirect_uris, "http://printer.example/", "budget://callback"];
    expect(parse({ redirect_uris: uris }).redirectUris).toEqual(uris);
  });

  it("has at most 20 of at most 2000 characters", () => {
    const uri = (length: number): string => `https://printer.example/${"a".repeat(length - 24)}`;
    expect(parse({ redirect_uris: Array.from({ length: 20 }, () => uri(2000)) }).redirectUris).toHaveLength(20);
    expect(refusalOf(() => parse({ redirect_uris: Array.from({ length: 21 }, () => uri(30)) }))).toBe("invalid_client_metadata");
    expect(refusalOf(() => parse({ redirect_uris: [uri(2001)] }))).toBe("invalid_client_metadata");
  });

  it("may be missing where no grant type redirects", () => {
    const grantTypes = ["client_credentials"];
    expect(parse({ grant_types: grantTypes }, { grantTypes }).redirectUris).toEqual([]);
  });
});

describe("what a registration is refused for, RFC 7591 §3.2.2", () => {
  it.each<[string, unknown]>([
    ["no object", "text"],
    ["null", null],
    ["a number as name", { client_name: 7 }],
    ["redirect_uris as text", { redirect_uris: "http://127.0.0.1/" }],
    ["a redirect URI that is no text", { redirect_uris: [7] }],
    ["null where a list belongs", { redirect_uris: null }],
    ["an unknown method", { token_endpoint_auth_method: "tls_client_auth" }],
    ["an unknown client_type", { client_type: "secret" }],
    ["a grant type that is not allowed", { grant_types: ["client_credentials"] }],
    ["the password grant", { grant_types: ["authorization_code", "password"] }],
    ["no grant type at all", { grant_types: [] }],
    ["an implicit response type", { response_types: ["token"] }],
    ["a scope that is a number", { scope: 7 }],
    ["a name with a line break", { client_name: "Budget\napp" }],
    ["a name with a NUL", { client_name: "Budget\0" }],
    ["a name of 201 characters", { client_name: "a".repeat(201) }],
    ["a logo that is a script", { logo_uri: "javascript:alert(1)" }],
    ["a home page with user information", { client_uri: "https://ada:pw@printer.example/" }],
    ["a terms address that is none", { tos_uri: "terms" }],
    ["a policy address that is data", { policy_uri: "data:text/html,x" }],
    ["contacts as text", { contacts: "ada@example.com" }],
    ["both jwks and jwks_uri", { jwks: { keys: [] }, jwks_uri: "https://printer.example/keys" }],
    ["a jwks_uri that is a file", { jwks_uri: "file:///etc/passwd" }],
    ["a private key", { jwks: { keys: [{ kty: "EC", d: "x" }] } }],
    ["a symmetric key", { jwks: { keys: [{ kty: "oct", k: "x" }] } }],
    ["a key set that is none", { jwks: { keys: [{ kid: "1" }] } }],
    ["a key set that is a list", { jwks: [{ kty: "EC" }] }],
    ["a proof by keys and no key", { token_endpoint_auth_method: "private_key_jwt" }],
    ["a proof by keys and an empty key set", { token_endpoint_auth_method: "private_key_jwt", jwks: { keys: [] } }],
  ])("is refused with %s as a whole: invalid_client_metadata", (_, body) => {
    const whole = typeof body === "object" && body !== null ? { redirect_uris, ...body } : body;
    expect(refusalOf(() => parse(whole))).toBe("invalid_client_metadata");
  });

  it("says in the private reason which member it is", () => {
    expect(() => parse({ redirect_uris, client_name: 7 })).toThrow("registration: client_name is not of its type");
  });
});

describe("what a registration is answered, RFC 7591 §3.2.1", () => {
  it("has of a key only what a key is made of, however deep somebody nests something else in it", () => {
    const nested: unknown = JSON.parse(`${"[".repeat(5000)}${"]".repeat(5000)}`);
    const key = { kty: "EC", crv: "P-256", x: "eA", y: "eQ", kid: "1", key_ops: ["verify"], x5c: [nested], ext: true, nested, n: 7 };
    const { metadata } = parse({ redirect_uris, token_endpoint_auth_method: "private_key_jwt", jwks: { keys: [key] } });
    expect(metadata["jwks"]).toEqual({ keys: [{ kty: "EC", crv: "P-256", x: "eA", y: "eQ", kid: "1", key_ops: ["verify"], ext: true }] });
  });

  it("echoes what it registered, and leaves out unknown, empty and missing members", () => {
    const body = {
      redirect_uris,
      client_name: "  Budget app ",
      grant_types: ["refresh_token", "authorization_code", "refresh_token"],
      client_type: "public",
      client_uri: "https://budget.example",
      logo_uri: "",
      contacts: ["ada@example.com"],
      software_id: "budget",
      unknown: "x",
    };
    expect(clientMetadataDocument(parse(body))).toEqual({
      client_name: "Budget app",
      redirect_uris,
      grant_types: ["refresh_token", "authorization_code"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
      scope: "read",
      client_type: "public",
      client_uri: "https://budget.example",
      contacts: ["ada@example.com"],
      software_id: "budget",
    });
  });

  it("never lets metadata take the place of what was checked", () => {
    const document = clientMetadataDocument(
      parse({ redirect_uris, client_id: "forged", client_secret: "forged", registration_access_token: "x" }),
    );
    expect(Object.keys(document).filter((name) => /client_id|secret|registration/.test(name))).toEqual([]);
  });

  it("has no response type where there is no authorization code", () => {
    const grantTypes = ["client_credentials"];
    expect(clientMetadataDocument(parse({ grant_types: grantTypes }, { grantTypes }))["response_types"]).toEqual([]);
  });
});
