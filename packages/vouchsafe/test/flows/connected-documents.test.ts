import { describe, expect, it } from "vitest";
import { type Browser, browserOf, connect, open, readPage, submit } from "../a-person.ts";
import { lastEvent, refresh, statusAtApi } from "../a-server.ts";
import { aLocalServer, aSite, publish } from "../a-site.ts";

const path = "/my/connected_apps";

async function aConnection() {
  const [server, site] = [aLocalServer(), await aSite()];
  const app = publish(site);
  return { server, site, app, tokens: await connect(server, app), browser: browserOf(server) };
}
interface Listed {
  readonly id: string;
  readonly client_id: string;
  readonly connections: readonly { readonly id: string }[];
}
const list = async (browser: Browser): Promise<readonly Listed[]> =>
  ((await (await open(browser, path, { accept: "application/json" })).json()) as { connected_apps: readonly Listed[] }).connected_apps;
const remove = ({ server, cookies }: Browser, id: string): Promise<Response> =>
  Promise.resolve(
    server.oauth.fetch(
      new Request(`${server.issuer}${path}/${id}`, { method: "DELETE", headers: { cookie: `session=${cookies.get("session")}` } }),
    ),
  );

describe("a connected app whose id is a URL", () => {
  it("is in the list by its URL, and in paths by a name that is none", async () => {
    const { browser, app } = await aConnection();
    const [listed] = await list(browser);
    expect(listed).toMatchObject({ client_id: app.id, client_name: "Photo printer" });
    expect(listed?.id).toMatch(/^[\w-]{22}$/);
    const { html } = await readPage(await open(browser, path));
    expect(html).toContain(`href="${path}/${listed?.id}/disconnect"`);
    expect(html).not.toContain(`${path}/${app.id}`);
  });

  it("is disconnected by its form, and the page says which it was", async () => {
    const { server, browser, app, tokens } = await aConnection();
    const [listed] = await list(browser);
    const page = await readPage(await open(browser, `${path}/${listed?.id}/disconnect`));
    expect(page.html).toContain("Photo printer");
    const ended = await submit(browser, page.action, page.hidden);
    expect(ended.status).toBe(303);
    expect(await (await open(browser, ended.headers.get("location") ?? "")).text()).toContain("has been disconnected.");
    expect(lastEvent(server, "client.disconnected")).toMatchObject({ clientId: app.id, subject: "ada" });
    expect([await statusAtApi(server, tokens.access), (await refresh(server, app, tokens.refresh)).status]).toEqual([401, 400]);
    expect(await list(browser)).toEqual([]);
  });

  it("is disconnected by a script, all of it or one connection, and by nobody else", async () => {
    const { server, browser, app, tokens } = await aConnection();
    server.clock.now += 1;
    const second = await connect(server, app);
    const [listed] = await list(browser);
    expect(listed?.connections.length).toBe(2);
    for (const id of [listed?.id ?? "", listed?.connections[0]?.id ?? ""])
      expect((await remove(browserOf(server, "grace"), id)).status).toBe(404);
    expect((await remove(browser, listed?.connections[0]?.id ?? "")).status).toBe(204);
    expect([await statusAtApi(server, tokens.access), await statusAtApi(server, second.access)]).toEqual([200, 401]);
    expect((await remove(browser, listed?.id ?? "")).status).toBe(204);
    expect(await statusAtApi(server, tokens.access)).toBe(401);
  });

  it("is another one than that of another path of the same site", async () => {
    const { server, site, browser, tokens } = await aConnection();
    const other = publish(site, { client_name: "Poster printer" }, {}, "/posters.json");
    await connect(server, other);
    const listed = await list(browser);
    expect(new Set(listed.map(({ id }) => id)).size).toBe(2);
    await remove(browser, listed.find(({ client_id: id }) => id === other.id)?.id ?? "");
    expect((await list(browser)).map(({ client_id: id }) => id)).toEqual([`${site.origin}/client.json`]);
    expect(await statusAtApi(server, tokens.access)).toBe(200);
  });

  it("cannot be named by its URL in a path", async () => {
    const { server, browser, app, tokens } = await aConnection();
    for (const id of [encodeURIComponent(app.id), app.id, encodeURIComponent(encodeURIComponent(app.id))])
      expect((await remove(browser, id)).status).toBe(404);
    expect(await statusAtApi(server, tokens.access)).toBe(200);
    expect(server.errors).toEqual([]);
  });
});
