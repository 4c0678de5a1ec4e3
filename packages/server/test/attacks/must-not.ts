/** What must not happen, by the phrases that the cases use. A rule says whether it did; undefined: it cannot be told. */
import { allHeaders, header, jsonOf, memberOf } from "./answer.ts";
import { callApi, refresh } from "./authorization.ts";
import { Browser } from "./browser.ts";
import { showsInternals } from "./invariants.ts";
import { documentRules } from "./must-not-documents.ts";
import { personalTokenRules } from "./must-not-personal-tokens.ts";
import { registrationRules } from "./must-not-registration.ts";
import { errorOf, isConsentPage, locationOf, type Played, parameterOf, sentParameter, wholeText } from "./played.ts";
import type { Exchanged } from "./scene.ts";
import { navigatesByItself } from "./verdict.ts";

type Happened = boolean | undefined;
export type Rule = readonly [phrase: RegExp, happened: (played: Played, phrase: string) => Happened | Promise<Happened>];

const rules: readonly Rule[] = [
  // Status
  [/^5xx( or process crash)?$|^500\b/, (played) => some(played, ({ answer }) => answer.status >= 500)],
  [/^5xx other than 501$/, (played) => some(played, ({ answer }) => answer.status >= 500 && answer.status !== 501)],
  [/^(101|200|400|429)$/, (played, phrase) => some(played, ({ answer }) => answer.status === Number(phrase))],
  [/^200 unless listed$/, ({ scene, last }) => last.answer.status === 200 && !scene.attackCase.expected.statuses.includes(200)],
  [/^rejected$/, ({ last }) => last.answer.status >= 400],
  [/^error$/, ({ last }) => last.answer.status >= 400 || errorOf(last) !== undefined],
  [
    /^(response )?later than (\d+) (ms|s)$|^response later than (\d+) (ms|s)$/,
    (played, phrase) => some(played, ({ answer }) => answer.milliseconds > limitIn(phrase)),
  ],

  // Credentials handed out
  [
    /^tokens? issued( without the secret)?$/,
    (played) => played.judged.some(({ answer }) => "access_token" in jsonOf(answer)) || played.after.tokens > played.before.tokens,
  ],
  [/^(authorization )?code (in Location|issued)$|^consent skipped$|^303 with code$/, (played) => played.judged.some(carriesCode)],
  [
    /^access_token or id_token anywhere in Location$/,
    (played) => some(played, (each) => /access_token|id_token/.test(locationOf(each) ?? "")),
  ],
  [
    /^grant created$/,
    (played) =>
      played.judged.some(carriesCode) || played.after.grants > played.before.grants || played.after.decisions > played.before.decisions,
  ],
  [
    /^an authorization code or pending consent row for the presented value$/,
    ({ before, after, last }) => carriesCode(last) || after.decisions > before.decisions || after.grants > before.grants,
  ],
  [/^state change$/, ({ before, after }) => JSON.stringify(before) !== JSON.stringify(after)],
  [/^code consumed$/, async ({ scene }) => !(await scene.codeStillWorks())],
  [/^rt consumed( or rotated)?$/, async ({ scene }) => !(await refreshesStill(scene))],
  [/^same refresh token returned/, ({ scene, last }) => scene.presented.includes(memberOf(last.answer, "refresh_token") ?? "none")],
  [/^refresh_token in response$/, ({ last }) => "refresh_token" in jsonOf(last.answer)],
  [
    /^refresh token for a client without refresh_token grant$/,
    ({ scene, last }) => scene.attackCase.steps.some((step) => step.includes("{norefresh}")) && "refresh_token" in jsonOf(last.answer),
  ],
  [/^expires_in as string$/, ({ last }) => typeof jsonOf(last.answer)["expires_in"] !== "number"],
  [/^scope parameter missing$/, ({ last }) => typeof jsonOf(last.answer)["scope"] !== "string"],
  [/^scope or aud wider than consented$/, ({ last }) => memberOf(last.answer, "scope") !== "read"],
  [/^write (granted|in the new token|in the second token)$/, ({ last }) => / ?\bwrite\b/.test(memberOf(last.answer, "scope") ?? "")],
  [/^(session established|login as alice|logged in as alice through .*)$/, async (played) => establishesSession(played)],
  [/^(old cookie still works|authenticated as either by luck.*)$/, ({ last }) => last.answer.status === 200],
  [/^cookie used as credential$/, ({ last }) => "access_token" in jsonOf(last.answer)],
  [/^partial rows$/, ({ before, after }) => JSON.stringify(before) !== JSON.stringify(after)],
  [/^aud other than \{RA\}$/, async (played) => !(await isForResourceA(played))],
  // One scope registered and one granted cannot be told from all of them; a refusal can.
  [/^every registered scope granted silently/, ({ last }) => (last.answer.status === 200 ? undefined : false)],
  [
    /^grant revoked$|^rt or at revoked$|^revoked$|^bob's grant revoked$/,
    ({ before, after }) => after.liveGrants < before.liveGrants || after.revokedTokens > before.revokedTokens,
  ],

  // Where the browser is sent, and what it is shown
  [
    /^any 3xx with the presented value in Location$/,
    (played) => some(played, (each) => presented(each).some((value) => locationOf(each)?.startsWith(value) === true)),
  ],
  [/^an HTML page that auto-navigates/, (played) => some(played, ({ answer }) => navigatesByItself(answer.body))],
  [/^redirect to an empty or relative Location$/, ({ last }) => locationOf(last) !== undefined && !URL.canParse(locationOf(last) ?? "")],
  [/^302 to \/login carrying the request$/, ({ last }) => (locationOf(last) ?? "").includes("/sign_in")],
  [/^login page shown/, ({ last }) => /type="password"/.test(last.answer.body)],
  [/^consent page$/, ({ last }) => isConsentPage(last.answer)],
  [/^UI rendered$/, ({ last }) => last.answer.status === 200],
  [/^admin shown or granted$/, ({ last }) => /value="admin"/.test(last.answer.body) || carriesCode(last)],
  [/^Location leaving the issuer origin$|^script URL$/, ({ scene, last }) => leavesOrigin(locationOf(last), scene.stage.origin)],
  [/^(rewritten port or host in Location)$/, ({ last, scene }) => scene.covered.has("landing") === false && carriesCode(last)],
  [/^(unescaped reflection|script execution|HTML\/JS execution on any page showing it)$/, (played) => some(played, reflectsMarkup)],
  [/^file read$/, ({ last }) => /root:.*:0:0:/.test(last.answer.body)],
  [/^request echoed \(TRACE\)$/, ({ last }) => /^TRACE /m.test(last.answer.body)],
  [/^page framable$/, ({ last }) => !/frame-ancestors 'none'/.test(header(last.answer, "content-security-policy") ?? "")],
  [/^missing nosniff$/, ({ last }) => header(last.answer, "x-content-type-options") !== "nosniff"],
  [
    /^third-party resource or external link/,
    ({ last, scene }) =>
      [...last.answer.body.matchAll(/(?:src|href|action)="([^"]+)"/g)].some(([, url]) => leavesOrigin(url, scene.stage.origin)),
  ],

  // Headers
  [/^Allow header missing$/, ({ last }) => header(last.answer, "allow") === undefined],
  [
    /^(extra response header|new header or line)$/,
    (played) => some(played, ({ answer }) => allHeaders(answer, "set-cookie").some((line) => /^\s*x=1/.test(line))),
  ],
  [/^Set-Cookie( on the token response)?$/, (played) => some(played, ({ answer }) => allHeaders(answer, "set-cookie").length > 0)],
  [/^ETag\/Last-Modified/, ({ last }) => header(last.answer, "etag") !== undefined || header(last.answer, "last-modified") !== undefined],
  [/^(missing Cache-Control: no-store|cacheable response)$/, ({ last }) => !/no-store/.test(header(last.answer, "cache-control") ?? "")],
  [/^(any Access-Control-Allow-\* header)$/, ({ last }) => last.answer.headers.some(([name]) => /^access-control-allow/i.test(name))],
  [
    /^(Access-Control-Allow-Credentials(: true)?|credentials allowed)$/,
    ({ last }) => header(last.answer, "access-control-allow-credentials") !== undefined,
  ],
  [/^Origin reflected$/, ({ last }) => header(last.answer, "access-control-allow-origin") === "https://spa.example"],
  [
    /^user id or role in clear in the cookie$/,
    ({ last }) => allHeaders(last.answer, "set-cookie").some((line) => /alice|admin|example\.com/i.test(line)),
  ],
  [
    /^Max-Age beyond the absolute session lifetime$/,
    ({ last }) => allHeaders(last.answer, "set-cookie").some((line) => Number(/max-age=(\d+)/i.exec(line)?.[1] ?? 0) > 30 * 86_400),
  ],
  [/^header on plain-http dev issuer$/, ({ last }) => header(last.answer, "strict-transport-security") !== undefined],
  [/^attribute injection$/, ({ last }) => /evil/.test(header(last.answer, "www-authenticate") ?? "")],
  [
    /^error, scope or realm attribute twice$/,
    ({ last }) =>
      ["error", "scope", "realm"].some(
        (name) => (header(last.answer, "www-authenticate") ?? "").split(new RegExp(`\\b${name}=`)).length > 2,
      ),
  ],
  [
    /^second response on the connection for smuggled bytes$/,
    (played) => some(played, ({ answer }) => /HTTP\/1\.1 \d{3}/.test(answer.rest)),
  ],

  // Bodies
  [/^stack trace( or internal path in body)?$/, (played) => some(played, ({ answer }) => showsInternals(answer.body))],
  [/^evil\.example/, (played) => some(played, (each) => wholeText(each).includes("evil.example"))],
  [/^admin data$/, ({ last }) => last.answer.status === 200],
  [/^admin page served$/, ({ last }) => /text\/html/.test(header(last.answer, "content-type") ?? "")],
  [/^any connection to \{canary\}$|^server connection to \{canary\}$/, ({ scene }) => scene.canaryContacts() > 0],
  [/^active:true( for a foreign token)?$/, (played) => some(played, ({ answer }) => jsonOf(answer)["active"] === true)],
  [/^active:false$/, ({ last }) => jsonOf(last.answer)["active"] === false],
  [
    /^any member besides active$|^reason for inactivity$|^sub, scope, aud of a foreign token$/,
    ({ last }) => last.answer.status === 200 && Object.keys(jsonOf(last.answer)).join() !== "active",
  ],
  [
    /^token value echoed$|^token value in body, headers, logs$/,
    (played) => some(played, (each) => played.scene.presented.some((value) => wholeText(each).includes(value))),
  ],
  [
    /^token values$|^client_secret$/,
    ({ last, scene }) => scene.stage.issued.some(({ kind, value }) => kind !== "password" && last.answer.body.includes(value)),
  ],
  [/^plain$/, ({ last }) => last.answer.body.includes('"plain"')],
  [/^field absent/, ({ last }) => !("code_challenge_methods_supported" in jsonOf(last.answer))],
  [
    /^connection string or SQL in the body$/,
    (played) => some(played, ({ answer }) => /sqlite|\.db\b|postgres|SELECT |INSERT /i.test(answer.body)),
  ],
  [
    /^\(\{\}\)\.isAdmin === 1 afterwards/,
    async ({ scene }) => /isAdmin/.test((await scene.stage.get("/.well-known/oauth-authorization-server")).body),
  ],
  [
    /^registration_endpoint in metadata$/,
    async ({ scene }) => "registration_endpoint" in jsonOf(await scene.stage.get("/.well-known/oauth-authorization-server")),
  ],
  [/^email, name or other data not needed$/, ({ last }) => /"(email|name|username|given_name|family_name)"/.test(last.answer.body)],
  [/^JSONP callback honoured$/, ({ last }) => /javascript/.test(header(last.answer, "content-type") ?? "")],
  [/^any of the posted protocol values used$/, ({ last }) => /other\.example|zzz/.test(locationOf(last) ?? "")],
  [/^answer telling it exists$/, async (played) => !(await answersUnknownGrantAlike(played))],
  [
    /^http endpoint with https issuer$/,
    ({ last }) => String(jsonOf(last.answer)["issuer"]).startsWith("https:") && last.answer.body.includes('"http:'),
  ],
  [
    /^document (of another tenant|built from the request path)$|^resource differing from the requested one$|^any metadata$/,
    ({ last, scene }) => last.answer.status === 200 && scene.attackCase.expected.body === undefined,
  ],
  [/^answer telling whether the token exists$/, async ({ scene, last }) => !(await answersUnknownTokenAlike(scene, last))],
  ...registrationRules,
  ...documentRules,
  ...personalTokenRules,
];

/** What happened that must not; "?" when no rule knows the phrase. */
export async function mustNotFaults(played: Played, phrase: string): Promise<string | undefined> {
  const rule = rules.find(([pattern]) => pattern.test(phrase));
  const happened = await rule?.[1](played, phrase);
  if (happened === undefined) return "?";
  return happened ? `must not: ${phrase}` : undefined;
}

const some = ({ exchanges }: Played, test: (exchanged: Exchanged) => boolean): boolean => exchanges.some(test);
const carriesCode = (exchanged: Exchanged): boolean => parameterOf(locationOf(exchanged), "code") !== undefined;

const limitIn = (phrase: string): number => Number(/(\d+) (?:ms|s)/.exec(phrase)?.[1]) * (/\d ms/.test(phrase) ? 1 : 1_000);

/** The redirect URI the request asked for. */
const presented = (exchanged: Exchanged): readonly string[] => [sentParameter(exchanged, "redirect_uri") ?? ""].filter((uri) => uri !== "");

const leavesOrigin = (location: string | undefined, origin: string): boolean =>
  location !== undefined && !location.startsWith("#") && !(URL.canParse(location, origin) && new URL(location, origin).origin === origin);

/** Whether markup of the request stands in the page as it was sent. */
function reflectsMarkup({ message, answer }: Exchanged): boolean {
  const values = [...new URLSearchParams(message.target.split("?").slice(1).join("?"))].map(([, value]) => value);
  return /html/.test(header(answer, "content-type") ?? "") && values.some((value) => /["<]/.test(value) && answer.body.includes(value));
}

async function refreshesStill(scene: Played["scene"]): Promise<boolean> {
  for (const { client, tokens } of scene.refreshTokens.values()) {
    if (tokens.refreshToken !== "" && (await refresh(scene.stage, client, tokens.refreshToken)).status !== 200) return false;
  }
  return true;
}

async function establishesSession({ scene, last }: Played): Promise<boolean> {
  const browser = new Browser(scene.stage.origin);
  for (const line of allHeaders(last.answer, "set-cookie")) browser.keep(line);
  return (await browser.send("GET", "/my/connected_apps")).status === 200;
}

/** The new token opens A and not B. */
async function isForResourceA({ scene, last }: Played): Promise<boolean> {
  const token = memberOf(last.answer, "access_token") ?? "";
  return (await callApi(scene.stage, token)).status === 200 && (await callApi(scene.stage, token, "/mcp")).status === 401;
}

async function answersUnknownGrantAlike({ scene, last }: Played): Promise<boolean> {
  const unknown = await scene.stage.send({
    ...last.message,
    target: last.message.target.replace(/[\w-]+(?=\/disconnect)/, "AAAAAAAAAAAAAAAAAAAAAA"),
  });
  return unknown.status === last.answer.status;
}

async function answersUnknownTokenAlike(scene: Played["scene"], last: Exchanged): Promise<boolean> {
  const unknown = await scene.stage.send({ ...last.message, body: last.message.body.replace(/token=[^&]*/, "token=unknown") });
  return unknown.status === last.answer.status && unknown.body === last.answer.body;
}
