import { describe, expect, it } from "vitest";
import { allow, authorizePath, browserOf } from "../a-person.ts";
import { type Answer, answerOf, aServer, basic, change, type Fields, lastEvent, lastReason, verifier } from "../a-server.ts";
import {
  aPrinterWithKey,
  aSigner,
  assertionType,
  claimsOf,
  isKnown,
  isRefused,
  type Signer,
  sendAssertion,
  sign,
  verdict,
} from "../a-signer.ts";

const wanted = { grant_type: "refresh_token", refresh_token: "x" };

describe("a client that signs its assertion, RFC 7523 §2.2, §3", () => {
  it.each(["ES256", "RS256", "PS256", "EdDSA", "Ed25519"])(
    "is known by its key: %s, without kid and without client_id",
    async (algorithm) => {
      const { server, signer, app } = await aPrinterWithKey({}, algorithm);
      expect(await verdict(server, await sign(signer, claimsOf(server, app.id)))).toEqual(isKnown);
      expect(lastReason(server)).toBe("refresh token is unknown");
      expect(await verdict(server, await sign(signer, claimsOf(server, app.id)), { client_id: app.id })).toEqual(isKnown);
    },
  );

  it("redeems its code, refreshes, introspects and revokes", async () => {
    const { server, signer, app } = await aPrinterWithKey();
    const send = async (path: string, fields: Fields) => sendAssertion(server, path, await sign(signer, claimsOf(server, app.id)), fields);
    const code = await allow(browserOf(server), app);
    const first = await answerOf(await send("/oauth/token", { grant_type: "authorization_code", code, code_verifier: verifier }));
    const second = await answerOf(await send("/oauth/token", { grant_type: "refresh_token", refresh_token: first.refresh_token ?? "" }));
    expect(await answerOf(await send("/oauth/introspect", { token: second.access_token ?? "" }))).toMatchObject({ active: true });
    expect((await send("/oauth/revoke", { token: second.refresh_token ?? "" })).status).toBe(200);
    expect(await answerOf(await send("/oauth/introspect", { token: second.access_token ?? "" }))).toEqual({ active: false });
  });

  it("is told the one thing, whatever was wrong", async () => {
    const { server, signer, app } = await aPrinterWithKey();
    const response = await sendAssertion(server, "/oauth/token", await sign(signer, { ...claimsOf(server, app.id), exp: 1 }), wanted);
    expect(response.headers.get("www-authenticate")).toBeNull();
    expect(await answerOf(response)).toEqual({ error: "invalid_client", error_description: "Client authentication failed." });
    expect(lastEvent(server, "client.authentication_failed")).toMatchObject({
      clientId: app.id,
      endpoint: "token",
      reason: "client_assertion has expired",
    });
  });

  it("may address the issuer or the token endpoint everywhere, and the endpoint for pushed requests there alone, RFC 9126 §2", async () => {
    const { server, signer, app } = await aPrinterWithKey();
    const push = async (aud: unknown): Promise<number> => {
      const [, query = ""] = authorizePath(app).split("?");
      const fields = Object.fromEntries(new URLSearchParams(query));
      return (await sendAssertion(server, "/oauth/par", await sign(signer, { ...claimsOf(server, app.id), aud }), fields)).status;
    };
    const { issuer } = server;
    const [token, par] = [`${issuer}/oauth/token`, `${issuer}/oauth/par`];
    expect([await push(issuer), await push(token), await push(par), await push([par, issuer])]).toEqual([201, 201, 201, 201]);
    expect(await push(`${issuer}/oauth/revoke`)).toBe(401);
    for (const aud of [issuer, token])
      expect(await verdict(server, await sign(signer, { ...claimsOf(server, app.id), aud }))).toEqual(isKnown);
    expect(await verdict(server, await sign(signer, { ...claimsOf(server, app.id), aud: par }))).toEqual(isRefused);
    expect(lastReason(server)).toBe("client_assertion: aud is neither the issuer nor the endpoint");
  });

  it("may address an issuer that has a path by that", async () => {
    const issuer = "https://example.com/notes";
    const [server, signer] = [aServer({ issuer }), await aSigner()];
    const response = await server.oauth.fetch(
      new Request(`${issuer}/oauth/register`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          redirect_uris: ["https://printer.example/"],
          token_endpoint_auth_method: "private_key_jwt",
          jwks: { keys: [signer.publicKey] },
          grant_types: ["authorization_code", "refresh_token"],
        }),
      }),
    );
    const { client_id: id = "" } = await answerOf(response);
    for (const aud of [issuer, `${issuer}/oauth/token`])
      expect(await verdict(server, await sign(signer, { ...claimsOf(server, id), aud }))).toEqual(isKnown);
    expect(await verdict(server, await sign(signer, { ...claimsOf(server, id), aud: "https://example.com" }))).toEqual(isRefused);
  });
});

describe("an assertion beside something else, RFC 7521 §4.2, OAuth 2.1 §2.4", () => {
  it("is refused beside another method of authentication", async () => {
    const { server, signer, app } = await aPrinterWithKey();
    const assertion = await sign(signer, claimsOf(server, app.id));
    const twice = { status: 400, error: "invalid_request" };
    expect(await verdict(server, assertion, { client_secret: "x" })).toEqual(twice);
    expect(await verdict(server, assertion, {}, basic(app.id, "x"))).toEqual(twice);
    expect(await verdict(server, assertion)).toEqual(isKnown);
  });

  it("is refused beside another client's id, and still good without it", async () => {
    const { server, signer, app } = await aPrinterWithKey();
    const assertion = await sign(signer, claimsOf(server, app.id));
    expect(await verdict(server, assertion, { client_id: "somebody" })).toEqual(isRefused);
    expect(lastReason(server)).toBe("client_id differs from the assertion's subject");
    expect(await verdict(server, assertion)).toEqual(isKnown);
  });

  it("is refused under another type, or one without the other", async () => {
    const { server, signer, app } = await aPrinterWithKey();
    const assertion = await sign(signer, claimsOf(server, app.id));
    for (const fields of [
      { client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:saml2-bearer" },
      { client_assertion_type: undefined },
      { client_assertion: undefined },
      { client_assertion: undefined, client_assertion_type: assertionType, client_id: app.id },
    ])
      expect(await verdict(server, assertion, fields)).toEqual(isRefused);
    expect(await verdict(server, assertion, { client_assertion: [assertion, assertion] })).toEqual({
      status: 400,
      error: "invalid_request",
    });
  });

  it("is all that a client with a key has: neither its id alone nor a secret will do", async () => {
    const { server, app } = await aPrinterWithKey();
    for (const fields of [{ client_id: app.id }, { client_id: app.id, client_secret: "x" }]) {
      const response = await sendAssertion(server, "/oauth/token", "", { ...wanted, ...fields, client_assertion_type: undefined });
      expect(response.status).toBe(401);
      expect(lastReason(server)).toMatch(/^client used \w+ and is registered for private_key_jwt$/);
    }
  });
});

describe("a client whose assertion fails", () => {
  it("loses neither its code nor its refresh token", async () => {
    const { server, signer, app } = await aPrinterWithKey();
    const stranger = await aSigner();
    const send = async (key: Signer, fields: Fields): Promise<Answer> =>
      answerOf(await sendAssertion(server, "/oauth/token", await sign(key, claimsOf(server, app.id)), fields));
    const redeem = { grant_type: "authorization_code", code: await allow(browserOf(server), app), code_verifier: verifier };
    expect((await send(stranger, redeem)).error).toBe("invalid_client");
    const { refresh_token = "", error } = await send(signer, redeem);
    expect(error).toBeUndefined();
    const refresh = { grant_type: "refresh_token", refresh_token };
    expect((await send(stranger, refresh)).error).toBe("invalid_client");
    expect((await send(signer, refresh)).error).toBeUndefined();
    expect(lastEvent(server, "refresh.reused")).toBeUndefined();
  });

  it("is counted for all endpoints together, and its key still works", async () => {
    const { server, signer, app } = await aPrinterWithKey({ rateLimits: { client: "4/1m" } });
    const stranger = await aSigner();
    const statuses: number[] = [];
    for (const path of ["/oauth/token", "/oauth/introspect", "/oauth/revoke", "/oauth/par", "/oauth/par", "/oauth/token"])
      statuses.push((await sendAssertion(server, path, await sign(stranger, claimsOf(server, app.id)), { ...wanted, token: "x" })).status);
    expect(statuses).toEqual([401, 401, 401, 401, 429, 429]);
    expect((await verdict(server, await sign(signer, claimsOf(server, app.id)))).status).not.toBe(401);
    const response = await sendAssertion(server, "/oauth/revoke", await sign(signer, claimsOf(server, app.id)), { token: "x" });
    expect(response.status).toBe(200);
  });

  it("is refused while it is disabled, and its assertion is not used up", async () => {
    const { server, signer, app } = await aPrinterWithKey();
    const assertion = await sign(signer, claimsOf(server, app.id));
    await change(server, app, { disabledAt: server.clock.now });
    expect([await verdict(server, assertion), lastReason(server)]).toEqual([isRefused, "client is disabled"]);
    await change(server, app, { disabledAt: undefined });
    expect(await verdict(server, assertion)).toEqual(isKnown);
  });
});
