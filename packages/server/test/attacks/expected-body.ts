/** The bodies a case expects, by the phrases that the cases use. */
import { jsonOf } from "./answer.ts";
import { resourceB } from "./authorization.ts";
import { isConsentPage } from "./played.ts";
import type { Exchanged, Scene } from "./scene.ts";

type Check = (exchanged: Exchanged, scene: Scene) => boolean | Promise<boolean>;

const isInactive: Check = ({ answer }) => answer.status !== 200 || answer.body.trim() === '{"active":false}';

const phrases: readonly (readonly [RegExp, Check])[] = [
  [/^\{"active":false\}( only)?$/, isInactive],
  [/^introspection: 401\/403 or \{"active":false\}$/, isInactive],
  [
    /^active:true with scope, client_id, sub, exp, aud, iss$/,
    ({ answer }) =>
      jsonOf(answer)["active"] === true && ["scope", "client_id", "sub", "exp", "aud", "iss"].every((name) => name in jsonOf(answer)),
  ],
  [/^active:true$/, ({ answer }) => jsonOf(answer)["active"] === true],
  [
    /^identical to the configured document$/,
    ({ answer }, scene) => answer.status !== 200 || jsonOf(answer)["issuer"] === scene.stage.issuer,
  ],
  [/^consent page/, ({ answer }) => isConsentPage(answer)],
  [
    /^code_challenge_methods_supported == \["S256"\]$/,
    ({ answer }) => JSON.stringify(jsonOf(answer)["code_challenge_methods_supported"]) === '["S256"]',
  ],
  [/^issuer === configured; every \*_endpoint/, ({ answer }, scene) => isExactMetadata(jsonOf(answer), scene)],
  [/^issuer ends with \/tenant1$/, ({ answer }) => String(jsonOf(answer)["issuer"]).endsWith("/tenant1")],
  [
    /^resource === .*, authorization_servers === \[issuer\]$/,
    ({ answer }, { stage }) =>
      jsonOf(answer)["resource"] === resourceB(stage) &&
      JSON.stringify(jsonOf(answer)["authorization_servers"]) === JSON.stringify([stage.issuer]),
  ],
];

/** What is wrong with the body, if anything; "?" when it cannot be told. */
export async function bodyFault(exchanged: Exchanged, scene: Scene, expected: string): Promise<string | undefined> {
  const rule = phrases.find(([pattern]) => pattern.test(expected));
  if (rule === undefined) return "?";
  return (await rule[1](exchanged, scene)) ? undefined : `body: expected ${expected}, got ${exchanged.answer.body.slice(0, 300)}`;
}

function isExactMetadata(metadata: Record<string, unknown>, { stage }: Scene): boolean {
  const endpoints = Object.entries(metadata).filter(([name]) => name.endsWith("_endpoint"));
  return (
    metadata["issuer"] === stage.issuer &&
    endpoints.length > 0 &&
    endpoints.every(([, url]) => new URL(String(url)).origin === new URL(stage.issuer).origin)
  );
}
