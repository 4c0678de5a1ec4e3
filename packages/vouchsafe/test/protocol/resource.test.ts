import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  canonicalResource,
  chooseAudience,
  coversResource,
  isSameOrigin,
  type Resource,
  type Resources,
  requestedResources,
} from "../../src/protocol/resource.ts";
import { refusalOf } from "./refusal.ts";

const issuer = "https://notes.example.com";
const resourceAt = (uri: string): Resource => ({
  uri,
  canonical: canonicalResource(uri) ?? "",
  name: undefined,
  scopes: ["read"],
  initialScopes: ["read"],
  personalTokens: true,
});
const resourcesAt = (...uris: string[]): Resources => new Map(uris.map(resourceAt).map((resource) => [resource.canonical, resource]));
const mcp = "https://notes.example.com/mcp";
const photos = "https://photos.example.com/";

describe("comparing resource URIs, RFC 8707 §2", () => {
  it.each([
    ["case of scheme and host", "HTTPS://Notes.Example.COM/mcp"],
    ["the default port", "https://notes.example.com:443/mcp"],
    ["one trailing slash", "https://notes.example.com/mcp/"],
  ])("takes no notice of %s", (_, uri) => expect(canonicalResource(uri)).toBe(mcp));

  it.each([
    ["case of the path", "https://notes.example.com/MCP"],
    ["a second trailing slash", "https://notes.example.com/mcp//"],
    ["another port", "https://notes.example.com:8443/mcp"],
    ["another scheme", "http://notes.example.com/mcp"],
    ["a query", "https://notes.example.com/mcp?x=1"],
    ["a longer path", "https://notes.example.com/mcp/notes"],
    ["a longer host", "https://notes.example.com.evil.example/mcp"],
    ["an encoded letter", "https://notes.example.com/%6Dcp"],
  ])("takes notice of %s", (_, uri) => expect(canonicalResource(uri)).not.toBe(mcp));

  it.each([
    "",
    "/mcp",
    "notes.example.com",
    "https://notes.example.com/mcp#",
    "https://notes.example.com/#a",
    "https://ada@notes.example.com/",
    "https:///mcp",
    "https://notes.example.com\\@evil.example/",
    "https://notes.example.com/ mcp",
    "https://notes.example.com/\n",
    "https://nötes.example.com/",
  ])("takes %j for no resource", (uri) => expect(canonicalResource(uri)).toBeUndefined());

  it("says the same of the canonical form as of the URI", () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true }), (uri) => {
        const canonical = canonicalResource(uri);
        if (canonical !== undefined && !canonical.endsWith("/")) expect(canonicalResource(canonical)).toBe(canonical);
      }),
    );
  });
});

describe("which resources a request names, RFC 8707 §2", () => {
  it("finds each once, as it was registered", () => {
    const found = requestedResources(["https://NOTES.example.com/mcp/", mcp, "https://photos.example.com"], resourcesAt(mcp, photos));
    expect(found.map(({ uri }) => uri)).toEqual([mcp, photos]);
  });

  it.each(["https://evil.example/mcp", "nonsense", `${mcp}#x`])("finds no resource behind %s: invalid_target", (uri) => {
    expect(refusalOf(() => requestedResources([mcp, uri], resourcesAt(mcp)))).toBe("invalid_target");
  });
});

describe("the audience of an access token, RFC 8707 §2.2", () => {
  const all = resourcesAt(mcp, photos);

  it("is the grant's only resource where the request names none", () => expect(chooseAudience([photos], [], all, issuer)).toBe(photos));
  it("is the one of the grant's that the request names, as registered", () =>
    expect(chooseAudience([mcp, photos], ["https://photos.example.com"], all, issuer)).toBe(photos));
  it("has to be named where the grant has several", () =>
    expect(refusalOf(() => chooseAudience([mcp, photos], [], all, issuer))).toBe("invalid_target"));
  it("is one alone", () => expect(refusalOf(() => chooseAudience([mcp, photos], [mcp, photos], all, issuer))).toBe("invalid_target"));
  it("is never a resource beyond the grant", () =>
    expect(refusalOf(() => chooseAudience([mcp], [photos], all, issuer))).toBe("invalid_target"));

  it("is the one of the issuer's origin that is named where the grant never named one", () => {
    expect(chooseAudience([], [mcp], all, issuer)).toBe(mcp);
    expect(chooseAudience([], [photos], resourcesAt(photos), issuer)).toBe(photos);
  });
  it("is never one of another origin where the grant never named one", () =>
    expect(refusalOf(() => chooseAudience([], [photos], all, issuer))).toBe("invalid_target"));
  it("is all of the issuer's origin where nobody ever named one", () => expect(chooseAudience([], [], all, issuer)).toBeUndefined());
  it("is the single resource where the issuer's origin has none", () =>
    expect(chooseAudience([], [], resourcesAt(photos), issuer)).toBe(photos));
  it("cannot be guessed out of several elsewhere, or out of none", () => {
    expect(refusalOf(() => chooseAudience([], [], resourcesAt(photos, "https://films.example.com/"), issuer))).toBe("invalid_target");
    expect(refusalOf(() => chooseAudience([], [], resourcesAt(), issuer))).toBe("invalid_target");
  });
});

describe("whether a token may be used at a resource, RFC 8707 §2.2", () => {
  it("may at its audience alone", () => {
    expect(coversResource(mcp, resourceAt(mcp), issuer)).toBe(true);
    expect(coversResource(photos, resourceAt(mcp), issuer)).toBe(false);
  });

  it("may, without an audience, at every resource of the issuer's origin and at no other", () => {
    expect(coversResource(undefined, resourceAt(mcp), issuer)).toBe(true);
    expect(coversResource(undefined, resourceAt(photos), issuer)).toBe(false);
    expect(coversResource(undefined, resourceAt("https://notes.example.com:8443/mcp"), issuer)).toBe(false);
  });

  it("knows an origin by scheme, host and port", () => {
    expect(isSameOrigin("https://notes.example.com/a", "https://NOTES.example.com:443/b")).toBe(true);
    expect(isSameOrigin("http://notes.example.com/", "https://notes.example.com/")).toBe(false);
    expect(isSameOrigin("https://notes.example.com:8443/", "https://notes.example.com/")).toBe(false);
  });
});
