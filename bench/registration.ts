import type { Connection } from "./connection.ts";
import { redirectUri, type Target } from "./target.ts";

/** An app registers itself: RFC 7591 §3.1. Resolves to its `client_id`. */
export async function registerApp(connection: Connection, { paths }: Target, name: string): Promise<string> {
  const json = {
    client_name: name,
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: "none",
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
  };
  const { body } = await connection.send({ method: "POST", path: paths.register, json, status: 201 });
  const { client_id } = JSON.parse(body.toString()) as { client_id?: string };
  if (client_id === undefined) throw new Error("the registration has no client_id");
  return client_id;
}
