/** How a person connects an app through either official MCP SDK: the SDK sends them to the server, they allow, and it goes on by itself. */
import * as second from "@modelcontextprotocol/client";
import { type OAuthDiscoveryState, UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { OAuthClientInformationMixed, OAuthTokens } from "@modelcontextprotocol/sdk/shared/auth.js";
import { expect } from "vitest";
import { ConnectingApp } from "./connecting-app.ts";
import type { LoopbackCallback } from "./loopback-callback.ts";
import type { RecordedRequests } from "./recorded-requests.ts";

export interface Connecting {
  readonly address: URL;
  readonly callback: LoopbackCallback;
  readonly clientMetadataUrl: string;
  readonly requests: RecordedRequests;
  /** What the person does with the link that the SDK gives them. */
  readonly decide: (link: URL) => Promise<void>;
}

/** Each connects, and gives what a tool answers. */
export const connections = [
  {
    sdk: "SDK 1",
    listNotes: async ({ address, callback, clientMetadataUrl, requests, decide }: Connecting): Promise<unknown> => {
      const authProvider = new ConnectingApp<OAuthClientInformationMixed, OAuthTokens, OAuthDiscoveryState>(
        callback.redirectUri,
        clientMetadataUrl,
      );
      const open = () => new StreamableHTTPClientTransport(address, { authProvider, fetch: requests.fetch });
      const client = new Client({ name: "household-budget", version: "1.0.0" });
      const transport = open();
      await expect(client.connect(transport)).rejects.toThrow(UnauthorizedError);
      await decide(authProvider.link);
      await transport.finishAuth((await callback.next()).get("code") ?? "");
      await client.connect(open());
      const { content } = await client.callTool({ name: "list_notes", arguments: {} });
      await client.close();
      return content;
    },
  },
  {
    sdk: "SDK 2",
    listNotes: async ({ address, callback, clientMetadataUrl, requests, decide }: Connecting): Promise<unknown> => {
      const authProvider = new ConnectingApp<second.StoredOAuthClientInformation, second.StoredOAuthTokens, second.OAuthDiscoveryState>(
        callback.redirectUri,
        clientMetadataUrl,
      );
      const open = () => new second.StreamableHTTPClientTransport(address, { authProvider, fetch: requests.fetch });
      const client = () => new second.Client({ name: "household-budget", version: "1.0.0" });
      const transport = open();
      await expect(client().connect(transport)).rejects.toThrow(second.UnauthorizedError);
      await decide(authProvider.link);
      await transport.finishAuth(await callback.next());
      const connected = client();
      await connected.connect(open());
      const { content } = await connected.callTool({ name: "list_notes", arguments: {} });
      await connected.close();
      return content;
    },
  },
] as const;
