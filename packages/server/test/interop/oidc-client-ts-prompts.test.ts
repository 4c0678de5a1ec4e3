import { type CreateSigninRequestArgs, InMemoryWebStorage, OidcClient, WebStorageStateStore } from "oidc-client-ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Page } from "../person.ts";
import { type RunningServer, startServer } from "../running-server.ts";
import { AccountHolder } from "./account-holder.ts";
import { type LoopbackCallback, listenForCallback } from "./loopback-callback.ts";
import { createClient } from "./operator-client.ts";

describe("an independent OAuth client, oidc-client-ts, that says how the person is to be asked", () => {
  let server: RunningServer;
  let callback: LoopbackCallback;
  let ada: AccountHolder;
  let budget: OidcClient;

  beforeAll(async () => {
    server = await startServer();
    callback = await listenForCallback();
    ada = await AccountHolder.join(server, "ada");
    const flags = ["--name", "Household Budget", "--public", "--redirect-uri", callback.redirectUri];
    budget = new OidcClient({
      authority: server.origin,
      metadataUrl: `${server.origin}/.well-known/oauth-authorization-server`,
      client_id: (await createClient(server, flags)).client_id,
      redirect_uri: callback.redirectUri,
      scope: "read",
      stateStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
    });
    // She is signed in from here on.
    await ada.allow(await ask({}), ["read"]);
    await callback.next();
  });
  afterAll(async () => {
    await callback.close();
    await server.stop();
  });

  it("goes straight to consent for somebody who is signed in", async () => {
    const page = await ada.look(await ask({}));

    expect(asksForPassword(page)).toBe(false);
    expect(asksForConsent(page)).toBe(true);
  });

  it.each(["login", "select_account"])("has the person sign in again, once, with prompt=%s", async (prompt) => {
    const link = await ask({ prompt });
    expect(asksForPassword(await ada.look(link))).toBe(true);

    await ada.allow(link, ["read"]);
    expect(await budget.processSigninResponse(await arrival())).toMatchObject({ scope: "read" });
  });

  it("has the person asked with prompt=consent, and does not have them sign in again", async () => {
    const page = await ada.look(await ask({ prompt: "consent" }));

    expect(asksForPassword(page)).toBe(false);
    expect(asksForConsent(page)).toBe(true);
  });

  it("has the person sign in again, once, where that was longer ago than max_age", async () => {
    expect(asksForPassword(await ada.look(await ask({ max_age: 3_600 })))).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    const link = await ask({ max_age: 1 });
    expect(asksForPassword(await ada.look(link))).toBe(true);

    await ada.allow(link, ["read"]);
    expect(await budget.processSigninResponse(await arrival())).toMatchObject({ scope: "read" });
  });

  it("is told consent_required with prompt=none, since a person is asked every time", async () => {
    await (await fetch((await ada.look(await ask({ prompt: "none" }))).leadsTo())).body?.cancel();

    await expect(budget.processSigninResponse(await arrival())).rejects.toMatchObject({ error: "consent_required" });
  });

  it("is told login_required with prompt=none where nobody is signed in", async () => {
    await (await fetch(await ask({ prompt: "none" }))).body?.cancel();

    await expect(budget.processSigninResponse(await arrival())).rejects.toMatchObject({ error: "login_required" });
  });

  const ask = async (how: CreateSigninRequestArgs): Promise<URL> => new URL((await budget.createSigninRequest(how)).url);

  const arrival = async () => `${callback.redirectUri}?${(await callback.next()).toString()}`;
});

const asksForPassword = ({ html }: Page): boolean => html.includes('name="password"');
const asksForConsent = ({ html }: Page): boolean => html.includes('name="decision"');
