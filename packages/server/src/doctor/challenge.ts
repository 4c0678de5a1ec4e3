import { type Check, finding, ok, quoted, warning } from "./check.ts";
import { insertedPath, outcomeOf } from "./document.ts";
import { isAnswer } from "./exchange.ts";
import { mayAsk } from "./questions.ts";
import type { Visit } from "./visit.ts";
import { bearerParameters } from "./www-authenticate.ts";

const name = "challenge";

/** Whether a client without a token is told where to get one. RFC 9728 §5.1, MCP authorization */
export function checkChallenge({ url, role, front, challenge }: Visit): readonly Check[] {
  if (role !== "resource") return [];
  const wanted = `WWW-Authenticate: Bearer resource_metadata="${insertedPath("oauth-protected-resource", url)}"`;
  if (challenge === undefined)
    return [finding(name, `Without a token it answers ${outcomeOf(front)}, and not 401.`, `401 with ${wanted}`, "RFC 6750 §3")];
  const header = challenge.headers["www-authenticate"];
  const parameters = bearerParameters(challenge);
  if (parameters === undefined)
    return [
      finding(
        name,
        `The 401 has ${header === undefined ? "no WWW-Authenticate" : `no Bearer challenge in ${quoted(header)}`}.`,
        wanted,
        "RFC 6750 §3",
      ),
    ];
  const trouble = checkMetadataUrl(url, parameters["resource_metadata"], wanted);
  return trouble === undefined
    ? [ok(name, `401 names ${quoted(parameters["resource_metadata"])}.`), ...checkForm(header ?? "", parameters)]
    : [trouble];
}

/** What is wrong about the URL that a challenge names; undefined where nothing is. RFC 9728 §5.1 */
function checkMetadataUrl(url: string, metadata: string | undefined, wanted: string): Check | undefined {
  const source = "RFC 9728 §5.1";
  if (metadata === undefined) return finding(name, "The challenge does not say where the resource metadata is.", wanted, source);
  const seen = `resource_metadata is ${quoted(metadata)}`;
  if (!/^https?:\/\//.test(metadata)) return finding(name, `${seen}, which is no absolute URL.`, wanted, source);
  const secure = metadata.replace(/^http:/, "https:");
  if (url.startsWith("https:") && secure !== metadata)
    return finding(
      name,
      `${seen}, and not https: behind the proxy, the server takes itself for http.`,
      `proxy_set_header X-Forwarded-Proto $scheme; or resource_metadata="${secure}"`,
      source,
    );
  if (mayAsk(url, metadata)) return undefined;
  return finding(name, `${seen}, which nobody outside can reach.`, `proxy_set_header Host $host; or ${wanted}`, source);
}

/** What a careful parser would understand, and those of real clients do not. */
function checkForm(header: string, parameters: Readonly<Record<string, string>>): readonly Check[] {
  const label = "challenge form";
  if (!/^bearer\s/i.test(header))
    return [
      finding(
        label,
        "Bearer is not the first scheme, and clients read the first alone.",
        "WWW-Authenticate: Bearer … before any other",
        "MCP authorization",
      ),
    ];
  if (parameters["error"] !== undefined)
    return [
      warning(
        label,
        `It has error=${quoted(parameters["error"])} although no token was sent.`,
        "leave error out where no token came",
        "RFC 6750 §3.1",
      ),
    ];
  if (/error_description="[^"]*scope=/i.test(header))
    return [
      finding(
        label,
        "error_description has scope= in it, which clients take for the scope.",
        "leave scope= out of error_description",
        "MCP authorization",
      ),
    ];
  if (parameters["scope"] === undefined)
    return [
      warning(label, "It names no scope, so clients ask for every scope there is.", 'scope="…" in the challenge', "MCP authorization"),
    ];
  return [ok(label, `Bearer comes first, with scope ${quoted(parameters["scope"])}.`)];
}

/** Whether a redirect stands in the way at the very URL that people type. */
export function checkFront({ url, role, front }: Visit): readonly Check[] {
  if (!isAnswer(front))
    return [finding("reachable", `${url} answers nothing: ${front.failure}.`, "start the server, or open the way to it")];
  if (role !== "nothing") return [ok("reachable", `${url} is ${role === "issuer" ? "an authorization server" : "a protected resource"}.`)];
  const { location } = front.headers;
  if (location !== undefined)
    return [
      finding(
        "reachable",
        `${url} redirects to ${quoted(location)}, where clients may not follow.`,
        `vouchsafe doctor ${quoted(URL.parse(location, url)?.href ?? location)}`,
      ),
    ];
  return [
    finding(
      "reachable",
      `${url} answers ${outcomeOf(front)}, and has neither a challenge nor metadata.`,
      `200 application/json at ${insertedPath("oauth-authorization-server", url)}, or 401 with WWW-Authenticate: Bearer resource_metadata="…"`,
      "RFC 8414 §3, RFC 9728 §3",
    ),
  ];
}
