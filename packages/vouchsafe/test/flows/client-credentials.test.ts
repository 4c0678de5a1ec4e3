import { describe, expect, it } from "vitest";
import { answerOf, aServer, budgetApp, type Fields, issuer, lastEvent, like, photoPrinter, send, statusAtApi } from "../a-server.ts";

const photos = "https://photos.example.com/";

async function aService(options: Parameters<typeof aServer>[0] = {}, scope: readonly string[] = ["read", "write"]) {
  const server = aServer(options);
  const service = await photoPrinter(server, { redirectUris: [], scope });
  const ask = (more: Fields = {}): Promise<Response> =>
    send(server, service, "/oauth/token", { grant_type: "client_credentials", ...more });
  return { server, service, ask };
}

describe("client credentials grant, OAuth 2.1 §4.2", () => {
  it("gives a service a token of its own, without a refresh token, that no cache keeps", async () => {
    const { server, service, ask } = await aService();
    const response = await ask();
    expect([response.status, response.headers.get("cache-control")]).toEqual([200, "no-store"]);
    const answer = await answerOf(response);
    expect(answer).toEqual({ access_token: like(/^vs_at_/), token_type: "Bearer", expires_in: 3600, scope: "read" });
    expect(await statusAtApi(server, answer.access_token ?? "")).toBe(200);
    expect(lastEvent(server, "token.issued")).toMatchObject({ grantType: "client_credentials", clientId: service.id, subject: service.id });
  });

  it("gives the scope that is asked for, up to what the operator allowed", async () => {
    const { ask } = await aService();
    expect((await answerOf(await ask({ scope: "write read" }))).scope).toBe("read write");
    for (const scope of ["share", "read share", "nonsense", 'read"'])
      expect(await answerOf(await ask({ scope }))).toMatchObject({ error: "invalid_scope" });
  });

  it("ignores offline_access, as an authorization request does", async () => {
    const { ask } = await aService();
    for (const scope of ["offline_access", "offline_access read"]) expect((await answerOf(await ask({ scope }))).scope).toBe("read");
  });

  it("refuses where the default is not allowed and nothing is asked for", async () => {
    const { ask } = await aService({}, ["write"]);
    expect(await answerOf(await ask())).toMatchObject({ error: "invalid_scope" });
  });

  it("is for one resource, which is known", async () => {
    const { server, ask } = await aService({ resources: { [issuer]: {}, [photos]: { scopes: ["read"] } } });
    const { access_token: token = "" } = await answerOf(await ask({ resource: photos }));
    expect(await statusAtApi(server, token)).toBe(401);
    for (const resource of ["https://evil.example", [issuer, photos]])
      expect(await answerOf(await ask({ resource }))).toMatchObject({ error: "invalid_target" });
    expect(await answerOf(await ask({ resource: photos, scope: "write" }))).toMatchObject({ error: "invalid_scope" });
  });

  it("is refused to a client that may redirect and nothing more, and to a public one", async () => {
    const server = aServer();
    for (const app of [await photoPrinter(server), await budgetApp(server)])
      expect(await answerOf(await send(server, app, "/oauth/token", { grant_type: "client_credentials" }))).toMatchObject({
        error: "unauthorized_client",
      });
  });
});

describe("which grant type, OAuth 2.1 §3.2.4", () => {
  it.each([
    ["password", "unsupported_grant_type"],
    ["urn:ietf:params:oauth:grant-type:device_code", "unsupported_grant_type"],
    ["constructor", "unsupported_grant_type"],
    [undefined, "invalid_request"],
    ["authorization_code", "unauthorized_client"],
  ])("refuses %s to a service", async (grant_type, error) => {
    const { ask } = await aService();
    const response = await ask({ grant_type });
    expect([response.status, (await answerOf(response)).error]).toEqual([400, error]);
  });
});
