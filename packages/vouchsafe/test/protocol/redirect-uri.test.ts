import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { destinationOf, isDangerousRedirectUri, isUsableRedirectUri, matchesRedirectUri } from "../../src/protocol/redirect-uri.ts";

const registered = { schemes: ["cursor", "vscode"], loopbackOnly: false };
const operator = { schemes: undefined, loopbackOnly: false };
const loopbackOnly = { schemes: ["cursor"], loopbackOnly: true };

describe("which redirect URIs can be used, OAuth 2.1 §2.3, RFC 8252 §7", () => {
  it.each([
    "https://printer.example/callback",
    "https://printer.example",
    "https://printer.example:8443/callback?tenant=7",
    "https://127.0.0.1/callback",
    "https://[2001:db8::1]/callback",
    "http://127.0.0.1/callback",
    "http://[::1]:4711/callback",
    "http://localhost:65535/callback",
    "http://localhost:1",
    "cursor://anysphere.cursor-retrieval/oauth/callback",
    "vscode:callback",
  ])("accepts %s", (uri) => expect(isUsableRedirectUri(uri, registered)).toBe(true));

  it.each([
    ["http off loopback", "http://printer.example/callback"],
    ["a host that only looks like loopback", "http://localhost.printer.example/callback"],
    ["another address of the loopback block", "http://127.0.0.2/callback"],
    ["a loopback name in capitals", "http://LOCALHOST/callback"],
    ["a scheme in capitals", "HTTP://localhost/callback"],
    ["port 0", "http://127.0.0.1:0/callback"],
    ["port 65536", "http://127.0.0.1:65536/callback"],
    ["port 0 of a website", "https://printer.example:0/callback"],
    ["port 65536 of a website", "https://printer.example:65536/callback"],
    ["an empty port", "https://printer.example:/callback"],
    ["user information", "https://ada@printer.example/callback"],
    ["user information before loopback", "http://localhost@printer.example/callback"],
    ["user information with a private-use scheme", "cursor://ada@printer.example/callback"],
    ["a fragment", "https://printer.example/callback#top"],
    ["an empty fragment", "https://printer.example/callback#"],
    ["a wildcard host", "https://*.printer.example/callback"],
    ["a wildcard path", "https://printer.example/*"],
    ["a dot segment", "https://printer.example/a/../callback"],
    ["a single dot segment", "https://printer.example/./callback"],
    ["an encoded dot segment", "https://printer.example/a/%2E%2e/callback"],
    ["a half encoded dot segment", "https://printer.example/.%2e/callback"],
    ["a dot segment with a path parameter", "https://printer.example/a/..;x=1/callback"],
    ["a backslash", "https://printer.example\\@evil.example/callback"],
    ["a space", "https://printer.example/call back"],
    ["a line break", "https://printer.example/callback\n"],
    ["a host beyond ASCII", "https://prınter.example/callback"],
    ["quotes", 'https://printer.example/"onload='],
    ["angle brackets", "https://printer.example/<script>"],
    ["no host", "https:///callback"],
    ["one slash", "https:/printer.example/callback"],
    ["no scheme", "//printer.example/callback"],
    ["a relative path", "/callback"],
    ["nothing", ""],
    ["a scheme that nobody allowed", "budget://callback"],
    ["a network scheme", "ftp://printer.example/callback"],
    ["the out-of-band URN", "urn:ietf:wg:oauth:2.0:oob"],
  ])("cannot be used: %s", (_, uri) => expect(isUsableRedirectUri(uri, registered)).toBe(false));

  it("lets an operator's client have any private-use scheme but a network's", () => {
    expect(isUsableRedirectUri("com.example.budget:/callback", operator)).toBe(true);
    for (const uri of ["ftp://printer.example/", "ws://printer.example/", "mailto:ada@example.com"])
      expect(isUsableRedirectUri(uri, operator)).toBe(false);
  });

  it("lets only http on this computer through where nothing else is allowed", () => {
    expect(isUsableRedirectUri("http://127.0.0.1:4711/callback", loopbackOnly)).toBe(true);
    for (const uri of ["https://printer.example/", "https://localhost/callback", "cursor://callback", "http://printer.example/"])
      expect(isUsableRedirectUri(uri, loopbackOnly)).toBe(false);
  });
});

const dangerous = ["javascript", "data", "vbscript", "file", "blob", "about", "view-source", "filesystem"];
const noise = fc
  .array(fc.constantFrom(...Array.from(" \t\n\r\f\v\0\x01\x1F\x7F\x85")), { maxLength: 2 })
  .map((characters) => characters.join(""));

describe("dangerous redirect URIs, OAuth 2.1 §7.13", () => {
  it("are seen through whatever control characters and case they are written with, and can never be used", () => {
    const disguises = fc.array(fc.tuple(noise, fc.boolean()), { minLength: 12, maxLength: 12 });
    const disguised = fc.tuple(fc.constantFrom(...dangerous), disguises).map(([scheme, disguise]) =>
      Array.from(`${scheme}:`)
        .map((letter, at) => (disguise[at]?.[0] ?? "") + (disguise[at]?.[1] === true ? letter.toUpperCase() : letter))
        .join(""),
    );
    fc.assert(
      fc.property(disguised, fc.webPath(), (scheme, rest) => {
        expect(isDangerousRedirectUri(scheme + rest)).toBe(true);
        for (const policy of [registered, operator, { ...operator, schemes: dangerous }])
          expect(isUsableRedirectUri(scheme + rest, policy)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it("include whatever the URL parser of browsers takes for one", () => {
    const text = fc.tuple(
      noise,
      fc.constantFrom("javascript", "DATA", "https", "cursor", "x"),
      noise,
      fc.constantFrom(":", ":/", "&colon;", "%3A", "://"),
      fc.string(),
    );
    fc.assert(
      fc.property(text, (parts) => {
        const uri = parts.join("");
        const isOne = dangerous.includes(URL.parse(uri)?.protocol.slice(0, -1) ?? "");
        if (isOne) expect(isDangerousRedirectUri(uri)).toBe(true);
        if (isOne) expect(isUsableRedirectUri(uri, operator)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it("do not include those that merely mention such a scheme", () => {
    for (const uri of ["https://printer.example/javascript:", "https://javascript.example/", "https://printer.example/?x=data:"])
      expect(isDangerousRedirectUri(uri)).toBe(false);
  });
});

describe("comparing redirect URIs, OAuth 2.1 §4.1.1 (draft 16), RFC 8252 §7.3", () => {
  it.each([
    ["http://127.0.0.1/callback", "http://127.0.0.1:51204/callback"],
    ["http://127.0.0.1:4711/callback", "http://127.0.0.1/callback"],
    ["http://[::1]:1/callback?x=1", "http://[::1]:2/callback?x=1"],
    ["http://localhost:3000/", "http://localhost:3001/"],
  ])("on loopback lets the port differ: %s, %s", (known, requested) => expect(matchesRedirectUri(requested, known)).toBe(true));

  it.each([
    ["another loopback name", "http://localhost/callback", "http://127.0.0.1/callback"],
    ["another path", "http://127.0.0.1/callback", "http://127.0.0.1:80/callback/"],
    ["another query", "http://127.0.0.1/callback", "http://127.0.0.1:80/callback?x=1"],
    ["port 0", "http://127.0.0.1/callback", "http://127.0.0.1:0/callback"],
    ["port 65536", "http://127.0.0.1/callback", "http://127.0.0.1:65536/callback"],
    ["another port of a website", "https://printer.example/callback", "https://printer.example:8443/callback"],
    ["the default port spelled out", "https://printer.example/callback", "https://printer.example:443/callback"],
    ["another case of the host", "https://printer.example/callback", "https://Printer.example/callback"],
    ["https on loopback with another port", "https://localhost:1/callback", "https://localhost:2/callback"],
    ["an encoded letter", "https://printer.example/callback", "https://printer.example/%63allback"],
  ])("refuses %s", (_, known, requested) => expect(matchesRedirectUri(requested, known)).toBe(false));

  /** The components of a URI by the expression of RFC 3986 Appendix B, and its authority by §3.2. */
  function componentsOf(uri: string) {
    const [, , scheme, , authority, path, , query, , fragment] =
      /^(([^:/?#]+):)?(\/\/([^/?#]*))?([^?#]*)(\?([^#]*))?(#([\s\S]*))?$/.exec(uri) ?? [];
    const [, user, host, , port] = /^([^@]*@)?(\[[^\]]*\]|[^:]*)(:(.*))?$/s.exec(authority ?? "") ?? [];
    return { scheme, user, host, port, path, query, fragment };
  }

  function sameButForLoopbackPort(requested: string, known: string): boolean {
    if (requested === known) return true;
    const [{ port, ...wanted }, { port: _, ...had }] = [componentsOf(requested), componentsOf(known)];
    const isLoopback = wanted.scheme === "http" && ["localhost", "127.0.0.1", "[::1]"].includes(wanted.host ?? "");
    const hasPort = port === undefined || (/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535);
    return isLoopback && hasPort && wanted.user === undefined && JSON.stringify(wanted) === JSON.stringify(had);
  }

  const uri = fc
    .tuple(
      fc.constantFrom("http", "http", "http", "https", "HTTP", "cursor"),
      fc.constantFrom("", "", "", "ada@", "localhost:80@"),
      fc.constantFrom("localhost", "127.0.0.1", "[::1]", "LOCALHOST", "127.0.0.2", "localhost.evil.example", "printer.example"),
      fc.constantFrom("", ":", ":0", ":1", ":80", ":65535", ":65536", ":00080", ":123456", ":8 0", ":80@evil.example"),
      fc.constantFrom("", "/", "/callback", "/Callback", "/callback/", "/a/../callback"),
      fc.constantFrom("", "?", "?x=1", "?x=2"),
      fc.constantFrom("", "", "#", "#x"),
    )
    .map(([scheme, ...rest]) => `${scheme}://${rest.join("")}`);

  it("finds nothing equal but the same string, or another port on loopback, as RFC 3986 takes URIs apart", () => {
    const known = uri.filter((one) => isUsableRedirectUri(one, operator));
    fc.assert(
      fc.property(known, uri, (one, other) => {
        expect(matchesRedirectUri(other, one)).toBe(sameButForLoopbackPort(other, one));
        expect(matchesRedirectUri(one, one)).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  it("never finds a longer or changed string equal", () => {
    fc.assert(
      fc.property(
        uri.filter((one) => isUsableRedirectUri(one, operator)),
        fc.nat(),
        fc.string({ minLength: 1, maxLength: 3 }),
        (one, at, extra) => {
          const index = at % (one.length + 1);
          const other = one.slice(0, index) + extra + one.slice(index);
          expect(matchesRedirectUri(other, one)).toBe(sameButForLoopbackPort(other, one));
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe("where a redirect URI leads, as pages show it", () => {
  it("is a website, this computer, or an app", () => {
    expect(destinationOf("https://printer.example:8443/callback")).toEqual({ kind: "website", host: "printer.example:8443" });
    expect(destinationOf("http://localhost:63785/callback")).toEqual({ kind: "loopback", host: "localhost:63785" });
    expect(destinationOf("cursor://callback")).toEqual({ kind: "private-use", scheme: "cursor" });
  });
});
