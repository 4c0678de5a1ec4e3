import { describe, expect, it } from "vitest";
import { ada, make } from "../a-personal-token.ts";
import { basic, issuer, lastReason, photoPrinter, redeem, refresh, revoke, send, statusAtApi } from "../a-server.ts";

describe("where it works", () => {
  const mcp = `${issuer}/mcp`;
  const elsewhere = "https://photos.example.com";

  it("is every resource of ours that does not say otherwise, and none elsewhere", async () => {
    const browser = ada({ resources: { [issuer]: {}, [mcp]: { personalTokens: false }, [elsewhere]: {} } });
    const { server } = browser;
    const { token } = await make(browser);
    expect([await statusAtApi(server, token), await statusAtApi(server, token, "/mcp")]).toEqual([200, 401]);
    expect(lastReason(server)).toBe("access token is for another resource");
    const request = new Request(elsewhere, { headers: { authorization: `Bearer ${token}` } });
    expect(await server.oauth.authenticate(request, { resource: elsewhere })).toMatchObject({ status: 401 });
  });

  it("is also a resource elsewhere that says so", async () => {
    const browser = ada({ resources: { [issuer]: {}, [elsewhere]: { personalTokens: true } } });
    const { token } = await make(browser);
    const request = new Request(elsewhere, { headers: { authorization: `Bearer ${token}` } });
    expect(await browser.server.oauth.authenticate(request, { resource: elsewhere })).toMatchObject({ subject: "ada" });
  });

  it("is what a resource server learns of it, and nobody else", async () => {
    const browser = ada({ resources: { [issuer]: {}, [mcp]: { personalTokens: false } } });
    const { server } = browser;
    const { token, ends_at } = await make(browser);
    const introspect = async (resourceServerOf: readonly string[]): Promise<unknown> => {
      const client = await photoPrinter(server, { redirectUris: [], resourceServerOf });
      return (await send(server, client, "/oauth/introspect", { token })).json();
    };
    const { now } = server.clock;
    expect(await introspect([issuer])).toEqual({
      active: true,
      iss: issuer,
      sub: "ada",
      scope: "read",
      token_type: "Bearer",
      iat: now / 1000,
      exp: ends_at,
    });
    expect(await introspect([mcp])).toEqual({ active: false });
    expect(await introspect([])).toEqual({ active: false });
  });

  it("is no endpoint of the protocol: no app can revoke, refresh or redeem it", async () => {
    const browser = ada();
    const { server } = browser;
    const { token } = await make(browser);
    const app = await photoPrinter(server);
    expect((await revoke(server, app, token)).status).toBe(200);
    expect([(await refresh(server, app, token)).status, (await redeem(server, app, token)).status]).toEqual([400, 400]);
    expect(await statusAtApi(server, token)).toBe(200);
    expect((await server.oauth.fetch(new Request(`${issuer}/oauth/token`, { method: "POST", headers: basic(token, token) }))).status).toBe(
      415,
    );
  });
});
