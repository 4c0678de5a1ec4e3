import * as oauth from "oauth4webapi";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type RunningServer, startServer } from "../running-server.ts";
import { AccountHolder } from "./account-holder.ts";
import { LoopbackApp, onLoopback } from "./loopback-app.ts";

const invalidGrant = { name: "ResponseBodyError", error: "invalid_grant", status: 400 };

describe("what an independent OAuth client, oauth4webapi, is told when it is refused", () => {
  let server: RunningServer;
  let ada: AccountHolder;
  let budget: LoopbackApp;
  let printer: LoopbackApp;

  beforeAll(async () => {
    server = await startServer();
    ada = await AccountHolder.join(server, "ada");
    budget = await LoopbackApp.register(server.origin, "Household Budget");
    printer = await LoopbackApp.register(server.origin, "Photo Printer");
  });
  afterAll(async () => {
    await Promise.all([budget.callback.close(), printer.callback.close()]);
    await server.stop();
  });

  it("access_denied, with state and iss, when the person doesn't allow it", async () => {
    const asked = await budget.ask({ scope: "read" });
    await ada.deny(asked.link);

    await expect(budget.answer(asked)).rejects.toMatchObject({ name: "AuthorizationResponseError", error: "access_denied" });
  });

  it.each([
    { error: "invalid_scope", parameters: { scope: "read everything" } },
    { error: "invalid_target", parameters: { resource: "https://bank.example/api" } },
    { error: "invalid_request", parameters: { code_challenge_method: "plain" } },
    { error: "unsupported_response_type", parameters: { response_type: "token" } },
  ])("$error, with state and iss and before anybody signs in, when it asks for $parameters", async ({ error, parameters }) => {
    const asked = await budget.ask(parameters);
    await (await fetch(asked.link)).body?.cancel();

    await expect(budget.answer(asked)).rejects.toMatchObject({ name: "AuthorizationResponseError", error });
  });

  it("invalid_grant when a code is redeemed twice, and what it had issued stops working", async () => {
    const asked = await budget.ask({ resource: `${server.origin}/api/notes` });
    await ada.allow(asked.link, ["read"]);
    const answer = await budget.answer(asked);
    const tokens = await budget.redeem(asked, answer);
    const call = () =>
      oauth.protectedResourceRequest(tokens.access_token, "GET", new URL("/api/notes", server.origin), undefined, undefined, onLoopback);
    expect((await call()).status).toBe(200);

    await expect(budget.redeem(asked, answer)).rejects.toMatchObject(invalidGrant);
    await expect(call()).rejects.toMatchObject({ status: 401 });
    await expect(budget.refresh(tokens)).rejects.toMatchObject(invalidGrant);
  });

  it("invalid_grant for another app's code, which stays good for the app it was meant for", async () => {
    const asked = await budget.ask();
    await ada.allow(asked.link, ["read"]);
    const answer = await budget.answer(asked);
    // The thief knows everything that the app remembers, its verifier too: only the client tells them apart.
    const stolen = oauth.validateAuthResponse(printer.server, printer.client, answer, asked.state);

    await expect(printer.redeem(asked, stolen)).rejects.toMatchObject(invalidGrant);
    expect((await budget.redeem(asked, answer)).scope).toBe("read");
  });

  it("invalid_grant for a wrong code verifier", async () => {
    const asked = await budget.ask();
    await ada.allow(asked.link, ["read"]);

    await expect(
      budget.redeem({ ...asked, verifier: oauth.generateRandomCodeVerifier() }, await budget.answer(asked)),
    ).rejects.toMatchObject(invalidGrant);
  });

  it("invalid_grant for another app's refresh token, which stays good for the app it was meant for", async () => {
    const asked = await budget.ask();
    await ada.allow(asked.link, ["read"]);
    const tokens = await budget.redeem(asked, await budget.answer(asked));

    await expect(printer.refresh(tokens)).rejects.toMatchObject(invalidGrant);
    expect((await budget.refresh(tokens)).scope).toBe("read");
  });

  it("insufficient_scope, with the scopes it would need, when it writes with a token that may only read", async () => {
    const resource = `${server.origin}/api/notes`;
    const asked = await budget.ask({ resource });
    await ada.allow(asked.link, ["read"]);
    const { access_token } = await budget.redeem(asked, await budget.answer(asked));
    const headers = new Headers({ "content-type": "application/json" });

    await expect(
      oauth.protectedResourceRequest(access_token, "POST", new URL(resource), headers, '{"text":"Rent"}', onLoopback),
    ).rejects.toMatchObject({
      status: 403,
      cause: [{ scheme: "bearer", parameters: { error: "insufficient_scope", scope: "read write" } }],
    });
  });
});

describe("where authorization codes live one second", () => {
  it("invalid_grant for a code that arrives too late", async () => {
    const server = await startServer({ environment: { OAUTH_CODE_LIFETIME: "1" } });
    onTestFinished(async () => void (await server.stop()));
    const grace = await AccountHolder.join(server, "grace");
    const budget = await LoopbackApp.register(server.origin, "Household Budget");
    onTestFinished(budget.callback.close);
    const asked = await budget.ask();
    await grace.allow(asked.link, ["read"]);
    const answer = await budget.answer(asked);
    await new Promise((resolve) => setTimeout(resolve, 2_000));

    await expect(budget.redeem(asked, answer)).rejects.toMatchObject(invalidGrant);
  });
});
