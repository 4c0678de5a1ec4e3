import { describe, expect, it } from "vitest";
import { createAsk, isAnswer } from "../../src/doctor/exchange.ts";
import { checkFromOutside } from "../../src/doctor/outside.ts";
import { mayAsk } from "../../src/doctor/questions.ts";
import { doubts } from "./doubts.ts";
import { at, type Flaw, json, members, metadataOf, startFlawed } from "./flawed-server.ts";
import { findingsOf, lost, serverMetadata, troublesOf } from "./mistake.ts";
import { mistakesInHeaders } from "./mistakes-in-headers.ts";
import { mistakesOfResources } from "./mistakes-of-resources.ts";
import { mistakesOfServers } from "./mistakes-of-servers.ts";

const findings = [...mistakesOfResources, ...mistakesOfServers, ...mistakesInHeaders];

describe("vouchsafe doctor, looking at a server that is not ours", () => {
  it("finds nothing about one that does everything right, whether asked for the resource or the issuer", async () => {
    await using flawless = await startFlawed();
    const guarded = await checkFromOutside(`${flawless.origin}/mcp`);
    expect(troublesOf(guarded)).toEqual([]);
    expect(guarded.length).toBeGreaterThan(25);
    expect(troublesOf(await checkFromOutside(flawless.origin))).toEqual([]);
  });

  it.each(findings)("finds %s", async (_, flaw, check, change) => {
    await using flawed = await startFlawed(flaw);
    const found = findingsOf(await checkFromOutside(`${flawed.origin}/mcp`));
    expect(found.map((each) => each.check)).toContain(check);
    const changes = found.filter((each) => each.check === check).map((each) => each.change?.replaceAll(flawed.origin, "ORIGIN"));
    expect(changes).toEqual([typeof change === "string" ? change : expect.stringMatching(change)]);
  });

  it.each(doubts)("warns of %s", async (_, flaw, check, change) => {
    await using flawed = await startFlawed(flaw);
    const checks = await checkFromOutside(`${flawed.origin}/mcp`);
    expect(findingsOf(checks)).toEqual([]);
    const warned = troublesOf(checks).map((each) => [each.check, each.change?.replaceAll(flawed.origin, "ORIGIN")]);
    expect(warned).toEqual([[check, typeof change === "string" ? change : expect.stringMatching(change)]]);
  });

  it("says of each check what was seen, and of each trouble what to change", async () => {
    for (const [, flaw] of [...findings, ...doubts]) {
      await using flawed = await startFlawed(flaw);
      for (const { seen, status, change } of await checkFromOutside(`${flawed.origin}/mcp`)) {
        expect(seen).toMatch(/\.$/);
        expect(change === undefined).toBe(status === "ok");
      }
    }
  });

  it("names the other mistake where the proxy takes the issuer's path away, or leaves .well-known before it out", async () => {
    const stripped: Flaw = (reply, { path }) =>
      path === "/token" ? json({ error: "invalid_request" }, 400) : path === "/auth/token" ? lost : reply;
    await using first = await startFlawed(stripped, { prefix: "/auth" });
    expect(findingsOf(await checkFromOutside(`${first.origin}/auth`)).map(({ check, change }) => [check, change])).toEqual([
      ["token endpoint", "proxy_pass http://127.0.0.1:3000; with nothing after the port, so that the path stays whole"],
    ]);
    const forgotten: Flaw = (reply, asked) => {
      const below = at("/auth/.well-known/oauth-authorization-server", (_, { origin }) => json(metadataOf(`${origin}/auth`)));
      return below(at(`${serverMetadata}/auth`, () => lost)(reply, asked) ?? lost, asked);
    };
    await using second = await startFlawed(forgotten, { prefix: "/auth" });
    expect(findingsOf(await checkFromOutside(`${second.origin}/auth`)).map(({ check, change }) => [check, change])).toEqual([
      ["server metadata", "location /.well-known/oauth-authorization-server/auth { proxy_pass http://127.0.0.1:3000; }"],
    ]);
    const shortened = members(`${serverMetadata}/auth`, (origin) => ({ issuer: origin }));
    await using other = await startFlawed(shortened, { prefix: "/auth" });
    expect(findingsOf(await checkFromOutside(`${other.origin}/auth`)).map(({ check, change }) => [check, change])).toEqual([
      ["issuer", `"issuer": "${other.origin}/auth", with nothing after the port in proxy_pass http://127.0.0.1:3000;`],
    ]);
    const doubled = members(`${serverMetadata}/auth`, (origin) => ({ token_endpoint: `${origin}/auth/auth/token` }));
    await using third = await startFlawed(doubled, { prefix: "/auth" });
    expect(findingsOf(await checkFromOutside(`${third.origin}/auth`))).toContainEqual(
      expect.objectContaining({ check: "endpoints", change: `"token_endpoint": "${third.origin}/auth/token"` }),
    );
  });

  it("finds neither resource nor issuer where nothing is, where all is redirected, and where nobody answers", async () => {
    await using empty = await startFlawed(() => lost);
    expect(await checkFromOutside(empty.origin)).toMatchObject([{ check: "reachable", status: "finding" }, { check: "clock" }]);
    await using moved = await startFlawed(() => ({ status: 308, headers: { location: "https://notes.example/mcp" }, body: "" }));
    expect(await checkFromOutside(moved.origin)).toMatchObject([
      { check: "reachable", status: "finding", change: 'vouchsafe doctor "https://notes.example/mcp"' },
      { check: "clock" },
    ]);
    const { origin } = empty;
    await empty[Symbol.asyncDispose]();
    expect(await checkFromOutside(origin)).toMatchObject([
      { check: "reachable", status: "finding", seen: `${origin} answers nothing: ECONNREFUSED.` },
    ]);
  });

  it("sends no credential, begins no session, registers nothing, and asks at most 30 times", async () => {
    await using flawless = await startFlawed(undefined, { prefix: "/auth" });
    await checkFromOutside(`${flawless.origin}/mcp`);
    expect(flawless.asked.length).toBeLessThanOrEqual(30);
    for (const { method, path, headers: sent, body } of flawless.asked) {
      expect([sent.authorization, sent.cookie]).toEqual([undefined, undefined]);
      expect(["", "{}"]).toContain(body);
      if (path === "/auth/register") expect(method).toBe("OPTIONS");
    }
  });

  it("never asks a host of its own network because a server outside names it", async () => {
    for (const inside of [
      "http://localhost:1/",
      "http://169.254.169.254/latest",
      "https://[::1]/",
      "https://10.0.0.1/",
      "https://printer/",
      "file:///etc/passwd",
    ])
      expect(mayAsk("https://notes.example", inside), inside).toBe(false);
    expect(mayAsk("https://notes.example", "https://ada:secret@auth.example/")).toBe(false);
    expect(mayAsk("https://notes.example", "https://auth.example/")).toBe(true);
    expect(mayAsk("http://localhost:3000", "http://localhost:4000/")).toBe(true);
  });
});

describe("the doctor's requests", () => {
  it("end when nothing comes, when too much comes, and when there have been enough", async () => {
    await using silent = await startFlawed(at("/mcp", () => undefined));
    expect(await createAsk({ timeout: 100 })(`${silent.origin}/mcp`)).toMatchObject({ failure: "no answer within 0.1 s" });
    await using chatty = await startFlawed(() => ({ status: 200, headers: {}, body: "x".repeat(100_000) }));
    const much = await createAsk({ longestBody: 1000 })(chatty.origin);
    expect(isAnswer(much) && much.body.length).toBe(1000);
    const ask = createAsk({ mostRequests: 1 });
    await ask(chatty.origin);
    expect(await ask(chatty.origin)).toMatchObject({ status: 200 });
    expect(await ask(`${chatty.origin}/more`)).toMatchObject({ failure: "not asked: 1 requests are the most" });
  });
});
