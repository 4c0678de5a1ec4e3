/** The two official MCP SDKs where a program acts for itself, or already has its token: alike enough to be asked the same. */
import * as second from "@modelcontextprotocol/client";
import * as provided from "@modelcontextprotocol/sdk/client/auth-extensions.js";
import * as first from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { RecordedRequests } from "./recorded-requests.ts";

interface Service {
  readonly clientId: string;
  readonly expectedIssuer: string;
  readonly scope: string;
}

/** How a program comes to its token: by the SDK's provider of one kind or another, or with one it was given. */
type Credentials =
  | (Service & { readonly clientSecret: string })
  | (Service & { readonly privateKey: Record<string, unknown>; readonly algorithm: string })
  | { readonly token: string };

interface ToolResult {
  readonly isError?: boolean | undefined;
  readonly content?: unknown;
}

interface Sdk {
  readonly sdk: string;
  /** Connects to the MCP server and calls its tool. */
  readonly call: (address: URL, credentials: Credentials, tool: string, requests: RecordedRequests) => Promise<ToolResult>;
}

const implementation = { name: "night-backup", version: "1.0.0" };

export const sdks: readonly Sdk[] = [
  {
    sdk: "SDK 1",
    call: async (address, credentials, tool, { fetch }) => {
      const client = new first.Client(implementation);
      await client.connect(new StreamableHTTPClientTransport(address, { fetch, ...authentication(credentials, provided) }));
      const result = await client.callTool({ name: tool, arguments: {} });
      await client.close();
      return { isError: result.isError === true, content: result.content };
    },
  },
  {
    sdk: "SDK 2",
    call: async (address, credentials, tool, { fetch }) => {
      const client = new second.Client(implementation);
      await client.connect(new second.StreamableHTTPClientTransport(address, { fetch, ...authentication(credentials, second) }));
      const result = await client.callTool({ name: tool, arguments: {} });
      await client.close();
      return result;
    },
  },
];

interface Providers<Secret, Key> {
  readonly ClientCredentialsProvider: new (options: Service & { readonly clientSecret: string }) => Secret;
  readonly PrivateKeyJwtProvider: new (
    options: Service & { readonly privateKey: Record<string, unknown>; readonly algorithm: string },
  ) => Key;
}

function authentication<Secret, Key>(credentials: Credentials, providers: Providers<Secret, Key>) {
  if ("token" in credentials) return { requestInit: { headers: { authorization: `Bearer ${credentials.token}` } } };
  return {
    authProvider:
      "clientSecret" in credentials
        ? new providers.ClientCredentialsProvider(credentials)
        : new providers.PrivateKeyJwtProvider(credentials),
  };
}
