import { describe, expect, it } from "vitest";
import { allow, browserOf, connect, tokensOf } from "../a-person.ts";
import {
  answerOf,
  aServer,
  budgetApp,
  challenge,
  change,
  issuer,
  lastEvent,
  lastReason,
  like,
  photoPrinter,
  redeem,
  refresh,
  type Server,
  seconds,
  statusAtApi,
  verifier,
} from "../a-server.ts";

const disconnect = (server: Server, id: string): Promise<Response> =>
  Promise.resolve(
    server.oauth.fetch(new Request(`${issuer}/my/connected_apps/${id}`, { method: "DELETE", headers: { cookie: "session=ada.1" } })),
  );

/** A server, the budget app, and a code that ada just gave it. */
async function aCode(options: Parameters<typeof aServer>[0] = {}) {
  const server = aServer(options);
  const app = await budgetApp(server);
  const code = await allow(browserOf(server), app, { scope: "read write" });
  return { server, app, code };
}

describe("authorization code grant, OAuth 2.1 §4.1.3", () => {
  it("gives tokens for the code, that no cache keeps", async () => {
    const { server, app, code } = await aCode();
    const response = await redeem(server, app, code);
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await answerOf(response)).toEqual({
      access_token: like(/^vs_at_[\w-]{49}$/),
      refresh_token: like(/^vs_rt_[\w-]{49}$/),
      token_type: "Bearer",
      expires_in: 3600,
      scope: "read write",
    });
    expect(lastEvent(server, "token.issued")).toMatchObject({
      grantType: "authorization_code",
      clientId: app.id,
      subject: "ada",
      scope: ["read", "write"],
    });
  });

  it("makes codes of unreserved characters only", async () => {
    const { code } = await aCode();
    expect(code).toMatch(/^[A-Za-z0-9._~-]+$/);
  });

  it("keeps what a code holds from everybody but the server: nobody reads the challenge, the person or the client out of it", async () => {
    const { app, code } = await aCode();
    const readings = [0, 1, 2, 3].map((start) => Buffer.from(code.slice(start), "base64url").toString("latin1"));
    // The person as the envelope would spell them: three letters alone turn up in any random text.
    for (const reading of [code, ...readings])
      for (const held of [challenge, app.id, app.redirectUri, '"ada"', '"write"']) expect(reading).not.toContain(held);
  });

  it("does without redirect_uri: the code is bound by PKCE", async () => {
    const { server, app, code } = await aCode();
    expect((await redeem(server, app, code, { redirect_uri: undefined })).status).toBe(200);
  });

  it.each([
    [
      "another redirect_uri",
      { redirect_uri: "http://127.0.0.1:4712/callback" },
      "redirect_uri differs from the authorization request's",
      "invalid_grant",
    ],
    ["another verifier", { code_verifier: verifier.replace("d", "e") }, "code_verifier does not match", "invalid_grant"],
    ["a verifier that is too short", { code_verifier: "short" }, "code_verifier does not match", "invalid_grant"],
    ["no verifier", { code_verifier: undefined }, "parameter code_verifier is missing", "invalid_request"],
    ["no code", { code: undefined }, "parameter code is missing", "invalid_request"],
    ["a code that is none", { code: "SplxlOBeZQQYbYS6WxSbIA" }, "code was not issued here", "invalid_grant"],
    ["a resource that is not registered", { resource: "https://evil.example" }, "resource is not registered", "invalid_target"],
  ])("refuses %s, and the code is still good", async (_, more, reason, error) => {
    const { server, app, code } = await aCode();
    const refused = await redeem(server, app, code, more);
    expect(refused.status).toBe(400);
    expect(await answerOf(refused)).toMatchObject({ error });
    expect(lastReason(server)).toBe(reason);
    expect((await redeem(server, app, code)).status).toBe(200);
  });

  it("refuses a resource that the code is not for", async () => {
    const photos = "https://photos.example.com/";
    const { server, app } = await aCode({ resources: { [issuer]: {}, [photos]: {} } });
    const code = await allow(browserOf(server), app, { resource: issuer });
    expect(await answerOf(await redeem(server, app, code, { resource: photos }))).toMatchObject({ error: "invalid_target" });
    expect((await redeem(server, app, code, { resource: issuer })).status).toBe(200);
  });

  it("refuses a resource of another origin where the person was asked about none, at refresh too", async () => {
    const photos = "https://photos.example.com/";
    const { server, app, code } = await aCode({ resources: { [issuer]: {}, [photos]: {} } });
    expect(await answerOf(await redeem(server, app, code, { resource: photos }))).toMatchObject({ error: "invalid_target" });
    const tokens = await tokensOf(await redeem(server, app, code, { resource: issuer }));
    expect(await answerOf(await refresh(server, app, tokens.refresh, { resource: photos }))).toMatchObject({ error: "invalid_target" });
  });

  it("refuses another client, and the code is still good for its own", async () => {
    const { server, app, code } = await aCode();
    const printer = await photoPrinter(server);
    const refused = await redeem(server, printer, code, { redirect_uri: app.redirectUri });
    expect(await answerOf(refused)).toMatchObject({ error: "invalid_grant" });
    expect(lastReason(server)).toBe("code was issued to another client");
    expect((await redeem(server, app, code)).status).toBe(200);
  });

  it("redeems a code until its last millisecond", async () => {
    const { server, app, code } = await aCode();
    server.clock.now += 60 * seconds - 1;
    expect((await redeem(server, app, code)).status).toBe(200);
  });

  it("refuses a code at its expiry", async () => {
    const { server, app, code } = await aCode();
    server.clock.now += 60 * seconds;
    expect(await answerOf(await redeem(server, app, code))).toMatchObject({ error: "invalid_grant" });
    expect(lastReason(server)).toBe("code has expired");
  });

  it("lives as long as the operator says", async () => {
    const { server, app, code } = await aCode({ codeLifetime: "10m" });
    server.clock.now += 600 * seconds - 1;
    expect((await redeem(server, app, code)).status).toBe(200);
  });

  it("gives no refresh token to a client without that grant type", async () => {
    const server = aServer();
    const app = await budgetApp(server, { grant_types: ["authorization_code"] });
    expect((await connect(server, app)).refresh).toBe("");
  });

  it("gives no refresh token where the operator issues none", async () => {
    const server = aServer({ refreshTokenLifetime: "off" });
    expect((await connect(server, await budgetApp(server))).refresh).toBe("");
  });

  it("gives a token without an end where tokens never expire and the grant has none: expires_in is absent", async () => {
    const { server, app, code } = await aCode({ accessTokenLifetime: "never", grantChoices: ["never"] });
    expect(await answerOf(await redeem(server, app, code))).not.toHaveProperty("expires_in");
  });
});

describe("a code that is redeemed twice, OAuth 2.1 §4.1.3, §7.5.3", () => {
  it("is refused, and what it had issued ends", async () => {
    const { server, app, code } = await aCode();
    const first = await tokensOf(await redeem(server, app, code));
    expect(await answerOf(await redeem(server, app, code))).toMatchObject({ error: "invalid_grant" });
    expect(await statusAtApi(server, first.access)).toBe(401);
    expect((await refresh(server, app, first.refresh)).status).toBe(400);
    expect(lastEvent(server, "code.replayed")).toMatchObject({ clientId: app.id, subject: "ada" });
  });

  it("ends also what came of it after two rotations", async () => {
    const { server, app, code } = await aCode();
    const first = await tokensOf(await redeem(server, app, code));
    const second = await tokensOf(await refresh(server, app, first.refresh));
    const third = await tokensOf(await refresh(server, app, second.refresh));
    await redeem(server, app, code);
    expect(await statusAtApi(server, third.access)).toBe(401);
    expect((await refresh(server, app, third.refresh)).status).toBe(400);
  });

  it("revokes nothing when whoever replays it lacks the verifier", async () => {
    const { server, app, code } = await aCode();
    const { access } = await tokensOf(await redeem(server, app, code));
    for (const more of [{ code_verifier: verifier.toLowerCase() }, { code_verifier: undefined }, { redirect_uri: "https://evil.example/" }])
      expect((await redeem(server, app, code, more)).status).toBe(400);
    expect(await statusAtApi(server, access)).toBe(200);
  });

  it("revokes nothing when another client replays it", async () => {
    const { server, app, code } = await aCode();
    const { access } = await tokensOf(await redeem(server, app, code));
    const other = await budgetApp(server);
    expect((await redeem(server, other, code)).status).toBe(400);
    expect(await statusAtApi(server, access)).toBe(200);
    expect(lastEvent(server, "code.replayed")).toBeUndefined();
  });

  it("gives one of thirty that come at once its tokens, and these stay good", async () => {
    const { server, app, code } = await aCode();
    const responses = await Promise.all(Array.from({ length: 30 }, () => redeem(server, app, code)));
    const [winner, ...others] = responses.filter(({ status }) => status === 200);
    expect(others).toHaveLength(0);
    expect(responses.filter(({ status }) => status === 400)).toHaveLength(29);
    expect(await statusAtApi(server, winner === undefined ? "" : (await tokensOf(winner)).access)).toBe(200);
  });

  it("revokes nothing when the loser had arrived before the winner was done, however slow its body is", async () => {
    const { server, app, code } = await aCode();
    const text = new URLSearchParams({ grant_type: "authorization_code", client_id: app.id, code, code_verifier: verifier }).toString();
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const init = { method: "POST", body: readable, duplex: "half", headers: { "content-type": "application/x-www-form-urlencoded" } };
    const slow = Promise.resolve(server.oauth.fetch(new Request(`${issuer}/oauth/token`, init)));
    server.clock.now += 10;
    const { access } = await tokensOf(await redeem(server, app, code));
    server.clock.now += 10;
    const writer = writable.getWriter();
    await writer.write(new TextEncoder().encode(text));
    await writer.close();
    expect((await slow).status).toBe(400);
    expect(await statusAtApi(server, access)).toBe(200);
  });
});

describe("a code that became void, OAuth 2.1 §4.1.2", () => {
  /** Ada has the app connected, and allows it once more. */
  async function aSecondCode() {
    const { server, app, code: first } = await aCode();
    await redeem(server, app, first);
    server.clock.now += 1000;
    const code = await allow(browserOf(server), app);
    return { server, app, code };
  }

  it("is void when the person disconnected the app later, by so little as a millisecond", async () => {
    const { server, app, code } = await aSecondCode();
    server.clock.now += 1;
    expect((await disconnect(server, app.id)).status).toBe(204);
    expect(await answerOf(await redeem(server, app, code))).toMatchObject({ error: "invalid_grant" });
    expect(lastReason(server)).toMatch(/^code was voided/);
  });

  it("is good when the app was disconnected in the very millisecond it was made", async () => {
    const { server, app, code } = await aSecondCode();
    expect((await disconnect(server, app.id)).status).toBe(204);
    expect((await redeem(server, app, code)).status).toBe(200);
  });

  it("is good when the person disconnected another app", async () => {
    const { server, app, code } = await aSecondCode();
    const printer = await photoPrinter(server);
    await connect(server, printer);
    server.clock.now += 1;
    expect((await disconnect(server, printer.id)).status).toBe(204);
    expect((await redeem(server, app, code)).status).toBe(200);
  });

  it("is void when the person signed out everywhere, or was disabled; another's is not", async () => {
    for (const end of ["voidCodes", "disableSubject"] as const) {
      const { server, app, code } = await aCode();
      const ofGrace = await allow(browserOf(server, "grace"), app);
      server.clock.now += 1;
      await server.oauth.admin[end]("ada");
      expect((await redeem(server, app, code)).status).toBe(400);
      expect((await redeem(server, app, ofGrace)).status).toBe(200);
    }
  });

  it("is refused to a client that was disabled since", async () => {
    const { server, app, code } = await aCode();
    await change(server, app, { disabledAt: server.clock.now });
    const refused = await redeem(server, app, code);
    expect(refused.status).toBe(401);
    expect(lastReason(server)).toBe("client is disabled");
  });
});

describe("failed client authentication, OAuth 2.1 §3.2.1", () => {
  it("never uses up a code", async () => {
    const server = aServer();
    const printer = await photoPrinter(server);
    const code = await allow(browserOf(server), printer);
    expect((await redeem(server, { ...printer, secret: "wrong" }, code)).status).toBe(401);
    expect((await redeem(server, printer, code)).status).toBe(200);
  });
});
