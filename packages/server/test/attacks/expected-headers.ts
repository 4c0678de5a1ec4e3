/** The headers a case expects. Values are literal, or one of the phrases that the cases use. */
import { allHeaders, header } from "./answer.ts";
import { errorOf, locationOf, parameterOf } from "./played.ts";
import type { Exchanged, Scene } from "./scene.ts";

/** True, false, or undefined when this runner cannot tell. */
type Check = (exchanged: Exchanged, scene: Scene) => boolean | undefined;

const isRefusal = ({ answer }: Exchanged): boolean => answer.status === 401;
const challenge = ({ answer }: Exchanged): string => header(answer, "www-authenticate") ?? "";

const phrases: Readonly<Record<string, Check>> = {
  "Bearer ...": (exchanged) => !isRefusal(exchanged) || /^Bearer\b/.test(challenge(exchanged)),
  "Basic ...": (exchanged) => !isRefusal(exchanged) || /^Basic\b/.test(challenge(exchanged)),
  'Bearer error="invalid_token", resource_metadata=...': (exchanged) =>
    /^Bearer\b/.test(challenge(exchanged)) &&
    /error="invalid_token"/.test(challenge(exchanged)) &&
    /resource_metadata="/.test(challenge(exchanged)),
  'Bearer resource_metadata="...", scope="..." and no error attribute': (exchanged) =>
    /^Bearer resource_metadata="[^"]+", scope="[^"]+"/.test(challenge(exchanged)) && !/error=/.test(challenge(exchanged)),
  "* (or the registered origin)": ({ answer }) => header(answer, "access-control-allow-origin") === "*",
  "* or absent, never this value with credentials": ({ answer }) => /^\*?$/.test(header(answer, "access-control-allow-origin") ?? ""),
  "Origin when not *": ({ answer }) =>
    header(answer, "access-control-allow-origin") === "*" || /\borigin\b/i.test(header(answer, "vary") ?? ""),
  "same-origin path from server-side state, or the default page": ({ answer }, { stage }) =>
    staysWithUs(header(answer, "location"), stage.origin),
  // Only on /my and /admin; elsewhere it would cut off clients that open us in a popup.
  "same-origin (documented if relaxed)": ({ message, answer }) =>
    !/^\/(my|admin)\b/.test(message.target) || header(answer, "cross-origin-opener-policy") === "same-origin",
  "default-src 'none' (or 'self'); script-src without unsafe-inline/eval; frame-ancestors 'none'; base-uri 'none'; object-src 'none'": ({
    answer,
  }) => isStrictPolicy(header(answer, "content-security-policy") ?? ""),
  // Our issuers in these tests are http on loopback; MUST NOT then be sent.
  "max-age>=31536000": ({ answer }, { stage }) =>
    stage.issuer.startsWith("https:") ? undefined : header(answer, "strict-transport-security") === undefined,
  "HttpOnly; SameSite=Lax or Strict; Path=/; Secure and __Host- prefix when issuer is https; no Domain": ({ answer }) =>
    allHeaders(answer, "set-cookie").length > 0 &&
    allHeaders(answer, "set-cookie").every(
      (line) =>
        /;\s*HttpOnly/i.test(line) &&
        /;\s*SameSite=(Lax|Strict)/i.test(line) &&
        /;\s*Path=\/(;|$)/i.test(line) &&
        !/;\s*Domain=/i.test(line),
    ),
  "registered URI, original state": (exchanged) =>
    (locationOf(exchanged) ?? "").startsWith("https://app.example/cb?") && parameterOf(locationOf(exchanged), "state") === "st-1",
};

/** What is wrong with this header, if anything; "?" when it cannot be told. */
export function headerFault(exchanged: Exchanged, scene: Scene, name: string, expected: string): string | undefined {
  const verdict = holds(exchanged, scene, name, expected);
  if (verdict === undefined) return "?";
  const got = name.toLowerCase() === "location" ? locationOf(exchanged) : header(exchanged.answer, name);
  return verdict ? undefined : `${name}: expected ${expected}, got ${got ?? "none"}`;
}

function holds(exchanged: Exchanged, scene: Scene, name: string, expected: string): boolean | undefined {
  const { answer } = exchanged;
  const got = header(answer, name);
  const phrase = phrases[expected];
  if (phrase !== undefined) return phrase(exchanged, scene);
  if (expected === "absent") return got === undefined;
  if (expected === "any") return true;
  if (expected === "present") return got !== undefined;
  if (expected === "present on 429") return answer.status !== 429 || got !== undefined;
  if (expected === "positive integer") return answer.status !== 429 || /^[1-9]\d*$/.test(got ?? "");
  if (name.toLowerCase() === "location") return leadsAsExpected(exchanged, expected.replaceAll("{ISS}", scene.stage.issuer));
  if (/^[\w*/.-]+(, [\w-]+)*$/.test(expected))
    return expected.split(", ").every((word) => (got ?? "").toLowerCase().includes(word.toLowerCase()));
  return undefined;
}

/** "https://app.example/cb?error=<code>&state=st-1&iss=…", or the query alone. A refusal without redirect is no fault here. */
function leadsAsExpected(exchanged: Exchanged, expected: string): boolean | undefined {
  const query = /^(?:(https?:\/\/[^?\s]+)\?)?([a-z_]+=[^\s]*)$/.exec(expected);
  if (query === null) return undefined;
  const location = locationOf(exchanged);
  if (location === undefined) return exchanged.answer.status >= 400;
  const base = query[1];
  if (base !== undefined && location.split("?")[0] !== base) return false;
  return (query[2] ?? "").split("&").every((pair) => {
    const [name = "", ...value] = pair.split("=");
    const wanted = value.join("=");
    // A case may send a parameter twice on purpose: then the server can not know which one to give back.
    const repeated = exchanged.message.target.split(`&${name}=`).length > 2;
    return wanted === "<code>" ? errorOf(exchanged) !== undefined : repeated || parameterOf(location, name) === wanted;
  });
}

function staysWithUs(location: string | undefined, origin: string): boolean {
  return location === undefined || (URL.canParse(location, origin) && new URL(location, origin).origin === origin);
}

function isStrictPolicy(policy: string): boolean {
  const directives = new Map(policy.split(";").map((part) => [part.trim().split(/\s+/)[0] ?? "", part.trim()]));
  const fallback = directives.get("default-src") ?? "";
  const strict = (name: string): boolean => !/unsafe-(inline|eval)/.test(directives.get(name) ?? fallback);
  const none = (name: string, inherits: boolean): boolean => (directives.get(name) ?? (inherits ? fallback : "")).endsWith("'none'");
  return (
    /'(none|self)'$/.test(fallback) &&
    strict("script-src") &&
    none("frame-ancestors", false) &&
    none("base-uri", false) &&
    none("object-src", true)
  );
}
