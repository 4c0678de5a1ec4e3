import { describe, expect, it } from "vitest";
import type { ClientRequest } from "../src/admin.ts";
import { aServer, issuer, lastEvent } from "./a-server.ts";

describe("what an operator can make, OAuth 2.1 §2.1", () => {
  it("is a client for a website, with a secret that is told once", async () => {
    const server = aServer();
    const { client, secret } = await server.oauth.admin.createClient({
      name: " Photo printer ",
      redirectUris: ["https://printer.example/"],
    });
    expect(client).toMatchObject({
      name: "Photo printer",
      origin: "operator",
      firstParty: false,
      authMethod: "client_secret_basic",
      grantTypes: ["authorization_code", "refresh_token"],
      scope: ["read"],
    });
    expect(secret).toMatch(/^vs_cs_/);
    expect(await server.store.client(client.id)).toEqual(client);
    expect(JSON.stringify(client)).not.toContain(secret);
    expect(lastEvent(server, "client.registered")).toMatchObject({ clientId: client.id, origin: "operator" });
  });

  it("is a service where nothing redirects, and a public client without a secret", async () => {
    const { admin } = aServer().oauth;
    expect((await admin.createClient({ name: "Backup" })).client.grantTypes).toEqual(["client_credentials"]);
    expect(
      (await admin.createClient({ name: "Notes CLI", redirectUris: ["http://127.0.0.1/"], authMethod: "none" })).secret,
    ).toBeUndefined();
  });

  it("may redirect to any private-use scheme, and name resources as they are registered", async () => {
    const { admin } = aServer().oauth;
    const { client } = await admin.createClient({
      name: "Budget",
      redirectUris: ["com.example.budget:/callback"],
      resourceServerOf: [`${issuer}/`],
    });
    expect(client.resourceServerOf).toEqual([issuer]);
  });

  it.each<[ClientRequest, string]>([
    [{ name: "  " }, "a client needs a name"],
    [{ name: "x", redirectUris: ["javascript:alert(1)"] }, "javascript:alert(1) cannot be a redirect URI"],
    [
      { name: "x", redirectUris: ["https://printer.example/", "http://printer.example/"] },
      "http://printer.example/ cannot be a redirect URI",
    ],
    [{ name: "x", grantTypes: ["password"] }, "there is no grant type password"],
    [{ name: "x", grantTypes: ["authorization_code"] }, "authorization_code needs a redirect URI"],
    [{ name: "x", authMethod: "none" }, "client_credentials needs a confidential client"],
    [{ name: "x", scope: ["delete"] }, "there is no scope delete"],
    [{ name: "x", resourceServerOf: ["https://evil.example"] }, "there is no resource https://evil.example"],
  ])("is not %j, and nothing is stored", async (request, message) => {
    const server = aServer();
    await expect(server.oauth.admin.createClient(request)).rejects.toThrow(message);
    expect(server.events).toEqual([]);
  });

  it("is a registration token with its uses, listed without its secret and revoked once", async () => {
    const server = aServer();
    const { admin } = server.oauth;
    const { id, token } = await admin.createRegistrationToken(3);
    const listed = await admin.registrationTokens();
    expect(listed).toEqual([{ id, usesLeft: 3, createdAt: server.clock.now }]);
    expect(token).toMatch(/^vs_iat_/);
    expect([await admin.revokeRegistrationToken(id), await admin.revokeRegistrationToken(id)]).toEqual([true, false]);
    for (const uses of [0, -1, 1.5]) await expect(admin.createRegistrationToken(uses)).rejects.toThrow("at least one use");
  });
});

describe("forms of the host app's own pages", () => {
  it("come back from the same browser and session alone", () => {
    const { forms } = aServer().oauth;
    const ada = { id: "ada", name: "Ada", sessionId: "1" };
    const fresh = new Request(`${issuer}/sign_in`);
    const { token, headers } = forms.token(fresh, "sign-in", ada);
    const [cookie = ""] = (headers["set-cookie"] ?? "").split(";");
    const again = (more: Record<string, string> = {}): Request =>
      new Request(`${issuer}/sign_in`, { method: "POST", headers: { cookie, ...more } });
    expect(forms.check(again(), "sign-in", token, ada)).toBe(true);
    expect(forms.check(again(), "sign-out", token, ada)).toBe(false);
    expect(forms.check(again(), "sign-in", token)).toBe(false);
    expect(forms.check(again(), "sign-in", token, { ...ada, sessionId: "2" })).toBe(false);
    expect(forms.check(again(), "sign-in", undefined, ada)).toBe(false);
    expect(forms.check(fresh, "sign-in", token, ada)).toBe(false);
    expect(forms.check(again({ "sec-fetch-site": "same-site" }), "sign-in", token, ada)).toBe(false);
  });
});
