import { describe, expect, it } from "vitest";
import { type Browser, browserOf, consentPage, goOn, press, readPage } from "../a-person.ts";
import { aPushed, openPushed } from "../a-pushed-request.ts";
import {
  type App,
  aServer,
  budgetApp,
  change,
  issuer,
  lastEvent,
  lastReason,
  photoPrinter,
  redeem,
  register,
  type Server,
} from "../a-server.ts";

async function pressed(browser: Browser, response: Response, app: App): Promise<number> {
  const second = await readPage(response);
  const { target } = await goOn(browser, await press(browser, second, "allow"));
  return (await redeem(browser.server, app, target.searchParams.get("code") ?? "")).status;
}
const consents = ({ events }: Server): number => events.filter(({ type }) => type.startsWith("consent.")).length;

describe("a client that changes while somebody looks at its page", () => {
  it("asks again where it renamed itself, RFC 7592 §2.2", async () => {
    const server = aServer();
    const metadata = { client_name: "Budget app", redirect_uris: ["http://127.0.0.1/callback"], token_endpoint_auth_method: "none" };
    const registered = (await (await register(server, metadata)).json()) as { client_id: string; registration_access_token: string };
    const app: App = { id: registered.client_id, secret: "", method: "none", redirectUri: "http://127.0.0.1/callback" };
    const browser = browserOf(server);
    const page = await consentPage(browser, app);
    const headers = { "content-type": "application/json", authorization: `Bearer ${registered.registration_access_token}` };
    const body = JSON.stringify({ ...metadata, client_id: app.id, client_name: "Notes itself" });
    const updated = await server.oauth.fetch(new Request(`${issuer}/oauth/register/${app.id}`, { method: "PUT", headers, body }));
    expect(updated.status).toBe(200);
    const again = await press(browser, page, "allow");
    expect([again.status, consents(server)]).toEqual([200, 0]);
    const copy = again.clone();
    expect(await copy.text()).toContain("&quot;Notes itself&quot;");
    expect(await pressed(browser, again, app)).toBe(200);
  });

  it("asks again where it proves itself otherwise, also through a pushed request, and that is still one", async () => {
    const { server, app, browser, uri } = await aPushed();
    const page = await readPage(await openPushed(browser, app, uri));
    await change(server, app, { authMethod: "client_secret_post" });
    const again = await press(browser, page, "allow");
    expect([again.status, consents(server)]).toEqual([200, 0]);
    expect(await pressed(browser, again, { ...app, method: "client_secret_post" })).toBe(200);
    expect([lastEvent(server, "consent.allowed")?.grantId, consents(server)]).toEqual([uri.split(":").at(-1), 1]);
    expect((await openPushed(browser, app, uri)).status).toBe(400);
  });

  it("asks nothing again where nothing that people agree to has changed", async () => {
    const server = aServer();
    const [app, browser] = [await photoPrinter(server), browserOf(server)];
    const page = await consentPage(browser, app);
    await change(server, app, { metadata: { tos_uri: "https://printer.example/terms" } });
    await server.oauth.admin.rotateSecret(app.id, 60_000);
    expect((await press(browser, page, "allow")).status).toBe(303);
  });

  it("gets no more than it may have by then", async () => {
    const server = aServer();
    const [app, browser] = [await photoPrinter(server), browserOf(server)];
    const page = await consentPage(browser, app, { scope: "read share" });
    await change(server, app, { scope: ["read"] });
    const refused = await press(browser, page, "allow");
    expect([refused.status, refused.headers.get("location"), consents(server)]).toEqual([400, null, 0]);
    expect(lastReason(server)).toBe("a requested scope is unknown or not allowed");
  });

  it("is told nothing where it is gone or disabled, and neither is anybody redirected", async () => {
    for (const end of ["disableClient", "deleteClient"] as const) {
      const server = aServer();
      const [app, browser] = [await budgetApp(server), browserOf(server)];
      const page = await consentPage(browser, app);
      await server.oauth.admin[end](app.id);
      for (const decision of ["allow", "deny"] as const) {
        const refused = await press(browser, page, decision);
        expect([refused.status, refused.headers.get("location")]).toEqual([400, null]);
      }
      expect(consents(server)).toBe(0);
    }
  });
});
