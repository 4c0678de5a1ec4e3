import { describe, expect, it } from "vitest";
import { authorizePath, browserOf, connect, open } from "../a-person.ts";
import { aServer, lastReason, post } from "../a-server.ts";
import { aLocalServer, aSite, publish } from "../a-site.ts";

const unknown = "We don&#39;t know this app";

describe("which URLs may be a client's, Client ID Metadata Document §3", () => {
  it.each([
    "https://printer.example",
    "https://printer.example/",
    "http://printer.example/client.json",
    "https://printer.example/../client.json",
    "https://ada@printer.example/client.json",
    "https://printer.example/client.json#x",
    "https://printer.example:8443/client.json",
    "https://printer.local/client.json",
    "https://printer/client.json",
    "HTTPS://printer.example/client.json",
    " https://printer.example/client.json",
  ])("are not %j: nobody is asked, and the page says that the app is unknown", async (id) => {
    const server = aServer();
    const response = await open(
      browserOf(server),
      authorizePath({ id, secret: "", method: "none", redirectUri: "https://printer.example/" }),
    );
    expect([response.status, (await response.text()).includes(unknown)]).toEqual([400, true]);
    expect(lastReason(server)).toBe("client id is no URL that a document may have");
  });

  it("are never our own", async () => {
    const server = aLocalServer();
    const app = { id: "http://localhost:4000/client.json", secret: "", method: "none", redirectUri: "https://printer.example/" } as const;
    expect((await open(browserOf(server), authorizePath(app))).status).toBe(400);
    expect(lastReason(server)).toBe("client id is no URL that a document may have");
  });

  it("are those of trusted hosts alone where there is a list", async () => {
    const [trusted, other] = [await aSite(), await aSite()];
    const server = aLocalServer({ clientIdMetadata: { allowLoopback: true, mode: "allowlist", trustedHosts: [trusted.host] } });
    expect((await open(browserOf(server), authorizePath(publish(trusted)))).status).toBe(200);
    expect((await open(browserOf(server), authorizePath(publish(other)))).status).toBe(400);
    expect([lastReason(server), other.asked]).toEqual(["client id's host is not on the list", []]);
  });

  it("are none where documents are switched off", async () => {
    const site = await aSite();
    const server = aLocalServer({ clientIdMetadata: false });
    const app = publish(site);
    const response = await open(browserOf(server), authorizePath(app));
    expect([response.status, (await response.text()).includes(unknown), site.asked]).toEqual([400, true, []]);
    expect((await post(server, "/oauth/par", authorizePath(app).split("?")[1] ?? "")).status).toBe(401);
  });

  it("are none any more once documents are switched off, also for a client that is known", async () => {
    const site = await aSite();
    const before = aLocalServer();
    const app = publish(site);
    await connect(before, app);
    const after = aLocalServer({ clientIdMetadata: false, store: before.store });
    expect((await open(browserOf(after), authorizePath(app))).status).toBe(400);
    expect(lastReason(after)).toBe("client id is a URL, and documents are switched off");
  });
});

describe("an address of this computer where that is not allowed", () => {
  it("is never connected to, whether it is named or found", async () => {
    const site = await aSite();
    const server = aServer({
      clientIdMetadata: {
        trustedHosts: ["printer.example"],
        lookup: (_, __, callback) => callback(null, [{ address: "127.0.0.1", family: 4 }]),
      },
    });
    const port = new URL(site.origin).port;
    for (const host of [`printer.example:${port}`, "127.0.0.1", "[::1]", "10.0.0.1", "169.254.169.254"]) {
      const id = `https://${host}/client.json`;
      const response = await open(
        browserOf(server),
        authorizePath({ id, secret: "", method: "none", redirectUri: "https://printer.example/" }),
      );
      expect([host, response.status, lastReason(server)]).toEqual([
        host,
        400,
        "client document: its address is not of the public internet",
      ]);
    }
    expect(site.asked).toEqual([]);
  });
});
