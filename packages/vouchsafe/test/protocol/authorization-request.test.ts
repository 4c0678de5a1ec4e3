import { describe, expect, it } from "vitest";
import { type AuthorizationPolicy, allowedScope, readAuthorizationRequest } from "../../src/protocol/authorization-request.ts";
import type { Client } from "../../src/protocol/client.ts";
import { parseParameters } from "../../src/protocol/parameters.ts";
import type { Resource } from "../../src/protocol/resource.ts";
import { challenge, type Fields, formText } from "../a-server.ts";
import { refusalOf } from "./refusal.ts";

const definition = { description: "", required: false, operatorOnly: false, implies: [] };
const mcp: Resource = {
  uri: "https://notes.example.com/mcp",
  canonical: "https://notes.example.com/mcp",
  name: undefined,
  scopes: ["read", "write"],
  initialScopes: [],
  personalTokens: true,
};
const policy: AuthorizationPolicy = {
  vocabulary: new Map([
    ["read", definition],
    ["write", definition],
    ["share", definition],
    ["audit", { ...definition, operatorOnly: true }],
  ]),
  defaultScope: ["read"],
  resources: new Map([[mcp.canonical, mcp]]),
  requireState: false,
};
const redirectUri = "https://printer.example/callback";
const budget: Client = {
  id: "budget",
  name: "Budget app",
  origin: "dynamic",
  firstParty: false,
  authMethod: "none",
  redirectUris: [redirectUri],
  grantTypes: ["authorization_code"],
  scope: ["read"],
  resources: [],
  resourceServerOf: [],
  secrets: [],
  registrationToken: undefined,
  metadata: {},
  createdAt: 0,
  grantedAt: undefined,
  disabledAt: undefined,
  freshUntil: undefined,
  revision: 0,
};
const printer: Client = { ...budget, id: "printer", name: "Photo printer", origin: "operator", scope: ["read", "audit"] };

const read = (more: Fields = {}, client: Client = budget, checked: Partial<AuthorizationPolicy> = {}) => {
  const text = formText({ response_type: "code", code_challenge: challenge, code_challenge_method: "S256", ...more });
  return readAuthorizationRequest(parseParameters(text, ["resource"]), client, redirectUri, { ...policy, ...checked });
};

describe("authorization request, OAuth 2.1 §4.1.1", () => {
  it("is read whole", () => {
    const request = read({ state: " a&b ", scope: "write read", resource: "https://NOTES.example.com/mcp/", prompt: "login consent" });
    expect(request).toEqual({
      redirectUri,
      state: " a&b ",
      scope: ["read", "write"],
      resources: [mcp],
      codeChallenge: challenge,
      prompt: ["login", "consent"],
      maxAge: undefined,
      loginHint: undefined,
    });
  });

  it.each<[string, Fields, string]>([
    ["no response_type", { response_type: undefined }, "invalid_request"],
    ["the implicit grant", { response_type: "token" }, "unsupported_response_type"],
    ["a hybrid response type", { response_type: "code id_token" }, "unsupported_response_type"],
    ["no PKCE", { code_challenge: undefined }, "invalid_request"],
    ["PKCE without a method", { code_challenge_method: undefined }, "invalid_request"],
    ["PKCE with plain", { code_challenge_method: "plain" }, "invalid_request"],
    ["a request object (RFC 9101 §6)", { request: "eyJ.e30." }, "request_not_supported"],
    ["a request_uri (RFC 9101 §5.2)", { request_uri: "https://printer.example/request" }, "request_uri_not_supported"],
    ["an unknown resource (RFC 8707 §2)", { resource: "https://evil.example" }, "invalid_target"],
    ["a repeated parameter", { nonce: ["1", "2"] }, "invalid_request"],
    ["prompt none together with another", { prompt: "none login" }, "invalid_request"],
  ])("is refused with %s", (_, more, code) => expect(refusalOf(() => read(more))).toBe(code));

  it("is refused to a client without the grant type", () => {
    expect(refusalOf(() => read({}, { ...budget, grantTypes: ["client_credentials"] }))).toBe("unauthorized_client");
  });

  it("needs a state only where the operator says so", () => {
    expect(read().state).toBeUndefined();
    expect(refusalOf(() => read({}, budget, { requireState: true }))).toBe("invalid_request");
    expect(read({ state: "x" }, budget, { requireState: true }).state).toBe("x");
  });
});

describe("the scope of an authorization request, OAuth 2.1 §1.4.1", () => {
  it("is the default where none is named", () => {
    expect(read().scope).toEqual(["read"]);
    expect(read({ scope: "" }).scope).toEqual(["read"]);
  });

  it("is invalid where the default is not allowed", () => {
    expect(refusalOf(() => read({}, { ...printer, scope: ["write"] }))).toBe("invalid_scope");
  });

  it("ignores offline_access, alone and beside others", () => {
    expect(read({ scope: "offline_access" }).scope).toEqual(["read"]);
    expect(read({ scope: "offline_access write" }).scope).toEqual(["write"]);
  });

  it.each(["openid", "Read", "read,write", "read\twrite", "audit"])("is invalid with %j", (scope) => {
    expect(refusalOf(() => read({ scope }))).toBe("invalid_scope");
  });

  it("may go beyond what a client registered itself for, but not beyond what an operator allowed", () => {
    expect(read({ scope: "write" }, budget).scope).toEqual(["write"]);
    expect(refusalOf(() => read({ scope: "write" }, printer))).toBe("invalid_scope");
    expect(read({ scope: "audit" }, printer).scope).toEqual(["audit"]);
  });

  it("is within the scopes of the resources that are named", () => {
    expect(read({ scope: "share" }).scope).toEqual(["share"]);
    expect(refusalOf(() => read({ scope: "share", resource: mcp.uri }))).toBe("invalid_scope");
    expect(allowedScope(budget, [mcp], policy.vocabulary)).toEqual(["read", "write"]);
    expect(allowedScope(printer, [mcp], policy.vocabulary)).toEqual(["read"]);
  });
});
