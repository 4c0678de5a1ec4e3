import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DocumentUrlPolicy, isClientIdUrl, isFetchableUrl, isTrustedHost, looksLikeUrl } from "../../src/protocol/document-url.ts";

const policy: DocumentUrlPolicy = {
  ownHost: "notes.example.com",
  trustedHosts: ["claude.ai", "apps.example:8443"],
  allowLoopback: false,
};
const local: DocumentUrlPolicy = { ...policy, ownHost: "localhost:4000", allowLoopback: true };

describe("which URLs may be fetched at all", () => {
  it.each([
    "https://printer.example/",
    "https://printer.example/client.json",
    "https://printer.example/a//b/",
    "https://printer.example/client.json?v=1",
    "https://printer.example/%C3%A4",
    "https://printer.example/..%2Fclient.json",
    "https://xn--bcher-kva.example/client.json",
    "https://93.184.216.34/client.json",
    "https://[2606:2800:220:1::1]/client.json",
    "https://claude.ai/oauth/mcp-oauth-client-metadata",
    "https://claude.ai:9443/client.json",
    "https://apps.example:8443/client.json",
    "https://apps.example/client.json",
    "https://notes.example.com.evil.example/",
    "https://mylocalhost.example/client.json",
    "https://localhost.example/client.json",
    "https://localdomain.example/",
  ])("are such as %s", (url) => expect(isFetchableUrl(url, policy)).toBe(true));

  it.each([
    ["no URL", "printer.example/client.json"],
    ["nothing", ""],
    ["a path", "/client.json"],
    ["no scheme", "//printer.example/client.json"],
    ["http", "http://printer.example/client.json"],
    ["a file", "file:///etc/passwd"],
    ["data", "data:application/json,{}"],
    ["ftp", "ftp://printer.example/client.json"],
    ["a scheme in capitals", "HTTPS://printer.example/client.json"],
    ["a host in capitals", "https://PRINTER.example/client.json"],
    ["letters that the network does not know", "https://bücher.example/client.json"],
    ["wide letters", "https://ｐrinter.example/client.json"],
    ["a full stop of another script", "https://printer。example/client.json"],
    ["a soft hyphen", "https://prin\u00ADter.example/client.json"],
    ["an encoded host", "https://%70rinter.example/client.json"],
    ["a backslash", "https:\\\\printer.example\\client.json"],
    ["one slash", "https:/printer.example/client.json"],
    ["three slashes", "https:///printer.example/client.json"],
    ["a blank in front", " https://printer.example/client.json"],
    ["a blank behind", "https://printer.example/client.json "],
    ["a blank within", "https://printer.example/client json"],
    ["a line break", "https://printer.example/client.json\n"],
    ["a tab", "https://printer.example/cli\tent.json"],
    ["a NUL", "https://printer.example/\0client.json"],
    ["a letter that is not encoded", "https://printer.example/ä"],
    ["a dot segment", "https://printer.example/./client.json"],
    ["two dots", "https://printer.example/a/../client.json"],
    ["encoded dots", "https://printer.example/a/%2E%2e/client.json"],
    ["half encoded dots", "https://printer.example/a/.%2e/client.json"],
    ["a fragment", "https://printer.example/client.json#a"],
    ["an empty fragment", "https://printer.example/client.json#"],
    ["user information", "https://ada@printer.example/client.json"],
    ["a password", "https://ada:secret@printer.example/client.json"],
    ["empty user information", "https://@printer.example/client.json"],
    ["another host as user", "https://printer.example@evil.example/client.json"],
    ["the default port", "https://printer.example:443/client.json"],
    ["an empty port", "https://printer.example:/client.json"],
    ["another port", "https://printer.example:8443/client.json"],
    ["a trusted host's other port", "https://apps.example:9443/client.json"],
    ["a trusted name's neighbour", "https://evilclaude.ai:8443/client.json"],
    ["our own host", "https://notes.example.com/client.json"],
    ["one label", "https://printer/client.json"],
    ["a name that ends in a full stop", "https://printer.example./client.json"],
    ["our own host with a full stop", "https://notes.example.com./client.json"],
    ["this computer", "https://localhost/client.json"],
    ["a name below this computer", "https://a.localhost/client.json"],
    ["the local network", "https://printer.local/client.json"],
    ["an internal name", "https://metadata.google.internal/computeMetadata"],
    ["a reverse name", "https://1.0.0.127.in-addr.arpa/client.json"],
    ["a home network", "https://printer.home.arpa/client.json"],
    ["an onion service", "https://printer.onion/client.json"],
    ["no DNS at all", "https://printer.alt/client.json"],
    ["an address in octal", "https://0177.0.0.1/client.json"],
    ["an address in one number", "https://2130706433/client.json"],
    ["an address in hexadecimal", "https://0x7f000001/client.json"],
    ["a short address", "https://127.1/client.json"],
    ["an address with a zone", "https://[fe80::1%25eth0]/client.json"],
    ["a long form of an address", "https://[0:0:0:0:0:0:0:1]/client.json"],
  ])("are not: %s", (_, url) => {
    expect(isFetchableUrl(url, policy)).toBe(false);
    expect(isClientIdUrl(url, policy)).toBe(false);
  });

  it("may have an at sign where it says nothing about who asks", () => {
    expect(isFetchableUrl("https://printer.example/@ada/client.json", policy)).toBe(true);
  });

  it("are also this computer's, by either scheme and any port, where tests allow that, but never our own", () => {
    for (const url of ["http://127.0.0.1:1/a", "http://localhost/a", "https://localhost:8443/a", "http://[::1]:5/a", "http://127.9.9.9/a"])
      expect([isFetchableUrl(url, local), isFetchableUrl(url, policy)]).toEqual([true, url.startsWith("https://127")]);
    for (const url of [
      "http://localhost:4000/a",
      "http://10.0.0.1/a",
      "http://printer.example/a",
      "http://localhost.evil.example/a",
      "ftp://localhost/a",
    ])
      expect(isFetchableUrl(url, local), url).toBe(false);
  });

  it("are in their normal form, without user information and fragment, on a public name, whatever is tried", () => {
    const part = fc.constantFrom(
      "https",
      "http",
      "HTTPS",
      ":",
      "//",
      "/",
      "\\",
      "@",
      "#",
      "?",
      ".",
      "..",
      "%2e",
      "localhost",
      "printer.example",
      "127.0.0.1",
      "[::1]",
      "local",
      ":443",
      ":8443",
      " ",
      "\t",
      "ä",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.webUrl({ withFragments: true, withQueryParameters: true }),
          fc.array(part, { maxLength: 9 }).map((all) => all.join("")),
        ),
        (url) => {
          if (!isFetchableUrl(url, policy)) return;
          const { href, protocol, username, password, hash, hostname } = new URL(url);
          expect([href, protocol, username + password + hash]).toEqual([url, "https:", ""]);
          expect(hostname).not.toMatch(/(?:^|\.)(?:localhost|local|internal|arpa|onion|alt)\.?$/);
          expect(hostname).toMatch(/\.|\[/);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe("which URLs may be a client's id", () => {
  it("have a path, and 2048 characters at most", () => {
    const base = "https://printer.example/";
    expect([isClientIdUrl(base, policy), isClientIdUrl(`${base}?a`, policy), isClientIdUrl(base.slice(0, -1), policy)]).toEqual([
      false,
      false,
      false,
    ]);
    expect([
      isClientIdUrl(base + "a".repeat(2048 - base.length), policy),
      isClientIdUrl(base + "a".repeat(2049 - base.length), policy),
    ]).toEqual([true, false]);
  });

  it("are told from other ids by their beginning, however it is written", () => {
    for (const id of ["https://a", "http://a", "HtTpS:a", " https://a", "\thttp:"]) expect(looksLikeUrl(id), id).toBe(true);
    for (const id of ["", "printer", "ftp://a", "xhttps://a", "https", "//a"]) expect(looksLikeUrl(id), id).toBe(false);
  });
});

describe("hosts that an operator vouches for", () => {
  it("are trusted at any port where none was said, else at that one", () => {
    const trusted = ["claude.ai", "claude.ai:1", "apps.example:8443"];
    for (const host of trusted) expect(isTrustedHost(host, policy), host).toBe(true);
    for (const host of ["apps.example", "apps.example:1", "evil.claude.ai", "claude.ai.evil.example", "", "CLAUDE.AI", "[::1]:8443"])
      expect(isTrustedHost(host, policy), host).toBe(false);
  });
});
