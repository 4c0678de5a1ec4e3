import { describe, expect, it } from "vitest";
import { checkConfiguration } from "../src/check-configuration.ts";
import { type AuthorizationServerOptions, ConfigurationError } from "../src/config.ts";
import { memory } from "../src/store/memory/memory.ts";

const options: AuthorizationServerOptions = {
  issuer: "https://notes.example.com",
  secret: "a secret for tests, longer than 32 bytes",
  store: memory(),
  scopes: { read: "Read your notes", write: "Change your notes" },
  signedIn: () => undefined,
  signInUrl: (returnTo) => returnTo,
};
const check = (more: Partial<AuthorizationServerOptions> = {}) => checkConfiguration({ ...options, ...more });

function problemsOf(more: Partial<AuthorizationServerOptions>): readonly string[] {
  try {
    check(more);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
}

describe("the configuration's defaults", () => {
  it("are what the manual says", () => {
    expect(check()).toMatchObject({
      origin: "https://notes.example.com",
      basePath: "",
      isSecure: true,
      branding: { name: "notes.example.com", logo: undefined, accentColor: "#2451b3", links: [] },
      defaultScope: ["read"],
      accessTokenLifetime: 3_600_000,
      codeLifetime: 60_000,
      refreshTokens: { offered: true, lifetime: 2_592_000_000, overlap: 60_000 },
      grantChoices: [
        { value: "1d", lifetime: 86_400_000, preselected: false },
        { value: "30d", lifetime: 2_592_000_000, preselected: true },
        { value: "never", lifetime: undefined, preselected: false },
      ],
      registration: { mode: "open", grantTypes: ["authorization_code", "refresh_token"], defaultAuthMethod: "client_secret_basic" },
      requireState: false,
      trustProxy: 0,
      rateLimits: {
        register: { points: 10, duration: 60_000 },
        client: { points: 20, duration: 60_000 },
        authorize: { points: 120, duration: 60_000 },
        newConnection: { points: 20, duration: 3_600_000 },
      },
    });
    expect(check().registration.redirectUris).toEqual({
      schemes: ["cursor", "vscode", "vscode-insiders", "windsurf"],
      loopbackOnly: false,
    });
    expect([...check().resources.keys()]).toEqual(["https://notes.example.com"]);
  });

  it("take the first scope where there is no read", () =>
    expect(check({ scopes: { edit: "Edit", list: "List" } }).defaultScope).toEqual(["edit"]));
  it("preselect the first choice where none is marked", () =>
    expect(check({ grantChoices: ["1h", "never"] }).grantChoices.map(({ preselected }) => preselected)).toEqual([true, false]));
  it("make a missing method mean none where only this computer may register", () =>
    expect(check({ registration: { mode: "loopback" } }).registration).toMatchObject({
      defaultAuthMethod: "none",
      redirectUris: { loopbackOnly: true },
    }));
  it("know never and off", () => {
    expect(check({ accessTokenLifetime: "never" }).accessTokenLifetime).toBeUndefined();
    expect(check({ refreshTokenLifetime: "never" }).refreshTokens).toMatchObject({ offered: true, lifetime: undefined });
    expect(check({ refreshTokenLifetime: "off" }).refreshTokens.offered).toBe(false);
    expect(check({ rateLimits: false }).rateLimits).toBeUndefined();
  });
  it("keep the issuer byte for byte, and its path apart", () =>
    expect(check({ issuer: "https://example.com/tenant/" })).toMatchObject({
      issuer: "https://example.com/tenant/",
      basePath: "/tenant",
      origin: "https://example.com",
    }));
});

describe("what a configuration is refused for", () => {
  it.each([
    "https://notes.example.com",
    "https://notes.example.com/",
    "https://notes.example.com:8443/a/b",
    "http://localhost:3000",
    "http://127.0.0.1",
    "http://[::1]:3000",
  ])("the issuer may be %s", (issuer) => expect(problemsOf({ issuer, resources: {} })).toEqual([]));

  it.each([
    "",
    "notes",
    "http://notes.example.com",
    "ftp://notes.example.com",
    "http://localhost.evil.example",
    "https://notes.example.com?x",
    "https://notes.example.com/#",
    "https://ada@notes.example.com",
    "https://Notes.example.com",
    "https://notes.example.com:443",
    "https://notes.example.com/a/../b",
    "http://127.0.0.2",
  ])("the issuer may not be %j", (issuer) => expect(problemsOf({ issuer, resources: {} })).toEqual([expect.stringMatching(/^issuer: /)]));

  it.each<[string, Partial<AuthorizationServerOptions>]>([
    ["secret", { secret: undefined }],
    ["secret", { secret: [] }],
    ["secret", { secret: "x".repeat(31) }],
    ["secret", { secret: ["x".repeat(32), "short"] }],
    ["scopes", { scopes: {}, defaultScope: [] }],
    ["scopes", { scopes: { "read notes": "Read" } }],
    ["scopes", { scopes: { 'r"': "Read" } }],
    ["scopes", { scopes: { read: { description: "Read", implies: ["write"] } } }],
    ["scopes", { scopes: { read: { description: "Read", implies: ["constructor"] } } }],
    ["defaultScope", { defaultScope: ["delete"] }],
    ["resources", { resources: { "/mcp": {} } }],
    ["resources", { resources: { "https://notes.example.com/#mcp": {} } }],
    ["resources", { resources: { "urn:example:notes": {} } }],
    ["resources", { resources: { "http://api.example.com": {} } }],
    ["resources", { resources: { "https://notes.example.com/api?tenant=1": {} } }],
    ["resources", { resources: { "https://notes.example.com": { scopes: ["read"], initialScopes: ["write"] } } }],
    ["resources", { resources: { "https://notes.example.com/mcp": {}, "https://NOTES.example.com/mcp/": {} } }],
    ["resources", { resources: { "https://notes.example.com": { scopes: ["delete"], initialScopes: [] } } }],
    ["resources", { resources: { "https://notes.example.com": { initialScopes: ["delete"] } } }],
    ["accessTokenLifetime", { accessTokenLifetime: 0 }],
    ["accessTokenLifetime", { accessTokenLifetime: "soon" }],
    ["codeLifetime", { codeLifetime: "11m" }],
    ["codeLifetime", { codeLifetime: 0 }],
    ["codeLifetime", { codeLifetime: "never" }],
    ["refreshTokenLifetime", { refreshTokenLifetime: "0" }],
    ["refreshOverlap", { refreshOverlap: "-1" }],
    ["grantChoices", { grantChoices: [] }],
    ["grantChoices", { grantChoices: ["1d*", "never*"] }],
    ["grantChoices", { grantChoices: ["0d"] }],
    ["grantChoices", { grantChoices: ["forever"] }],
    ["registration.mode", { registration: { mode: "closed" as "off" } }],
    ["registration.grantTypes", { registration: { grantTypes: ["password"] } }],
    ["registration.unusedClientLifetime", { registration: { unusedClientLifetime: "1s" } }],
    ["rateLimits.client", { rateLimits: { client: "many" } }],
    ["rateLimits.register", { rateLimits: { register: "10/0s" } }],
    ["rateLimits.register", { rateLimits: { register: "10" } }],
    ["trustProxy", { trustProxy: ["proxy.example"] }],
    ["trustProxy", { trustProxy: -1 }],
    ["branding.logo", { branding: { logo: "https://cdn.example/logo.svg" } }],
    ["branding.logo", { branding: { logo: "//cdn.example/logo.svg" } }],
    ["branding.logo", { branding: { logo: "/logo.svg?v=1" } }],
    ["branding.logo", { branding: { logo: "data:text/html,<b>Notes</b>" } }],
    ["branding.accentColor", { branding: { accentColor: "#fff" } }],
    ["branding.accentColor", { branding: { accentColor: "red #ffcc00" } }],
    ["branding.accentColor", { branding: { accentColor: "#ffcc00;}*{display:none}" } }],
    ["branding.links", { branding: { links: { Privacy: "http://notes.example/privacy" } } }],
    ["branding.links", { branding: { links: { Privacy: "//notes.example/privacy" } } }],
    ["branding.links", { branding: { links: { Privacy: "javascript:alert(1)" } } }],
    ["pages.stylesheet", { pages: { stylesheet: "https://cdn.example/app.css" } }],
    ["pages.stylesheet", { pages: { stylesheet: "/app.css; script-src *" } }],
    ["protectedBrands", { protectedBrands: [{ name: "", hosts: ["acme.example"] }] }],
    ["protectedBrands", { protectedBrands: [{ name: "Acme", hosts: ["acme.example:8443"] }] }],
    ["protectedBrands", { protectedBrands: [{ name: "Acme", hosts: ["Acme.example"] }] }],
    ["paths.token", { paths: { token: "token" } }],
    ["paths.token", { paths: { token: "/token#part" } }],
    ["paths.authorize", { paths: { authorize: "/authorize?x=1" } }],
  ])("%s cannot be %j", (name, more) => {
    const problems = problemsOf(more);
    expect(new Set(problems.map((problem) => problem.split(": ", 1)[0]))).toEqual(new Set([name]));
  });

  it("has as its logo a path or a small picture, and any colour of six digits", () => {
    const picture = (length: number) => "data:image/svg+xml;base64,".padEnd(length, "A");
    for (const logo of ["/assets/logo.svg", picture(2048)]) expect(check({ branding: { logo } }).branding.logo).toBe(logo);
    expect(check({ branding: { accentColor: "#FFcc00" } }).branding.accentColor).toBe("#FFcc00");
    expect(problemsOf({ branding: { logo: picture(2049) } })).toEqual([expect.stringMatching(/^branding\.logo: /)]);
  });

  it("names every problem at once, and no secret", () => {
    const problems = problemsOf({
      issuer: "http://notes.example.com",
      secret: "hush",
      codeLifetime: "1h",
      grantChoices: [],
      rateLimits: { signIn: "x" },
    });
    expect(problems.map((problem) => problem.split(":", 1)[0])).toEqual([
      "issuer",
      "secret",
      "codeLifetime",
      "grantChoices",
      "rateLimits.signIn",
    ]);
    expect(problems.join()).not.toContain("hush");
  });

  it("says in its message how many there are, one a line", () => {
    expect(() => check({ secret: undefined, codeLifetime: "1h" })).toThrow(
      /^The configuration has 2 problems:\n- secret: .*\n- codeLifetime: .*$/,
    );
    expect(() => check({ secret: undefined })).toThrow(/^The configuration has a problem:\n- secret: there is none$/);
  });
});
