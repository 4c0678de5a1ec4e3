import { describe, expect, it } from "vitest";
import { type DocumentUrlPolicy, isClientIdUrl, isFetchableUrl } from "../../src/protocol/document-url.ts";

const policy: DocumentUrlPolicy = { ownHost: "notes.example.com", trustedHosts: ["trusted.example:8443"], allowLoopback: false };

describe("which URLs can be a client's id, Client ID Metadata Document §3", () => {
  it.each([
    "https://budget.example/client.json",
    "https://budget.example/a/",
    "https://budget.example/c?v=1",
    "https://trusted.example:8443/c",
  ])("may be a client's id: %s", (id) => expect(isClientIdUrl(id, policy)).toBe(true));

  it.each([
    ["http", "http://budget.example/client.json"],
    ["another scheme", "ftp://budget.example/client.json"],
    ["no path", "https://budget.example"],
    ["an empty path", "https://budget.example/"],
    ["a dot segment", "https://budget.example/./client.json"],
    ["two dots", "https://budget.example/a/../client.json"],
    ["encoded dots", "https://budget.example/a/%2e%2e/client.json"],
    ["a fragment", "https://budget.example/client.json#top"],
    ["an empty fragment", "https://budget.example/client.json#"],
    ["user information", "https://ada@budget.example/client.json"],
    ["a password", "https://ada:x@budget.example/client.json"],
    ["another case of the host", "https://Budget.example/client.json"],
    ["the default port spelled out", "https://budget.example:443/client.json"],
    ["our own host", "https://notes.example.com/client.json"],
    ["a port that nobody vouches for", "https://budget.example:8443/client.json"],
    ["a name of this computer", "https://localhost/client.json"],
    ["a name of the local network", "https://printer.local/client.json"],
    ["more than 2048 characters", `https://budget.example/${"a".repeat(2048)}`],
  ])("cannot be a client's id with %s", (_, id) => expect(isClientIdUrl(id, policy)).toBe(false));

  it("may be on this computer in tests alone", () => {
    expect(isFetchableUrl("http://127.0.0.1:4711/client.json", policy)).toBe(false);
    expect(isFetchableUrl("http://127.0.0.1:4711/client.json", { ...policy, allowLoopback: true })).toBe(true);
  });
});
