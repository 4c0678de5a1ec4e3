/** What must not follow from a registration request. */
import { type Answer, jsonOf, memberOf } from "./answer.ts";
import { askFor } from "./authorization.ts";
import { type Members, parseMembers } from "./json.ts";
import type { Rule } from "./must-not.ts";
import { hasControlCharacters, isConsentPage, type Played } from "./played.ts";
import { rowsAsText } from "./store-rows.ts";

const wasRegistered = ({ last }: Played): boolean => last.answer.status === 201;

export const registrationRules: readonly Rule[] = [
  [/^client row created$/, ({ before, after }) => after.clients > before.clients],
  [
    /^stored or effective value of \w+ taken from the caller/,
    async (played, phrase) => wasRegistered(played) && takesOver(played, /value of (\w+)/.exec(phrase)?.[1] ?? ""),
  ],
  [
    /^client later able to use /,
    async (played, phrase) => wasRegistered(played) && (await canUse(played, phrase.replace("client later able to use ", ""))),
  ],
  [
    /^value rendered as href\/src$/,
    async (played) => wasRegistered(played) && (await consentPageOf(played)).body.includes(sentUri(played)),
  ],
  // Only a fetch of a loopback canary would be seen; an address that answers nobody says nothing.
  [
    /^server-side fetch to the value$/,
    (played) => (wasRegistered(played) ? (sentUri(played).startsWith("http:") ? undefined : false) : false),
  ],
  [
    /^<img src=https:\/\/\{canary\}>/,
    async (played) => wasRegistered(played) && /<img[^>]*src="https?:/.test((await consentPageOf(played)).body),
  ],
  [
    /^stored unvalidated or rendered$/,
    async (played) =>
      wasRegistered(played) &&
      (/javascript:alert|<script>/.test(await storedClient(played)) || (await consentPageOf(played)).body.includes("<script>alert")),
  ],
  [/^script execution or broken layout/, async (played) => wasRegistered(played) && breaksOut(played, await consentPageOf(played))],
  [/^(control characters in logs|raw control characters in logs)$/, ({ scene }) => hasControlCharacters(scene.stage.server.output())],
  [/^client presented without 'unverified' marking$/, async (played) => wasRegistered(played) && isUnmarked(await consentPageOf(played))],
  [
    /^Object\.prototype changed$/,
    async (played) => /"(trusted|isAdmin|polluted)"/.test((await played.scene.stage.get("/.well-known/oauth-authorization-server")).body),
  ],
  [/^ambiguous duplicate resolved/, (played) => (wasRegistered(played) && repeatsKeys(played.last.message.body) ? undefined : false)],
  [/^client_secret in the response$/, ({ last }) => "client_secret" in jsonOf(last.answer)],
  [/^missing client_id_issued_at$/, ({ last }) => typeof jsonOf(last.answer)["client_id_issued_at"] !== "number"],
  [/^client_secret_expires_at missing$/, ({ last }) => typeof jsonOf(last.answer)["client_secret_expires_at"] !== "number"],
  [/^secret < 128 bit$/, ({ last }) => (memberOf(last.answer, "client_secret") ?? "").length < 22],
  [
    /^secret retrievable later$/,
    async (played) => (await storedClient(played)).includes(memberOf(played.last.answer, "client_secret") ?? "none"),
  ],
  // decided: registration_access_token and registration_client_uri always (RFC 7592 is offered).
  [/^registration_client_uri if RFC 7592 is not implemented/, () => false],
  [
    /^claims of the statement applied$/,
    async (played) => wasRegistered(played) && /trusted|software_statement/.test(await storedClient(played)),
  ],
  [/^admin or \* ever grantable/, async (played) => wasRegistered(played) && (await isOffered(played, "admin"))],
  [/^client owned by alice$/, async (played) => wasRegistered(played) && /alice/.test(await storedClient(played))],
];

/** The members of the answer and the stored row; a public client's secret can do nothing, so storing none is what counts. */
async function takesOver(played: Played, member: string): Promise<boolean> {
  const sent: unknown = sentMetadata(played)[member];
  const answered = jsonOf(played.last.answer)[member];
  if (answered !== undefined && JSON.stringify(answered) === JSON.stringify(sent)) return true;
  const stored = await storedClient(played);
  return stored.includes(`"${member}\\":`) || (typeof sent === "string" && sent.length > 3 && stored.includes(sent));
}

function repeatsKeys(json: string): boolean {
  const names = [...json.matchAll(/"([^"]+)"\s*:/g)].map(([, name]) => name);
  return new Set(names).size < names.length;
}

/** The row of the registered client, as text. */
const storedClient = ({ scene, last }: Played): Promise<string> =>
  rowsAsText(scene.stage, "SELECT * FROM clients WHERE id = ?", memberOf(last.answer, "client_id") ?? "");

const sentMetadata = ({ last }: Played): Members => parseMembers(last.message.body);

function sentUri({ last }: Played): string {
  const values = Object.entries(parseMembers(last.message.body)).filter(([name]) => /_uri(#\w+)?$/.test(name));
  return values.map(([, value]) => value).find((value) => typeof value === "string") ?? "no uri sent";
}

async function consentPageOf({ scene, last }: Played, scope = "read"): Promise<Answer> {
  const client = {
    id: memberOf(last.answer, "client_id") ?? "",
    secret: undefined,
    authMethod: "none",
    redirectUris: ["https://c.example/cb"],
  } as const;
  return (await askFor(scene.stage, await scene.member("alice"), { client, scope })).answer;
}

async function isOffered(played: Played, scope: string): Promise<boolean> {
  const page = await consentPageOf(played, `read ${scope}`);
  return page.status === 200 && page.body.includes(`value="${scope}"`);
}

/** A refused or stopped request shows no Allow button; a page that does must say that nobody has checked the name. */
const isUnmarked = (page: Answer): boolean => isConsentPage(page) && !/not verified/i.test(page.body);

function breaksOut(played: Played, page: Answer): boolean {
  const name = sentMetadata(played)["client_name"];
  if (typeof name !== "string") return page.status >= 500;
  return /["<]/.test(name) ? page.body.includes(name) : page.status >= 500;
}

async function canUse({ scene, last }: Played, grantTypes: string): Promise<boolean> {
  for (const grantType of grantTypes.split(",").filter((name) => name !== "authorization_code")) {
    const answer = await scene.stage.post("/oauth/token", [
      ["grant_type", grantType],
      ["client_id", memberOf(last.answer, "client_id") ?? ""],
      ["username", "alice"],
      ["password", "x"],
    ]);
    if (answer.status === 200) return true;
  }
  return false;
}
