import { describe, expect, it } from "vitest";
import { allow, authorizePath, browserOf, connect, consentPage, open, tokensOf } from "../a-person.ts";
import {
  type Answer,
  answerOf,
  aServer,
  budgetApp,
  type Fields,
  issuer,
  lastEvent,
  lastReason,
  photoPrinter,
  redeem,
  refresh,
  send,
  statusAtApi,
} from "../a-server.ts";

const mcp = `${issuer}/mcp`;
const photos = "https://photos.example.com/api";
const resources = { [issuer]: {}, [mcp]: { scopes: ["read", "write"] }, [photos]: { scopes: ["read", "share"] } };

async function aCode(more: Fields) {
  const server = aServer({ resources });
  const app = await budgetApp(server);
  return { server, app, code: await allow(browserOf(server), app, more, { scope: ["read", "write", "share"] }) };
}
const both = { scope: "read write share", resource: [mcp, photos] };
const verdict = async (response: Response): Promise<unknown> => {
  const { error, scope }: Answer = await answerOf(response);
  return error ?? scope;
};

describe("an authorization for several resources, RFC 8707 §2", () => {
  it("is shown with all of them, and kept as they are registered", async () => {
    const server = aServer({ resources });
    const app = await budgetApp(server);
    const page = await consentPage(browserOf(server), app, { ...both, resource: [`${photos}/`, "HTTPS://Notes.Example.com:443/mcp"] });
    expect(page.html).toContain(`${mcp} ${photos}`);
    await connect(server, app, { ...both, resource: [`${photos}/`, mcp] }).catch(() => undefined);
    const code = await allow(browserOf(server), app, { ...both, resource: [`${photos}/`, mcp] });
    await redeem(server, app, code, { resource: mcp });
    expect((await server.store.grant(lastEvent(server, "token.issued")?.grantId ?? ""))?.resources).toEqual([mcp, photos]);
  });

  it.each<[string, Fields]>([
    ["one that is not registered", { resource: [mcp, "https://evil.example"] }],
    ["one with a fragment", { resource: `${mcp}#x` }],
    ["one that is relative", { resource: "/mcp" }],
    ["one below another", { resource: `${mcp}/below` }],
    ["one on another scheme", { resource: mcp.replace("https", "http") }],
    ["one in another case of path", { resource: `${issuer}/MCP` }],
    ["one that is malformed", { resource: "https://notes.example.com\\mcp" }],
  ])("is refused with %s, and the app is told", async (_, more) => {
    const server = aServer({ resources });
    const response = await open(browserOf(server), authorizePath(await budgetApp(server), more));
    expect(new URL(response.headers.get("location") ?? "").searchParams.get("error")).toBe("invalid_target");
    expect(lastReason(server)).toBe("resource is not registered");
  });

  it("has no scope that is none of its resources'", async () => {
    const server = aServer({ resources });
    const app = await budgetApp(server);
    const errorOf = async (more: Fields): Promise<string | null> =>
      URL.parse((await open(browserOf(server), authorizePath(app, more))).headers.get("location") ?? "")?.searchParams.get("error") ?? null;
    expect([await errorOf({ scope: "share", resource: mcp }), await errorOf({ scope: "write", resource: photos })]).toEqual([
      "invalid_scope",
      "invalid_scope",
    ]);
    expect(await errorOf({ scope: "write share", resource: [mcp, photos] })).toBeNull();
  });

  it("takes an empty resource for none", async () => {
    const { server, app, code } = await aCode({ scope: "read", resource: "" });
    expect(await verdict(await redeem(server, app, code, { resource: "" }))).toBe("read");
  });
});

describe("a token for one of several resources, RFC 8707 §2.2", () => {
  it("has that as its audience, what means something there as its scope, and opens nothing else", async () => {
    const { server, app, code } = await aCode(both);
    const answer = await answerOf(await redeem(server, app, code, { resource: photos }));
    expect(answer.scope).toBe("read share");
    const at = (resource: string): Promise<unknown> =>
      server.oauth.authenticate(new Request(resource, { headers: { authorization: `Bearer ${answer.access_token}` } }), { resource });
    expect(await at(photos)).toMatchObject({ audience: photos, scope: ["read", "share"] });
    expect([await at(mcp), await at(issuer)]).toMatchObject([{ status: 401 }, { status: 401 }]);
  });

  it("comes for each of them, one after the other, by the refresh token", async () => {
    const { server, app, code } = await aCode(both);
    const first = await tokensOf(await redeem(server, app, code, { resource: mcp }));
    const second = await answerOf(await refresh(server, app, first.refresh, { resource: photos }));
    expect(second.scope).toBe("read share");
    const third = await answerOf(await refresh(server, app, second.refresh_token ?? "", { resource: mcp, scope: "write" }));
    expect(third.scope).toBe("write");
    expect([await statusAtApi(server, first.access, "/mcp"), await statusAtApi(server, third.access_token ?? "", "/mcp")]).toEqual([
      200, 200,
    ]);
  });

  it.each<[string, Fields]>([
    ["names none", {}],
    ["names both", { resource: [mcp, photos] }],
    ["names one that was not allowed", { resource: issuer }],
    ["names one that there is not", { resource: "https://evil.example" }],
    ["names one that was allowed beside one that there is not", { resource: [mcp, "https://evil.example"] }],
  ])("is refused where the request %s, and neither code nor refresh token is used up", async (_, more) => {
    const { server, app, code } = await aCode(both);
    expect(await verdict(await redeem(server, app, code, more))).toBe("invalid_target");
    const { refresh: token } = await tokensOf(await redeem(server, app, code, { resource: [mcp, mcp] }));
    expect(await verdict(await refresh(server, app, token, more))).toBe("invalid_target");
    expect((await refresh(server, app, token, { resource: `${mcp}/` })).status).toBe(200);
    expect(lastEvent(server, "refresh.reused")).toBeUndefined();
  });

  it("is refused where nothing of its scope means anything there", async () => {
    const server = aServer({ resources });
    const app = await budgetApp(server);
    const code = await allow(browserOf(server), app, both, { scope: ["share"] });
    expect(await verdict(await redeem(server, app, code, { resource: mcp }))).toBe("invalid_target");
    expect(lastReason(server)).toBe("the grant has no scope of this resource");
    const { refresh: token } = await tokensOf(await redeem(server, app, code, { resource: photos }));
    expect(await verdict(await refresh(server, app, token, { resource: mcp }))).toBe("invalid_target");
    expect(await verdict(await refresh(server, app, token, { resource: photos }))).toBe("share");
  });

  it("is never repeated for another: who refreshes for both at once gets one, and keeps the grant", async () => {
    const { server, app, code } = await aCode(both);
    const { refresh: token } = await tokensOf(await redeem(server, app, code, { resource: mcp }));
    const answers = await Promise.all([refresh(server, app, token, { resource: mcp }), refresh(server, app, token, { resource: photos })]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => Number(a) - Number(b))).toEqual([200, 400]);
    const won = answers.find(({ status }) => status === 200) ?? Response.error();
    const next = await tokensOf(won);
    expect((await refresh(server, app, next.refresh, { resource: photos })).status).toBe(200);
  });

  it("is refused once its resource is no longer registered, and the others go on", async () => {
    const { server, app, code } = await aCode({ scope: "read", resource: photos });
    const { refresh: token } = await tokensOf(await redeem(server, app, code));
    const without = aServer({ resources: { [issuer]: {} }, store: server.store });
    expect(await verdict(await refresh(without, app, token))).toBe("invalid_grant");
    expect(lastReason(without)).toBe("the grant's resource is no longer registered");
    expect((await refresh(server, app, token)).status).toBe(200);
  });
});

describe("a token of an authorization that named no resource", () => {
  it("is for all of our origin, or for the one that its request names, and for none elsewhere", async () => {
    const { server, app, code } = await aCode({ scope: "read write" });
    const { access, refresh: token } = await tokensOf(await redeem(server, app, code));
    expect([await statusAtApi(server, access), await statusAtApi(server, access, "/mcp")]).toEqual([200, 200]);
    expect(await verdict(await refresh(server, app, token, { resource: photos }))).toBe("invalid_target");
    const narrowed = await tokensOf(await refresh(server, app, token, { resource: mcp }));
    expect([await statusAtApi(server, narrowed.access), await statusAtApi(server, narrowed.access, "/mcp")]).toEqual([401, 200]);
    const again = await tokensOf(await refresh(server, app, narrowed.refresh));
    expect(await statusAtApi(server, again.access)).toBe(200);
  });
});

describe("an operator's client that is tied to resources", () => {
  const errorOf = (response: Response): string | null =>
    URL.parse(response.headers.get("location") ?? "")?.searchParams.get("error") ?? null;

  it("gets these where it names none, and none other where it does", async () => {
    const server = aServer({ resources });
    const app = await photoPrinter(server, { resources: [photos] });
    const { access } = await tokensOf(await redeem(server, app, await allow(browserOf(server), app, { scope: "read" })));
    const request = new Request(photos, { headers: { authorization: `Bearer ${access}` } });
    expect(await server.oauth.authenticate(request, { resource: photos })).toMatchObject({ audience: photos });
    expect(await statusAtApi(server, access)).toBe(401);
    for (const resource of [mcp, [mcp, photos]])
      expect(errorOf(await open(browserOf(server), authorizePath(app, { scope: "read", resource })))).toBe("invalid_target");
    expect(errorOf(await open(browserOf(server), authorizePath(app, { scope: "write" })))).toBe("invalid_scope");
    expect(errorOf(await open(browserOf(server), authorizePath(app, { scope: "share", resource: `${photos}/` })))).toBeNull();
  });

  it("says which where there are several", async () => {
    const server = aServer({ resources });
    const app = await photoPrinter(server, { resources: [photos, mcp] });
    const code = await allow(browserOf(server), app, { scope: "read" });
    expect(await verdict(await redeem(server, app, code))).toBe("invalid_target");
    expect(await verdict(await redeem(server, app, code, { resource: mcp }))).toBe("read");
  });

  it("gets its own tokens for these alone, OAuth 2.1 §4.2", async () => {
    const server = aServer({ resources });
    const service = await photoPrinter(server, { redirectUris: [], resources: [photos] });
    const ask = async (fields: Fields): Promise<Answer> =>
      answerOf(await send(server, service, "/oauth/token", { grant_type: "client_credentials", ...fields }));
    const { access_token = "" } = await ask({});
    const request = new Request(photos, { headers: { authorization: `Bearer ${access_token}` } });
    expect(await server.oauth.authenticate(request, { resource: photos })).toMatchObject({ audience: photos, subject: service.id });
    expect([
      (await ask({ resource: mcp })).error,
      (await ask({ resource: [photos, mcp] })).error,
      (await ask({ scope: "write" })).error,
    ]).toEqual(["invalid_target", "invalid_target", "invalid_scope"]);
    const free = await photoPrinter(server, { redirectUris: [] });
    const several = await answerOf(await send(server, free, "/oauth/token", { grant_type: "client_credentials", resource: [mcp, photos] }));
    expect(several.error).toBe("invalid_target");
  });

  it("cannot ask for one that there is no more, and that ties it to nothing", async () => {
    const server = aServer({ resources });
    const app = await photoPrinter(server, { resources: [photos] });
    const without = aServer({ resources: { [issuer]: {} }, store: server.store });
    const response = await open(browserOf(without), authorizePath(app, { scope: "read" }));
    expect(errorOf(response)).toBe("invalid_target");
    const service = await photoPrinter(server, { redirectUris: [], resources: [photos] });
    const answer = await answerOf(await send(without, service, "/oauth/token", { grant_type: "client_credentials" }));
    expect([answer.error, answer.access_token]).toEqual(["invalid_target", undefined]);
  });
});
