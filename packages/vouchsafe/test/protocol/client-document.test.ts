import { describe, expect, it } from "vitest";
import { parseClientDocument } from "../../src/protocol/client-document.ts";
import type { RegistrationPolicy } from "../../src/protocol/client-metadata.ts";
import { refusalOf } from "./refusal.ts";

const id = "https://printer.example/client.json";
const scope = (operatorOnly = false) => ({ description: "", required: false, operatorOnly, implies: [] });
const policy: RegistrationPolicy = {
  redirectUris: { schemes: ["cursor"], loopbackOnly: false },
  grantTypes: ["authorization_code", "refresh_token"],
  vocabulary: new Map([
    ["read", scope()],
    ["write", scope()],
    ["admin", scope(true)],
  ]),
  defaultScope: ["read"],
  defaultAuthMethod: "client_secret_basic",
  documentUrls: { ownHost: "notes.example.com", trustedHosts: [], allowLoopback: false },
};
const minimal = { client_id: id, client_name: "Photo printer", redirect_uris: ["https://printer.example/callback"] };
const jwks = { keys: [{ kty: "EC", crv: "P-256", x: "AA", y: "AA" }] };
const keysElsewhere = "https://printer.example/jwks.json";

const parse = (more: Readonly<Record<string, unknown>> = {}, clientId = id) =>
  parseClientDocument({ ...minimal, ...more }, clientId, policy);
const refusal = (more: Readonly<Record<string, unknown>>): string | undefined => refusalOf(() => parse(more));

describe("what a client's document must say, Client ID Metadata Document §4, MCP authorization", () => {
  it("is its own URL, a name and where answers go; that is enough", () => {
    expect(parse()).toEqual({
      name: "Photo printer",
      redirectUris: ["https://printer.example/callback"],
      grantTypes: ["authorization_code"],
      authMethod: "none",
      scope: ["read"],
      metadata: {},
    });
  });

  it.each([undefined, null, 7, [], {}, "", `${id}/`, `${id}?`, "https://PRINTER.example/client.json", `${id} `, "printer"])(
    "is its own URL, letter for letter: not %j",
    (clientId) => {
      expect(refusal({ client_id: clientId })).toBe("invalid_client_metadata");
    },
  );

  it.each([undefined, null, 7, "", "   ", ["a"], "a\nb", "a\0", "x".repeat(201)])("is a name: not %j", (name) => {
    expect(refusal({ client_name: name })).toBe("invalid_client_metadata");
  });

  it.each([
    undefined,
    null,
    [],
    "https://printer.example/callback",
    [7],
    [null],
    Array.from({ length: 21 }, (_, index) => `https://printer.example/${index}`),
  ])("is where answers go: not %j", (uris) => {
    expect(refusal({ redirect_uris: uris })).toBe("invalid_client_metadata");
  });

  it.each(["javascript:alert(1)", "data:text/html,x", " javascript:x", "java\tscript:x", "file:///etc/passwd", "vbscript:x"])(
    "is nowhere dangerous, also beside others: %j",
    (uri) => {
      expect(refusal({ redirect_uris: [...minimal.redirect_uris, uri] })).toBe("invalid_redirect_uri");
    },
  );

  it("is one place at least that can be used; others are kept and never matched", () => {
    expect(refusal({ redirect_uris: ["http://printer.example/", "ftp://printer.example/"] })).toBe("invalid_redirect_uri");
    const uris = ["http://printer.example/", "claude://callback", "http://127.0.0.1/callback"];
    expect(parse({ redirect_uris: uris }).redirectUris).toEqual(uris);
  });

  it.each([null, [], "text", 7, true, undefined])("is no document at all: %j", (body) => {
    expect(refusalOf(() => parseClientDocument(body, id, policy))).toBe("invalid_client_metadata");
  });
});

describe("what a client's document must not say, Client ID Metadata Document §4.1", () => {
  it.each([
    { client_secret: "x" },
    { client_secret: null },
    { client_secret: "" },
    { client_secret_expires_at: 0 },
    { client_secret_expires_at: null },
  ])("is a secret: %j", (more) => {
    expect(refusal(more)).toBe("invalid_client_metadata");
  });

  it.each(["client_secret_basic", "client_secret_post", "client_secret_jwt"])("is that it has one: %s", (method) => {
    expect(refusal({ token_endpoint_auth_method: method })).toBe("invalid_client_metadata");
    expect(refusal({ token_endpoint_auth_method: ["none", method] })).toBe("invalid_client_metadata");
    expect(refusal({ token_endpoint_auth_method: method, jwks })).toBe("invalid_client_metadata");
  });

  it("is a private key, or keys in two places", () => {
    expect(refusal({ jwks: { keys: [{ kty: "EC", d: "AA" }] } })).toBe("invalid_client_metadata");
    expect(refusal({ jwks: { keys: [...jwks.keys, { kty: "oct", k: "AA" }] } })).toBe("invalid_client_metadata");
    expect(refusal({ jwks, jwks_uri: keysElsewhere })).toBe("invalid_client_metadata");
  });

  it.each([
    "http://printer.example/jwks.json",
    "https://localhost/jwks.json",
    "https://notes.example.com/oauth/jwks",
    "jwks.json",
    "https://printer.example/jwks.json#a",
  ])("is that its keys are where nobody would look: %s", (uri) => {
    expect(refusal({ jwks_uri: uri })).toBe("invalid_client_metadata");
  });
});

describe("how a client with a document proves itself", () => {
  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    ["not at all where it says nothing", {}, "none"],
    ["not at all where it says so, though it has keys", { token_endpoint_auth_method: "none", jwks }, "none"],
    ["by its key", { token_endpoint_auth_method: "private_key_jwt", jwks }, "private_key_jwt"],
    ["by its key elsewhere", { token_endpoint_auth_method: "private_key_jwt", jwks_uri: keysElsewhere }, "private_key_jwt"],
    ["by its key, of a list in the singular", { token_endpoint_auth_method: ["none", "private_key_jwt"], jwks }, "private_key_jwt"],
    ["by its key, of a list", { token_endpoint_auth_methods_supported: ["none", "private_key_jwt"], jwks }, "private_key_jwt"],
    ["not at all, of a list, without a key", { token_endpoint_auth_methods_supported: ["private_key_jwt", "none"] }, "none"],
    ["not at all, beside a method for others", { token_endpoint_auth_methods_supported: ["client_secret_post", "none"] }, "none"],
    [
      "not at all, where its own method is for others",
      { token_endpoint_auth_method: "tls_client_auth", token_endpoint_auth_methods_supported: ["none"] },
      "none",
    ],
  ])("is %s", (_, more, method) => {
    expect(parse(more).authMethod).toBe(method);
  });

  it.each([
    { token_endpoint_auth_method: "private_key_jwt" },
    { token_endpoint_auth_method: "private_key_jwt", jwks: { keys: [] } },
    { token_endpoint_auth_method: "tls_client_auth" },
    { token_endpoint_auth_method: "" },
    { token_endpoint_auth_methods_supported: ["tls_client_auth"] },
    { token_endpoint_auth_method: 7 },
    { token_endpoint_auth_method: null },
    { token_endpoint_auth_methods_supported: "none" },
    { token_endpoint_auth_method: "private_key_jwt", jwks: [] },
    { token_endpoint_auth_method: "private_key_jwt", jwks: { keys: "x" } },
    { token_endpoint_auth_method: "private_key_jwt", jwks: { keys: [{}] } },
  ])("is nothing that we could ask for: %j", (more) => {
    expect(refusal(more)).toBe("invalid_client_metadata");
  });
});

describe("what a client with a document may do", () => {
  it("is what it asks for among what a document can have: other servers offer more", () => {
    expect(
      parse({ grant_types: ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:jwt-bearer"] }).grantTypes,
    ).toEqual(["authorization_code", "refresh_token"]);
    expect(parse({ grant_types: ["authorization_code", "client_credentials"] }).grantTypes).toEqual(["authorization_code"]);
  });

  it("is each thing once", () => {
    expect(parse({ grant_types: ["authorization_code", "refresh_token", "authorization_code"] }).grantTypes).toEqual([
      "authorization_code",
      "refresh_token",
    ]);
  });

  it.each([[], ["client_credentials"], ["refresh_token"], ["implicit"]])("is nothing without the code grant: %j", (...types) => {
    expect(refusal({ grant_types: types })).toBe("invalid_client_metadata");
  });

  it("has the scopes that there are and that are not kept for operators, else the default", () => {
    expect(parse({ scope: "write read openid" }).scope).toEqual(["read", "write"]);
    expect(parse({ scope: "admin" }).scope).toEqual(["read"]);
    expect(parse({ scope: "" }).scope).toEqual(["read"]);
  });

  it("carries what pages and people may want to know, and nothing else", () => {
    const known = {
      client_uri: "https://printer.example",
      logo_uri: "https://printer.example/logo.png",
      tos_uri: "https://printer.example/tos",
      policy_uri: "",
    };
    expect(parse({ ...known, contacts: ["ada@example.com"], software_id: "x", made_up: { deep: true } }).metadata).toEqual({
      client_uri: "https://printer.example",
      logo_uri: "https://printer.example/logo.png",
      tos_uri: "https://printer.example/tos",
    });
    for (const uri of ["javascript:alert(1)", "data:image/png,x", "https://ada@printer.example"])
      expect(refusal({ logo_uri: uri })).toBe("invalid_client_metadata");
  });

  it("takes no harm from members of objects themselves", () => {
    const document = JSON.parse(`{"__proto__": {"client_secret": "x"}, "constructor": 7, ${JSON.stringify(minimal).slice(1)}`) as unknown;
    expect(parseClientDocument(document, id, policy).name).toBe("Photo printer");
  });
});

describe("documents as they are published", () => {
  it("work: ChatGPT's, which proves itself by a key elsewhere", () => {
    const url = "https://chatgpt.com/oauth/client.json";
    const document = {
      client_id: url,
      client_name: "ChatGPT",
      client_uri: "https://chatgpt.com",
      redirect_uris: ["https://chatgpt.com/connector_platform_oauth_redirect"],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "private_key_jwt",
      token_endpoint_auth_methods_supported: ["none", "private_key_jwt"],
      token_endpoint_auth_signing_alg: "RS256",
      jwks_uri: "https://chatgpt.com/oauth/jwks.json",
    };
    expect(parseClientDocument(document, url, policy)).toMatchObject({
      name: "ChatGPT",
      authMethod: "private_key_jwt",
      grantTypes: ["authorization_code", "refresh_token"],
      metadata: { jwks_uri: "https://chatgpt.com/oauth/jwks.json" },
    });
  });

  it("work: Claude's, with a grant type for other servers", () => {
    const url = "https://claude.ai/oauth/mcp-oauth-client-metadata";
    const document = {
      client_id: url,
      client_name: "Claude",
      redirect_uris: ["https://claude.ai/api/mcp/auth_callback"],
      grant_types: ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:jwt-bearer"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
    };
    expect(parseClientDocument(document, url, policy)).toMatchObject({ name: "Claude", authMethod: "none" });
  });

  it("work: an editor's, whose answers go to this computer and to a website, and an algorithm nobody else knows", () => {
    const url = "https://vscode.dev/oauth/client-metadata.json";
    const document = {
      client_id: url,
      client_name: "Visual Studio Code",
      redirect_uris: ["http://127.0.0.1:33418/", "https://vscode.dev/redirect"],
      grant_types: ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
      response_types: ["code"],
      application_type: "native",
      token_endpoint_auth_method: "none",
      token_endpoint_auth_signing_alg: "ML-DSA-44",
    };
    expect(parseClientDocument(document, url, policy)).toMatchObject({ authMethod: "none", redirectUris: document.redirect_uris });
  });
});
