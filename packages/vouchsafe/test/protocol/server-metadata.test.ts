import { describe, expect, it } from "vitest";
import { protectedResourceMetadata, serverMetadata, wellKnownPath } from "../../src/protocol/server-metadata.ts";

const facts = {
  issuer: "https://notes.example.com",
  endpoints: {
    authorize: "https://a",
    token: "https://t",
    revoke: "https://r",
    introspect: "https://i",
    register: "https://n",
    pushedRequest: "https://p",
    jwks: "https://k",
  },
  scopes: ["read", "write"],
  grantTypes: ["authorization_code"],
  clientDocuments: true,
};

const algorithms = ["ES256", "RS256", "EdDSA", "Ed25519", "PS256"];

describe("authorization server metadata, RFC 8414 §2", () => {
  it("says what the server does", () => {
    expect(serverMetadata(facts)).toEqual({
      issuer: "https://notes.example.com",
      authorization_endpoint: "https://a",
      token_endpoint: "https://t",
      jwks_uri: "https://k",
      registration_endpoint: "https://n",
      revocation_endpoint: "https://r",
      introspection_endpoint: "https://i",
      pushed_authorization_request_endpoint: "https://p",
      scopes_supported: ["read", "write"],
      response_types_supported: ["code"],
      response_modes_supported: ["query"],
      grant_types_supported: ["authorization_code"],
      token_endpoint_auth_methods_supported: ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"],
      token_endpoint_auth_signing_alg_values_supported: algorithms,
      revocation_endpoint_auth_methods_supported: ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"],
      revocation_endpoint_auth_signing_alg_values_supported: algorithms,
      introspection_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "private_key_jwt"],
      introspection_endpoint_auth_signing_alg_values_supported: algorithms,
      code_challenge_methods_supported: ["S256"],
      prompt_values_supported: ["none", "login", "consent", "select_account"],
      authorization_response_iss_parameter_supported: true,
      client_id_metadata_document_supported: true,
    });
  });

  it("says nothing of client documents where there are none", () => {
    expect(serverMetadata({ ...facts, clientDocuments: false })).not.toHaveProperty("client_id_metadata_document_supported");
  });

  it("leaves out the registration endpoint where registration is off", () => {
    expect(serverMetadata({ ...facts, endpoints: { ...facts.endpoints, register: undefined } })).not.toHaveProperty(
      "registration_endpoint",
    );
  });
});

describe("protected resource metadata, RFC 9728 §2", () => {
  const resource = {
    uri: "https://notes.example.com/mcp",
    canonical: "",
    name: "Notes",
    scopes: ["read"],
    initialScopes: [],
    personalTokens: true,
  };

  it("names the resource byte for byte, and the issuer", () => {
    expect(protectedResourceMetadata(resource, "https://notes.example.com")).toEqual({
      resource: "https://notes.example.com/mcp",
      authorization_servers: ["https://notes.example.com"],
      scopes_supported: ["read"],
      bearer_methods_supported: ["header"],
      resource_name: "Notes",
    });
  });

  it("leaves out a list that is empty", () => {
    expect(protectedResourceMetadata({ ...resource, scopes: [] }, "https://notes.example.com")).not.toHaveProperty("scopes_supported");
  });

  it("leaves out a name that there is not", () => {
    expect(protectedResourceMetadata({ ...resource, name: undefined }, "https://notes.example.com")).not.toHaveProperty("resource_name");
  });
});

describe("where a well-known document stands, RFC 8414 §3.1, RFC 9728 §3.1", () => {
  it.each([
    ["https://notes.example.com", "/.well-known/oauth-authorization-server"],
    ["https://notes.example.com/", "/.well-known/oauth-authorization-server"],
    ["https://notes.example.com/tenant", "/.well-known/oauth-authorization-server/tenant"],
    ["https://notes.example.com/tenant/", "/.well-known/oauth-authorization-server/tenant"],
    ["https://notes.example.com/a/b", "/.well-known/oauth-authorization-server/a/b"],
  ])("stands between host and path: %s", (uri, path) => expect(wellKnownPath("oauth-authorization-server", uri)).toBe(path));
});
