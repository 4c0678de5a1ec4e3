import * as oauth from "oauth4webapi";
import * as openid from "openid-client";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type RunningServer, startServer } from "../running-server.ts";
import { AccountHolder } from "./account-holder.ts";
import { serveDocuments } from "./document-server.ts";
import { discover, LoopbackApp } from "./loopback-app.ts";
import { listenForCallback } from "./loopback-callback.ts";
import { sdks } from "./mcp-sdks.ts";
import { notesApi, readNotes } from "./notes-api.ts";
import { createClient } from "./operator-client.ts";
import { RecordedRequests } from "./recorded-requests.ts";
import { actAsService, createSigner, createSigningService } from "./signing-client.ts";
import { type Algorithm, makeKey } from "./signing-key.ts";

const algorithms: readonly Algorithm[] = ["ES256", "RS256", "PS256", "EdDSA"];

describe("a client that signs its own proof with a private key", () => {
  let server: RunningServer;
  let ada: AccountHolder;

  beforeAll(async () => {
    server = await startServer({ environment: { OAUTH_CLIENT_ID_METADATA_LOOPBACK: "on" } });
    ada = await AccountHolder.join(server, "ada");
  });
  afterAll(() => server.stop());

  it("finds the method and its algorithms in the server metadata", async () => {
    const found = await discover(server.origin);

    expect(found.token_endpoint_auth_methods_supported).toContain("private_key_jwt");
    expect(found.token_endpoint_auth_signing_alg_values_supported).toEqual(expect.arrayContaining([...algorithms]));
    expect(found.token_endpoint_auth_signing_alg_values_supported).not.toContain("none");
  });

  it.each(algorithms)("connects a person's account, refreshes, asks and revokes with %s, by oauth4webapi", async (algorithm) => {
    const callback = await listenForCallback();
    onTestFinished(callback.close);
    const signing = await makeKey(algorithm);
    const client_id = await createSigner(server, signing.jwks, "--redirect-uri", callback.redirectUri);
    const printer = await LoopbackApp.known(server.origin, { client_id }, callback, oauth.PrivateKeyJwt(signing));
    const asked = await printer.ask({ scope: "read", resource: notesApi(server) });
    await ada.allow(asked.link, ["read"]);
    const tokens = await printer.redeem(asked, await printer.answer(asked));
    const refreshed = await printer.refresh(tokens);

    expect(await readNotes(server, refreshed.access_token)).toBe(200);
    expect(await printer.introspect(refreshed.access_token)).toMatchObject({ active: true, client_id });
    await printer.revoke(refreshed.refresh_token ?? "");
    expect(await readNotes(server, refreshed.access_token)).toBe(401);
  });

  it.each(algorithms)("acts for itself as a service with %s, by openid-client", async (algorithm) => {
    const { jwks, key, kid } = await makeKey(algorithm);
    const clientId = await createSigningService(server, jwks);
    const service = await openid.discovery(new URL(server.origin), clientId, undefined, openid.PrivateKeyJwt({ key, kid }), {
      algorithm: "oauth2",
      execute: [openid.allowInsecureRequests],
    });
    const tokens = await openid.clientCredentialsGrant(service, { scope: "read" });

    expect(await openid.tokenIntrospection(service, tokens.access_token)).toMatchObject({ active: true, sub: clientId });
  });

  it.each(sdks.flatMap(({ sdk, call }) => algorithms.map((algorithm) => ({ sdk, call, algorithm }))))(
    "acts for itself as a service with $algorithm, by the official MCP $sdk, which names neither its client nor its key",
    async ({ call, algorithm }) => {
      const { jwks, privateJwk } = await makeKey(algorithm);
      const clientId = await createSigningService(server, jwks);
      const service = { clientId, privateKey: privateJwk, algorithm, expectedIssuer: server.origin, scope: "read" };
      const requests = new RecordedRequests();
      const result = await call(new URL("/mcp", server.origin), service, "list_notes", requests);

      expect(result.isError ?? false).toBe(false);
      expect(requests.all[3]?.form.has("client_assertion")).toBe(true);
      expect(requests.all[3]?.form.has("client_id")).toBe(false);
    },
  );

  it("publishes its keys itself, and goes on with a new one when it has changed them", async () => {
    const published = await serveDocuments();
    onTestFinished(published.close);
    const [old, next] = await Promise.all([makeKey("ES256"), makeKey("ES256")]);
    published.documents.set("/jwks.json", JSON.parse(old.jwks));
    const flags = ["--name", "Night Backup", "--auth-method", "private_key_jwt", "--grant-type", "client_credentials"];
    const { client_id } = await createClient(server, [...flags, "--jwks-uri", `${published.origin}/jwks.json`]);

    expect(await actAsService(server, client_id, oauth.PrivateKeyJwt(old))).toMatchObject({ scope: "read" });
    published.documents.set("/jwks.json", JSON.parse(next.jwks));
    expect(await actAsService(server, client_id, oauth.PrivateKeyJwt(next))).toMatchObject({ scope: "read" });
  });
});
