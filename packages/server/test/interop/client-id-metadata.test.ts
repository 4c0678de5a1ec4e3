import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningServer, startServer } from "../running-server.ts";
import { AccountHolder } from "./account-holder.ts";
import { checkAuthorizationServer } from "./conformance-suite.ts";
import { type DocumentServer, serveDocuments } from "./document-server.ts";
import { LoopbackApp } from "./loopback-app.ts";
import { type LoopbackCallback, listenForCallback } from "./loopback-callback.ts";
import { connections } from "./mcp-connections.ts";
import { notesApi, readNotes } from "./notes-api.ts";
import { RecordedRequests } from "./recorded-requests.ts";
import { selfSignedCertificate } from "./self-signed-certificate.ts";

describe("a client whose id is the address of its metadata", () => {
  let server: RunningServer;
  let ada: AccountHolder;
  let callback: LoopbackCallback;
  /** The SDKs take https addresses alone. */
  let secure: DocumentServer;
  let plain: DocumentServer;
  const directory = mkdtempSync(join(tmpdir(), "certificate-"));

  beforeAll(async () => {
    const certificate = selfSignedCertificate();
    const trusted = join(directory, "certificate.pem");
    writeFileSync(trusted, certificate.cert);
    server = await startServer({ environment: { OAUTH_CLIENT_ID_METADATA_LOOPBACK: "on", NODE_EXTRA_CA_CERTS: trusted } });
    ada = await AccountHolder.join(server, "ada");
    [callback, secure, plain] = await Promise.all([listenForCallback(), serveDocuments(certificate), serveDocuments()]);
  });
  afterAll(async () => {
    await Promise.all([callback.close(), secure.close(), plain.close(), server.stop()]);
    rmSync(directory, { recursive: true });
  });

  it("is offered, says the conformance suite of the MCP project", async () => {
    const args = ["--url", server.origin, "--scenario", "authorization-server-metadata-endpoint"];
    const { statuses } = await checkAuthorizationServer(args, () => Promise.resolve());

    expect(statuses).toEqual({ "authorization-server-metadata": "SUCCESS", "authorization-server-metadata-cimd": "SUCCESS" });
  });

  it.each(connections)("connects without registering, by the official MCP $sdk", async ({ sdk, listNotes }) => {
    const clientMetadataUrl = publish(secure, `/${sdk.replace(" ", "-")}/client.json`);
    const requests = new RecordedRequests();
    let link = new URL(server.origin);
    const decide = async (sent: URL) => {
      link = sent;
      await ada.allow(sent, ["read"]);
    };
    const address = new URL("/mcp", server.origin);

    expect(await listNotes({ address, callback, clientMetadataUrl, requests, decide })).toMatchObject([{ type: "text" }]);
    expect(link.searchParams.get("client_id")).toBe(clientMetadataUrl);
    expect(requests.lines.slice(0, 5)).toEqual([
      "POST /mcp 401",
      "GET /.well-known/oauth-protected-resource/mcp 200",
      "GET /.well-known/oauth-authorization-server 200",
      "POST /oauth/token 200",
      "POST /mcp 200",
    ]);
  });

  it("connects, refreshes and is disconnected like any other, by oauth4webapi", async () => {
    const budget = await app(publish(plain, "/budget.json"));
    const { client_id } = budget.client;
    const asked = await budget.ask({ scope: "read", resource: notesApi(server) });
    const consent = await ada.follow(asked.link);
    expect(consent.html).toContain("Household Budget");
    expect(consent.html).toContain(new URL(client_id).host);

    await ada.allow(asked.link, ["read"]);
    const tokens = await budget.redeem(asked, await budget.answer(asked));
    const refreshed = await budget.refresh(tokens);
    expect(await readNotes(server, refreshed.access_token)).toBe(200);
    await budget.revoke(refreshed.refresh_token ?? "");
    expect(await readNotes(server, refreshed.access_token)).toBe(401);
  });

  it.each([
    { document: "names another client", change: { client_id: "https://bank.example/client.json" } },
    { document: "names no client", change: { client_id: undefined } },
    { document: "has other redirect URIs", change: { redirect_uris: ["https://bank.example/callback"] } },
    { document: "has a secret", change: { client_secret: "everybody can read it" } },
    { document: "wants to authenticate by a secret", change: { token_endpoint_auth_method: "client_secret_basic" } },
    { document: "is not there", change: undefined },
  ])("is refused on a page, and nobody arrives anywhere, where its document $document", async ({ document, change }) => {
    const path = `/${document.replaceAll(" ", "-")}.json`;
    const url = change === undefined ? plain.origin + path : publish(plain, path, change);
    const page = await ada.follow((await (await app(url)).ask({ scope: "read" })).link);

    expect(page.status).toBe(400);
    expect(page.html).not.toContain('name="decision"');
    expect(plain.asked).toContain(path);
  });

  const app = (client_id: string) => LoopbackApp.known(server.origin, { client_id }, callback);

  /** Puts an app's metadata where it says, and gives the address. */
  function publish({ origin, documents }: DocumentServer, path: string, change: Readonly<Record<string, unknown>> = {}): string {
    const client_id = origin + path;
    documents.set(path, {
      client_id,
      client_name: "Household Budget",
      redirect_uris: [callback.redirectUri],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
      ...change,
    });
    return client_id;
  }
});

describe("where metadata on loopback is not asked for", () => {
  it("refuses such a client without asking there", async () => {
    const server = await startServer();
    const documents = await serveDocuments();
    const callback = await listenForCallback();
    const ada = await AccountHolder.join(server, "ada");
    const app = await LoopbackApp.known(server.origin, { client_id: `${documents.origin}/client.json` }, callback);
    const page = await ada.follow((await app.ask({ scope: "read" })).link);
    await Promise.all([callback.close(), documents.close(), server.stop()]);

    expect(page.status).toBe(400);
    expect(documents.asked).toEqual([]);
  });
});
