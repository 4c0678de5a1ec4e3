import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type Page, Person } from "../person.ts";
import { freePort, type RunningServer, startServer } from "../running-server.ts";
import { AccountHolder } from "./account-holder.ts";
import { readNotes } from "./notes-api.ts";
import { createClient, createWebApp, type OperatorClient } from "./operator-client.ts";
import { type Connection, openSite } from "./passport-site.ts";

describe("a web site that uses passport, with passport-oauth2", () => {
  let server: RunningServer;
  let ada: AccountHolder;

  beforeAll(async () => {
    server = await startServer();
    ada = await AccountHolder.join(server, "ada");
  });
  afterAll(() => server.stop());

  it("is given tokens in its verify callback when a person signs in and allows it", async () => {
    const { visitor, link } = await visit((redirectUri) => createWebApp(server, redirectUri, "client_secret_post"));
    expect(link.searchParams.get("code_challenge_method")).toBe("S256");
    expect(link.searchParams.get("state")).not.toBe("");

    const { accessToken, refreshToken, scope } = connectionOf(await back(visitor, await ada.allowing(link, ["read"])));
    expect(scope).toBe("read");
    expect(refreshToken).not.toBe("");
    expect(await readNotes(server, accessToken)).toBe(200);
  });

  it("is given them as a public client too, which sends its secret empty", async () => {
    const { visitor, link } = await visit((redirectUri) =>
      createClient(server, ["--name", "Household Budget", "--public", "--redirect-uri", redirectUri]),
    );

    const { accessToken } = connectionOf(await back(visitor, await ada.allowing(link, ["read"])));
    expect(await readNotes(server, accessToken)).toBe(200);
  });

  it("is told that the person doesn't allow it", async () => {
    const { visitor, link } = await visit((redirectUri) => createWebApp(server, redirectUri, "client_secret_post"));

    expect((await back(visitor, await ada.denying(link))).status).toBe(403);
  });

  it("is told invalid_client when its secret is wrong", async () => {
    const { visitor, link } = await visit(async (redirectUri) => ({
      ...(await createWebApp(server, redirectUri, "client_secret_post")),
      client_secret: "guessed",
    }));
    const refused = await back(visitor, await ada.allowing(link, ["read"]));

    expect(refused.status).toBe(502);
    expect(JSON.parse(refused.html)).toMatchObject({ error: "invalid_client" });
  });

  /** Somebody at the site asks to connect, and is sent to the server. */
  async function visit(register: (redirectUri: string) => Promise<OperatorClient>): Promise<{ visitor: Person; link: URL }> {
    const port = await freePort();
    const origin = `http://127.0.0.1:${port}`;
    const { client_id, client_secret } = await register(`${origin}/callback`);
    onTestFinished(
      await openSite(port, {
        authorizationURL: `${server.origin}/oauth/authorize`,
        tokenURL: `${server.origin}/oauth/token`,
        clientID: client_id,
        clientSecret: client_secret,
        callbackURL: `${origin}/callback`,
        scope: ["read"],
        state: true,
        pkce: true,
      }),
    );
    const visitor = new Person(origin);
    return { visitor, link: (await visitor.open("/connect")).leadsTo() };
  }

  const back = (visitor: Person, place: URL): Promise<Page> => visitor.open(place.pathname + place.search);
});

function connectionOf(page: Page): Connection {
  expect(page.html).toContain("accessToken");
  return JSON.parse(page.html) as Connection;
}
