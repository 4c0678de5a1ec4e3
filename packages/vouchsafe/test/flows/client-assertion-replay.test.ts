import { describe, expect, it } from "vitest";
import { sqlite } from "../../src/store/sqlite/sqlite.ts";
import { answerOf, lastReason, sweep } from "../a-server.ts";
import { aPrinterWithKey, aSigningApp, claimsOf, isKnown, isRefused, sendAssertion, sign, verdict } from "../a-signer.ts";

const wanted = { grant_type: "refresh_token", refresh_token: "x" };

describe("an assertion that comes again, RFC 7523 §3", () => {
  it("is refused, at whichever endpoint", async () => {
    const { server, signer, app } = await aPrinterWithKey();
    const assertion = await sign(signer, claimsOf(server, app.id));
    expect(await verdict(server, assertion)).toEqual(isKnown);
    for (const path of ["/oauth/token", "/oauth/revoke", "/oauth/introspect", "/oauth/par"]) {
      const response = await sendAssertion(server, path, assertion, { ...wanted, token: "x" });
      expect([response.status, (await answerOf(response)).error, lastReason(server)]).toEqual([
        401,
        "invalid_client",
        "client_assertion was used before",
      ]);
    }
  });

  it("is good once when it comes ten times at once", async () => {
    const { server, signer, app } = await aPrinterWithKey();
    const assertion = await sign(signer, claimsOf(server, app.id));
    const verdicts = await Promise.all(Array.from({ length: 10 }, () => verdict(server, assertion)));
    expect(verdicts.filter(({ error }) => error === "invalid_grant").length).toBe(1);
    expect(verdicts.filter(({ error }) => error === "invalid_client").length).toBe(9);
  });

  it("is the same by its jti, though all else be new; another client's may have the same", async () => {
    const { server, signer, app } = await aPrinterWithKey();
    const other = await aSigningApp(server, [signer.publicKey]);
    const jti = "the same";
    expect(await verdict(server, await sign(signer, { ...claimsOf(server, app.id), jti }))).toEqual(isKnown);
    expect(await verdict(server, await sign(signer, { ...claimsOf(server, app.id), jti, exp: claimsOf(server, "")["exp"] }))).toEqual(
      isRefused,
    );
    expect(await verdict(server, await sign(signer, { ...claimsOf(server, other.id), jti }))).toEqual(isKnown);
  });

  it("is refused until it has expired, also after sweeps, and from then on for that", async () => {
    const { server, signer, app } = await aPrinterWithKey();
    const assertion = await sign(signer, claimsOf(server, app.id));
    await verdict(server, assertion);
    server.clock.now += 89_999;
    await sweep(server);
    expect([await verdict(server, assertion), lastReason(server)]).toEqual([isRefused, "client_assertion was used before"]);
    server.clock.now += 1;
    await sweep(server);
    expect([await verdict(server, assertion), lastReason(server)]).toEqual([isRefused, "client_assertion has expired"]);
  });

  it("is refused as long as it lives also where it ends within a second, RFC 7519 §2", async () => {
    const { server, signer, app } = await aPrinterWithKey();
    const claims = claimsOf(server, app.id);
    const assertion = await sign(signer, { ...claims, exp: Number(claims["exp"]) + 0.5 });
    expect(await verdict(server, assertion)).toEqual(isKnown);
    server.clock.now += 90_600;
    await sweep(server);
    expect(await verdict(server, assertion)).toEqual(isRefused);
  });

  it("may end at any fraction of a second, whatever the store", async () => {
    const store = sqlite(":memory:");
    const { server, signer, app } = await aPrinterWithKey({ store });
    const claims = claimsOf(server, app.id);
    expect(await verdict(server, await sign(signer, { ...claims, exp: Number(claims["exp"]) + 0.123456 }))).toEqual(isKnown);
    expect(server.errors).toEqual([]);
    await store.close();
  });

  it("was not used up where it was refused", async () => {
    const { server, signer, app } = await aPrinterWithKey();
    const early = await sign(signer, { ...claimsOf(server, app.id), nbf: claimsOf(server, "")["exp"] });
    expect(await verdict(server, early)).toEqual(isRefused);
    server.clock.now += 30_000;
    expect(await verdict(server, early)).toEqual(isKnown);
  });
});
