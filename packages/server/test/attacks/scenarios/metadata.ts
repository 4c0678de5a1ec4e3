/** MD: the issuer is configured; no request can move it. */
import { jsonOf, memberOf } from "../answer.ts";
import { authorizationLink } from "../authorization.ts";
import { exchangedAt, wholeText } from "../played.ts";
import type { Scenario } from "../scenarios.ts";
import type { Exchanged } from "../scene.ts";

const forwarding = [
  "Host: evil.example",
  "X-Forwarded-Host: evil.example",
  "X-Forwarded-Proto: http",
  "X-Forwarded-Prefix: /evil.example",
  "Forwarded: host=evil.example;proto=http",
  "X-Host: evil.example",
  "X-Forwarded-Server: evil.example",
  "X-Original-URL: http://evil.example/",
];

/** RFC 8414 names of what somebody can ask for. */
const endpoints = [
  "authorization_endpoint",
  "token_endpoint",
  "registration_endpoint",
  "revocation_endpoint",
  "introspection_endpoint",
  "pushed_authorization_request_endpoint",
  "jwks_uri",
];

export const metadata: Readonly<Record<string, Scenario>> = {
  "MD-013": async (scene) => {
    const targets = [
      "/.well-known/oauth-protected-resource/mcp",
      "/api/notes",
      "/mcp",
      authorizationLink(scene.stage, { client: await scene.client("pub") }),
      "/sign_in",
    ];
    const exchanges: Exchanged[] = [];
    for (const target of targets) for (const line of forwarding) exchanges.push(await scene.send(`GET ${target} HTTP/1.1\n${line}`));
    scene.mustNot(
      "evil.example",
      exchanges.some((exchanged) => wholeText(exchanged).includes("evil.example")),
    );
    return exchanges;
  },

  "MD-020": async (scene) => {
    const answer = await scene.stage.get("/.well-known/oauth-authorization-server");
    const document = jsonOf(answer);
    const listed = (name: string): readonly string[] => [document[name] ?? []].flat().map(String);
    const missing: string[] = [];
    for (const name of endpoints.filter((each) => each in document)) {
      const { pathname } = new URL(String(document[name]));
      if ((await scene.stage.get(pathname)).status === 404) missing.push(name);
    }
    for (const grantType of listed("grant_types_supported")) {
      const asked = await scene.stage.post("/oauth/token", [
        ["grant_type", grantType],
        ["client_id", (await scene.client("pub")).id],
      ]);
      if (memberOf(asked, "error") === "unsupported_grant_type") missing.push(grantType);
    }
    for (const scope of listed("scopes_supported")) {
      const client = await scene.stage.clients.get("dcr1");
      const asked = await scene.stage.get(authorizationLink(scene.stage, { client, scope: scope }));
      if (/error=invalid_scope/.test(JSON.stringify(asked.headers))) missing.push(`scope ${scope}`);
    }
    scene.mustNot("advertised but refused", missing.length > 0, missing.join());
    const hidden = [];
    for (const path of ["/oauth/par", "/oauth/introspect", "/oauth/register", "/oauth/revoke"]) {
      const offered = (await scene.stage.post(path, [])).status !== 404;
      if (offered && !answer.body.includes(path)) hidden.push(path);
    }
    scene.mustNot("implemented but hidden security-relevant feature", hidden.length > 0, hidden.join());
    return [exchangedAt("GET", "/.well-known/oauth-authorization-server", answer)];
  },
};
