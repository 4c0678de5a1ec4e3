import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type RunningServer, startServer } from "../running-server.ts";
import { AccountHolder } from "./account-holder.ts";
import { LoopbackApp } from "./loopback-app.ts";
import { notesApi, readNotes } from "./notes-api.ts";

/** No client library manages registrations; what is changed here is then used by oauth4webapi, which checks every answer. RFC 7592 */
describe("an app that manages its own registration", () => {
  let server: RunningServer;
  let ada: AccountHolder;
  let budget: LoopbackApp;

  beforeAll(async () => {
    server = await startServer();
    ada = await AccountHolder.join(server, "ada");
    budget = await LoopbackApp.register(server.origin, "Household Budget");
  });
  afterAll(async () => {
    await budget.callback.close();
    await server.stop();
  });

  it("reads what is registered, at the address and with the token that its registration told", async () => {
    const { uri, token } = managementOf(budget);
    expect(new URL(uri).origin).toBe(server.origin);
    const read = await get({ uri, token });

    expect(read.status).toBe(200);
    expect(read.headers.get("cache-control")).toContain("no-store");
    expect(await read.json()).toMatchObject({
      client_id: budget.client.client_id,
      client_name: "Household Budget",
      redirect_uris: [budget.callback.redirectUri],
      token_endpoint_auth_method: "none",
      registration_client_uri: uri,
      registration_access_token: expect.any(String) as string,
    });
  });

  it("changes its name, which the person then reads when they are asked", async () => {
    const app = await another();
    const changed = await put(managementOf(app), { ...metadataOf(app), client_name: "Pocket Money" });
    expect(changed.status).toBe(200);
    expect(await changed.json()).toMatchObject({ client_id: app.client.client_id, client_name: "Pocket Money" });

    const consent = await ada.follow((await app.ask({ scope: "read" })).link);
    expect(consent.html).toContain("Pocket Money");
    expect(consent.html).not.toContain("Household Budget");
  });

  it("changes its redirect URI, and the old one is good for nothing", async () => {
    const app = await another();
    const redirect_uris = ["http://127.0.0.1:4000/elsewhere"];
    expect((await put(managementOf(app), { ...metadataOf(app), redirect_uris })).status).toBe(200);

    expect((await ada.follow((await app.ask({ scope: "read" })).link)).status).toBe(400);
    expect(app.callback.arrivals).toEqual([]);
  });

  it.each([
    { what: "another client's id", change: { client_id: "somebody-else" } },
    { what: "no id at all", change: { client_id: undefined } },
    { what: "a redirect URI that nobody may have", change: { redirect_uris: ["javascript:alert(1)"] } },
    { what: "a secret of its own choice", change: { client_secret: "made up" } },
  ])("may not put down $what, and stays as it was", async ({ change }) => {
    const refused = await put(managementOf(budget), { ...metadataOf(budget), ...change });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      error: expect.stringMatching(/^invalid_(client_metadata|redirect_uri|request)$/) as string,
    });

    expect(await (await get(managementOf(budget))).json()).toMatchObject(metadataOf(budget));
  });

  it("needs its own token: no other, and not none", async () => {
    const { uri, token } = managementOf(budget);
    for (const wrong of [managementOf(await another()).token, "made-up", ""]) {
      expect((await get({ uri, token: wrong })).status).toBe(401);
      expect((await put({ uri, token: wrong }, metadataOf(budget))).status).toBe(401);
      expect((await remove({ uri, token: wrong })).status).toBe(401);
    }
    expect((await get({ uri, token })).status).toBe(200);
  });

  it("takes its registration back, and with it everything that people allowed it", async () => {
    const app = await another();
    const asked = await app.ask({ scope: "read", resource: notesApi(server) });
    await ada.allow(asked.link, ["read"]);
    const tokens = await app.redeem(asked, await app.answer(asked));

    expect((await remove(managementOf(app))).status).toBe(204);
    expect((await get(managementOf(app))).status).toBe(401);
    expect(await readNotes(server, tokens.access_token)).toBe(401);
    await expect(app.refresh(tokens)).rejects.toMatchObject({ error: "invalid_client" });
    expect((await ada.connectedApps()).html).not.toContain(app.client.client_id);
  });

  async function another(): Promise<LoopbackApp> {
    const registered = await LoopbackApp.register(server.origin, "Household Budget");
    onTestFinished(registered.callback.close);
    return registered;
  }
});

interface Management {
  readonly uri: string;
  readonly token: string;
}

function managementOf({ client }: LoopbackApp): Management {
  const { registration_client_uri: uri, registration_access_token: token } = client;
  if (typeof uri !== "string" || typeof token !== "string") throw new Error("the registration says nothing of how to manage it");
  return { uri, token };
}

const metadataOf = ({ client, callback }: LoopbackApp) => ({
  client_id: client.client_id,
  client_name: "Household Budget",
  redirect_uris: [callback.redirectUri],
  grant_types: ["authorization_code", "refresh_token"],
  token_endpoint_auth_method: "none",
});

const authorized = ({ token }: Management) => ({ authorization: `Bearer ${token}` });
const get = (management: Management) => fetch(management.uri, { headers: authorized(management) });
const remove = (management: Management) => fetch(management.uri, { method: "DELETE", headers: authorized(management) });
const put = (management: Management, metadata: object) =>
  fetch(management.uri, {
    method: "PUT",
    headers: { ...authorized(management), "content-type": "application/json" },
    body: JSON.stringify(metadata),
  });
