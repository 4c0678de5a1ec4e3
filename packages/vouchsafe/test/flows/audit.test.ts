import { describe, expect, it } from "vitest";
import type { AuditEvent } from "../../src/audit.ts";
import { allow, browserOf, connect, consentPage, goOn, open, press, tokensOf } from "../a-person.ts";
import {
  aServer,
  basic,
  budgetApp,
  get,
  issuer,
  like,
  photoPrinter,
  post,
  redeem,
  refresh,
  register,
  revoke,
  type Server,
  send,
  statusAtApi,
  verifier,
} from "../a-server.ts";

const typesOf = ({ events }: Server): string[] => events.map(({ type }) => type);

describe("the audit", () => {
  it("records every change of a connection's life, with who, which app and from where", async () => {
    const server = aServer();
    const app = await budgetApp(server);
    const browser = browserOf(server);
    const tokens = await connect(server, app, {}, {}, browser);
    await press(browser, await consentPage(browser, app), "deny");
    const next = await tokensOf(await refresh(server, app, tokens.refresh));
    await revoke(server, app, next.access);
    await revoke(server, app, next.refresh);
    await server.oauth.admin.disableSubject("ada");
    expect(typesOf(server)).toEqual([
      "client.registered",
      "consent.allowed",
      "token.issued",
      "consent.denied",
      "token.refreshed",
      "token.revoked",
      "grant.revoked",
      "subject.disabled",
    ]);
    const [, allowed, issued] = server.events;
    for (const event of [allowed, issued])
      expect(event).toMatchObject({
        at: server.clock.now,
        clientId: app.id,
        subject: "ada",
        address: "203.0.113.7",
        requestId: like(/\S/),
      });
    expect(allowed && "grantId" in allowed && allowed.grantId).toBe(issued && "grantId" in issued && issued.grantId);
  });

  it("names the private reason of every refusal, and where it happened", async () => {
    const server = aServer();
    const app = await budgetApp(server);
    const [browser, printer] = [browserOf(server), await photoPrinter(server)];
    const [code, tokens] = [await allow(browser, app), await connect(server, app, { scope: "read" })];
    await redeem(server, app, "nonsense");
    await redeem(server, app, code, { code_verifier: verifier.slice(1) });
    await send(server, { ...printer, secret: "wrong" }, "/oauth/introspect", { token: "x" });
    await register(server, { redirect_uris: ["data:x"] });
    await open(browser, "/oauth/authorize?client_id=nobody");
    await statusAtApi(server, `vs_at_${"A".repeat(49)}`);
    await server.oauth.authenticate(new Request(issuer, { headers: { authorization: `Bearer ${tokens.access}` } }), { scope: "share" });
    await get(server, "/oauth/token");
    const refusals = server.events.flatMap((event) =>
      "reason" in event ? [[event.type, "endpoint" in event ? event.endpoint : "", event.reason]] : [],
    );
    expect(refusals).toEqual([
      ["request.refused", "token", "code was not issued here"],
      ["request.refused", "token", "code_verifier does not match"],
      ["client.authentication_failed", "introspect", "client secret is wrong"],
      ["request.refused", "register", "registration: a redirect URI has a dangerous scheme"],
      ["client.authentication_failed", "authorize", "client is unknown"],
      ["request.refused", "resource", "access token is unknown"],
      ["scope.violated", "resource", "scope share is needed"],
      ["request.refused", "token", "method is not POST, OPTIONS"],
    ]);
  });

  it("counts refusals that repeat, rather than write each", async () => {
    const server = aServer();
    const printer = await photoPrinter(server);
    for (let time = 0; time < 50; time++) await post(server, "/oauth/token", {}, basic(printer.id, `wrong ${time}`));
    await server.oauth.close();
    const counts = server.events.flatMap((event) => ("count" in event ? [event.count] : []));
    expect(counts).toEqual([1, 49]);
  });

  it("counts also those whose sender varies what is in them", async () => {
    const server = aServer();
    for (let time = 0; time < 50; time++) await post(server, "/oauth/token", `x${time}=1&x${time}=2`);
    await server.oauth.close();
    expect(server.events.length).toBeLessThanOrEqual(2);
  });

  it("calls the host app's listener with every event", async () => {
    const heard: AuditEvent[] = [];
    const server = aServer({ onEvent: (event) => heard.push(event) });
    await connect(server, await budgetApp(server));
    expect(heard).toEqual(server.events);
    expect(heard.length).toBeGreaterThan(2);
  });

  it("takes refusals of the host app's own", async () => {
    const server = aServer();
    server.oauth.noteRefusal("sign-in", { at: server.clock.now, type: "sign_in.failed", reason: "wrong password", subject: "ada" });
    expect(server.events).toEqual([{ at: server.clock.now, type: "sign_in.failed", reason: "wrong password", subject: "ada", count: 1 }]);
  });

  it("holds no credential of any kind, nor do reported errors, whatever went right or wrong", async () => {
    const server = aServer();
    const [app, printer] = [await budgetApp(server), await photoPrinter(server)];
    const { token: registrationToken } = await server.oauth.admin.createRegistrationToken(1);
    const browser = browserOf(server);
    const decided = await press(browser, await consentPage(browser, app), "allow");
    const answer = new URL(decided.headers.get("location") ?? "", issuer).searchParams.get("r") ?? "";
    const code = (await goOn(browser, decided)).target.searchParams.get("code") ?? "";
    const first = await tokensOf(await redeem(server, app, code));
    const second = await tokensOf(await refresh(server, app, first.refresh));
    const { access: own } = await connect(server, printer);

    // Each in its place and in others' places.
    for (const secret of [code, first.access, first.refresh, own, printer.secret, registrationToken, answer, verifier]) {
      await redeem(server, app, secret);
      await refresh(server, app, secret);
      await revoke(server, printer, secret);
      await statusAtApi(server, secret);
      await register(server, { client_name: 7, software_id: secret }, { authorization: `Bearer ${secret}` });
      await open(browserOf(server, "grace"), `/oauth/done?r=${secret}`);
      await open(browser, `/oauth/authorize?client_id=${app.id}&redirect_uri=${secret}&state=${secret}`);
      await post(server, "/oauth/token", { client_id: printer.id, client_secret: secret, code: secret }, basic(printer.id, secret));
      await post(server, "/oauth/token", `code=${secret}&code=${secret}&client_secret=${secret}`);
      await post(server, "/oauth/introspect", { token: secret }, basic(printer.id, secret));
    }
    await redeem(server, app, code);
    await server.oauth.close();

    const written = JSON.stringify([server.events, server.errors]);
    const secrets = {
      code,
      answer,
      ...first,
      next: second.access,
      successor: second.refresh,
      own,
      secret: printer.secret,
      registrationToken,
      verifier,
    };
    expect(Object.entries(secrets).filter(([, secret]) => secret === "" || written.includes(secret.slice(0, 30)))).toEqual([]);
    expect(server.events.length).toBeGreaterThan(20);
    expect(server.errors).toEqual([]);
  });
});

describe("the secret of a database", () => {
  const options = (secret: string | readonly string[], store = aServer().store): Parameters<typeof aServer>[0] => ({ secret, store });
  const [old, newer] = ["the secret that came first, 32 bytes long", "the secret that took its place, also long"];

  it("is ready with the secret it was made with, and refuses another", async () => {
    const { store, oauth } = aServer(options(old));
    await oauth.ready();
    await expect(aServer(options(newer, store)).oauth.ready()).rejects.toThrow("secret: this database was made with another secret");
  });

  it("can be replaced while codes are on their way, and then stand alone", async () => {
    const before = aServer(options(old));
    await before.oauth.ready();
    const app = await budgetApp(before);
    const code = await allow(browserOf(before), app);
    const during = aServer(options([newer, old], before.store));
    await during.oauth.ready();
    expect((await redeem(during, app, code)).status).toBe(200);
    await aServer(options(newer, before.store)).oauth.ready();
    await expect(aServer(options(old, before.store)).oauth.ready()).rejects.toThrow(/another secret/);
  });
});
