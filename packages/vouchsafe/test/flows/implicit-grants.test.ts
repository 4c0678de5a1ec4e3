import { describe, expect, it } from "vitest";
import type { AuthorizationServerOptions } from "../../src/config.ts";
import { allow, authorizePath, browserOf, consentPage, open } from "../a-person.ts";
import { answerOf, aServer, budgetApp, days, issuer, redeem, register, revoke, type Server, seconds, statusAtApi } from "../a-server.ts";

/** The implicit-grants profile, by configuration alone. */
const profile: Partial<AuthorizationServerOptions> = {
  accessTokenLifetime: "never",
  refreshTokenLifetime: "off",
  grantChoices: ["never"],
  registration: { mode: "loopback" },
  requireState: true,
  scopes: { read: "Read your notes", write: { description: "Change your notes", implies: ["read"] } },
};

async function aToken(server: Server, scope: string) {
  const app = await budgetApp(server);
  const answer = await answerOf(await redeem(server, app, await allow(browserOf(server), app, { scope })));
  return { app, answer, token: answer.access_token ?? "" };
}

describe("a host app that wants no ceremony: the implicit-grants profile", () => {
  it("gives tokens that never expire, and nothing to refresh them with", async () => {
    const server = aServer(profile);
    const { answer, token } = await aToken(server, "read");
    expect(Object.keys(answer).toSorted()).toEqual(["access_token", "scope", "token_type"]);
    server.clock.now += 36_500 * days;
    expect(await statusAtApi(server, token)).toBe(200);
  });

  it("ends a grant by revoking its one token", async () => {
    const server = aServer(profile);
    const { app, token } = await aToken(server, "read");
    expect((await revoke(server, app, token)).status).toBe(200);
    expect(await statusAtApi(server, token)).toBe(401);
  });

  it("asks for no length of time, and needs a state", async () => {
    const server = aServer(profile);
    const app = await budgetApp(server);
    expect((await consentPage(browserOf(server), app)).lifetimes).toEqual({});
    const response = await open(browserOf(server), authorizePath(app, { state: undefined }));
    expect(response.headers.get("location")).toMatch(/^http:\/\/127\.0\.0\.1:4711\/callback\?error=invalid_request&/);
  });

  it("registers apps of this computer alone, which need no secret", async () => {
    const server = aServer(profile);
    const answer = await answerOf(await register(server, { redirect_uris: ["http://localhost/callback"] }));
    expect(answer).not.toHaveProperty("client_secret");
    expect((await register(server, { redirect_uris: ["https://printer.example/callback"] })).status).toBe(400);
  });

  it("lets write read, and read not write", async () => {
    const server = aServer(profile);
    const may = async (token: string, scope: string): Promise<boolean> =>
      !(
        (await server.oauth.authenticate(new Request(issuer, { headers: { authorization: `Bearer ${token}` } }), { scope })) instanceof
        Response
      );
    const [writer, reader] = [await aToken(server, "write"), await aToken(server, "read")];
    expect([await may(writer.token, "read"), await may(reader.token, "write")]).toEqual([true, false]);
  });

  it("still ends codes after a minute", async () => {
    const server = aServer(profile);
    const app = await budgetApp(server);
    const code = await allow(browserOf(server), app);
    server.clock.now += 60 * seconds;
    expect((await redeem(server, app, code)).status).toBe(400);
  });
});
