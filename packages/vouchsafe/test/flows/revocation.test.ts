import { describe, expect, it } from "vitest";
import { connect } from "../a-person.ts";
import { answerOf, aServer, budgetApp, lastEvent, photoPrinter, post, refresh, revoke, send, statusAtApi } from "../a-server.ts";

describe("revocation endpoint, RFC 7009 §2", () => {
  it("ends an access token alone", async () => {
    const server = aServer();
    const app = await budgetApp(server);
    const tokens = await connect(server, app);
    const response = await revoke(server, app, tokens.access);
    expect([response.status, await response.text()]).toEqual([200, "{}"]);
    expect(await statusAtApi(server, tokens.access)).toBe(401);
    expect((await refresh(server, app, tokens.refresh)).status).toBe(200);
    // With the person: a store finds the events of a grant among theirs.
    expect(lastEvent(server, "token.revoked")).toMatchObject({ clientId: app.id, subject: "ada" });
  });

  it("ends a refresh token with its grant and every access token", async () => {
    const server = aServer();
    const app = await budgetApp(server);
    const [kept, ended] = [await connect(server, app), await connect(server, app)];
    expect((await revoke(server, app, ended.refresh)).status).toBe(200);
    expect((await refresh(server, app, ended.refresh)).status).toBe(400);
    expect(await statusAtApi(server, ended.access)).toBe(401);
    expect(await statusAtApi(server, kept.access)).toBe(200);
    expect(lastEvent(server, "grant.revoked")).toMatchObject({ by: "client", clientId: app.id, subject: "ada" });
  });

  it("takes no notice of a wrong token_type_hint", async () => {
    const server = aServer();
    const app = await budgetApp(server);
    const { refresh: token } = await connect(server, app);
    expect((await send(server, app, "/oauth/revoke", { token, token_type_hint: "access_token" })).status).toBe(200);
    expect((await refresh(server, app, token)).status).toBe(400);
  });

  it("leaves another client's tokens alone, with the same answer as for one that never was", async () => {
    const server = aServer();
    const app = await budgetApp(server);
    const printer = await photoPrinter(server);
    const { access, refresh: token } = await connect(server, app);
    const never = await revoke(server, printer, `vs_at_${"A".repeat(49)}`);
    for (const other of [access, token, "nonsense"]) {
      const response = await revoke(server, printer, other);
      expect([response.status, await response.text(), [...response.headers]]).toEqual([
        200,
        await never.clone().text(),
        [...never.headers],
      ]);
    }
    expect(await statusAtApi(server, access)).toBe(200);
    expect((await refresh(server, app, token)).status).toBe(200);
  });

  it("answers a second time as the first", async () => {
    const server = aServer();
    const app = await budgetApp(server);
    const { refresh: token } = await connect(server, app);
    const first = await revoke(server, app, token);
    const again = await revoke(server, app, token);
    expect([again.status, await again.text()]).toEqual([first.status, await first.text()]);
    expect(server.events.filter(({ type }) => type === "grant.revoked")).toHaveLength(1);
  });

  it.each(["", undefined])("refuses a blank token: %j", async (token) => {
    const server = aServer();
    const response = await send(server, await budgetApp(server), "/oauth/revoke", { token });
    expect(response.status).toBe(400);
    expect(await answerOf(response)).toMatchObject({ error: "invalid_request" });
  });

  it("refuses whoever does not say or prove who it is, and ends nothing", async () => {
    const server = aServer();
    const printer = await photoPrinter(server);
    const { access } = await connect(server, printer);
    expect((await post(server, "/oauth/revoke", { token: access })).status).toBe(401);
    expect((await post(server, "/oauth/revoke", { token: access, client_id: printer.id })).status).toBe(401);
    expect((await revoke(server, { ...printer, secret: "wrong" }, access)).status).toBe(401);
    expect(await statusAtApi(server, access)).toBe(200);
  });

  it("ends one client_credentials token and touches no other", async () => {
    const server = aServer();
    const service = await photoPrinter(server, { redirectUris: [] });
    const issue = async (): Promise<string> =>
      (await answerOf(await send(server, service, "/oauth/token", { grant_type: "client_credentials" }))).access_token ?? "";
    const [ended, kept] = [await issue(), await issue()];
    await revoke(server, service, ended);
    expect([await statusAtApi(server, ended), await statusAtApi(server, kept)]).toEqual([401, 200]);
  });

  it("never says that it revoked when storage failed", async () => {
    const server = aServer();
    const app = await budgetApp(server);
    const { access } = await connect(server, app);
    const broken = { ...server.store, revokeToken: () => Promise.reject(new Error("the disk is full")) };
    const response = await revoke(aServer({ store: broken }), app, access);
    expect(response.status).toBeGreaterThanOrEqual(500);
    expect(await statusAtApi(server, access)).toBe(200);
  });
});
