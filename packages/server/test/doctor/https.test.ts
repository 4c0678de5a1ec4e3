import { describe, expect, it } from "vitest";
import type { Check } from "../../src/doctor/check.ts";
import { createAsk } from "../../src/doctor/exchange.ts";
import { checkFromOutside, checksOf } from "../../src/doctor/outside.ts";
import { visit } from "../../src/doctor/visit.ts";
import { selfSignedCertificate } from "../interop/self-signed-certificate.ts";
import { at, type Flaw, members, metadataOf, startFlawed } from "./flawed-server.ts";
import { findingsOf, lost, page, resourceMetadata, serverMetadata } from "./mistake.ts";

describe("vouchsafe doctor, looking at https", () => {
  const seen = async (certificate: ReturnType<typeof selfSignedCertificate>, flaw?: Flaw): Promise<readonly Check[]> => {
    await using secure = await startFlawed(flaw, { certificate });
    return await checkFromOutside(`${secure.origin}/mcp`);
  };

  it("finds a certificate that nobody trusts, that has ended, or that is another host's", async () => {
    const now = Date.now();
    const texts = [selfSignedCertificate(), selfSignedCertificate(now - 86_400_000), selfSignedCertificate(now, ["other.example"])];
    const found = await Promise.all(texts.map(async (certificate) => findingsOf(await seen(certificate))));
    expect(found.map((checks) => checks.map(({ check }) => check))).toEqual([["certificate"], ["certificate"], ["certificate"]]);
    expect(found.map(([first]) => first?.seen)).toEqual([
      expect.stringContaining("is not trusted"),
      expect.stringContaining("ended on"),
      expect.stringContaining("another host's"),
    ]);
  });

  it("finds an issuer and endpoints that are http behind it, and warns where browsers are not kept to https", async () => {
    const inClear = members(serverMetadata, (origin) => metadataOf(origin.replace("https:", "http:")));
    const checks = await seen(selfSignedCertificate(), inClear);
    expect(findingsOf(checks).map(({ check }) => check)).toEqual(expect.arrayContaining(["certificate", "issuer", "endpoints"]));
    expect(checks.find(({ check }) => check === "issuer")?.change).toMatch(
      /^proxy_set_header X-Forwarded-Proto \$scheme; or "issuer": "https:/,
    );
    expect(checks.find(({ check }) => check === "HSTS")).toMatchObject({
      status: "warning",
      change: 'add_header Strict-Transport-Security "max-age=31536000" always;',
    });
  });

  it("wants http to lead to https", async () => {
    await using secure = await startFlawed(undefined, { certificate: selfSignedCertificate() });
    const visited = await visit(`${secure.origin}/mcp`, createAsk());
    const inClear = async (flaw: Flaw): Promise<Check | undefined> => {
      await using plain = await startFlawed(flaw);
      const answer = await createAsk()(plain.origin);
      const withIt = { ...visited, server: visited.server && { ...visited.server, inClear: answer } };
      return checksOf(withIt, Date.now()).find(({ check }) => check === "http to https");
    };
    expect(await inClear(() => ({ status: 308, headers: { location: "https://localhost/" }, body: "" }))).toMatchObject({ status: "ok" });
    expect(await inClear(() => lost)).toMatchObject({ status: "ok" });
    expect(await inClear(() => page)).toMatchObject({
      status: "warning",
      change: "server { listen 80; return 308 https://$host$request_uri; }",
    });
    expect(await inClear(() => ({ status: 302, headers: { location: "http://localhost/x" }, body: "" }))).toMatchObject({
      status: "finding",
    });
  });

  it("finds a challenge that is http behind it", async () => {
    const inClear = at("/mcp", (reply, { origin }) => ({
      ...reply,
      headers: {
        ...reply.headers,
        "www-authenticate": `Bearer resource_metadata="${origin.replace("https:", "http:")}${resourceMetadata}"`,
      },
    }));
    expect((await seen(selfSignedCertificate(), inClear)).find(({ check }) => check === "challenge")?.change).toMatch(
      /^proxy_set_header X-Forwarded-Proto \$scheme; or resource_metadata="https:/,
    );
  });

  it("finds names that mean nothing outside in what a public server says", async () => {
    await using flawless = await startFlawed();
    const visited = await visit(`${flawless.origin}/mcp`, createAsk());
    // As if the same answers came from a public host.
    const moved = {
      ...visited,
      url: "https://notes.example/mcp",
      server: visited.server && { ...visited.server, issuer: "https://auth.example" },
    };
    const secured = JSON.parse(JSON.stringify(moved).replaceAll(flawless.origin, "https://backend:3000")) as typeof moved;
    const changes = findingsOf(checksOf(secured, Date.now())).map(({ check, change }) => [check, change]);
    expect(changes).toEqual(
      expect.arrayContaining([
        [
          "challenge",
          `proxy_set_header Host $host; or WWW-Authenticate: Bearer resource_metadata="https://notes.example${resourceMetadata}"`,
        ],
        ["authorization servers", '"authorization_servers": ["https://…"], as clients reach it'],
        ["issuer", 'proxy_set_header Host $host; or "issuer": "https://auth.example"'],
        ["endpoints", 'proxy_set_header Host $host; or "authorization_endpoint": "https://auth.example/authorize"'],
      ]),
    );
  });
});
