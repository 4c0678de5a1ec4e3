/** What the placeholders stand for: fixtures.json, "placeholders". */
import { setTimeout as wait } from "node:timers/promises";
import { type Asked, askFor, disconnect, obtainCode, resourceA, resourceB, revoke } from "./authorization.ts";
import { deleteToken, makeToken } from "./personal-tokens.ts";
import { verifierNamed } from "./placeholder.ts";
import { isConsentPage } from "./played.ts";
import type { Scene } from "./scene.ts";
import { changeDatabase, newestGrant } from "./store-rows.ts";

/** The value of a name; undefined when there is no such fixture here. */
export async function fixtureFor(name: string, scene: Scene): Promise<string | undefined> {
  const [kind = "", variant] = name.split(":");
  switch (kind) {
    case "ISS":
      return scene.stage.issuer;
    case "host":
      return scene.stage.host;
    case "scheme":
      return new URL(scene.stage.issuer).protocol.slice(0, -1);
    case "RA":
      return encodeURIComponent(resourceA(scene.stage));
    case "RB":
    case "RA2":
      return encodeURIComponent(resourceB(scene.stage));
    case "rt0":
      return "%2F";
    case "doc":
      return (await scene.documents()).name;
    case "cimd":
      return encodeURIComponent(await knownByDocument(scene));
    case "canary":
      return (await scene.canary()).address;
    case "pat":
    case "patid":
      return personalToken(kind, variant, scene);
    case "jwt_at":
      return (await scene.tokens(name, { client: await scene.client("pub") })).accessToken;
    case "code":
    case "at":
    case "rt":
      return credential(kind, variant, scene);
    case "grant":
      await scene.tokens(name, { client: await scene.client("pub") }, variant);
      return newestGrant(scene.stage);
    default:
      return (await ofPerson(kind, variant ?? "alice", scene)) ?? ofClient(kind, variant, scene);
  }
}

async function ofPerson(kind: string, name: string, scene: Scene): Promise<string | undefined> {
  if (!["sess", "email", "lice", "password"].includes(kind)) return undefined;
  const { browser, email, password } = await scene.member(name);
  if (kind === "sess") return browser.cookies;
  // A look-alike replaces the first letter only.
  return encodeURIComponent(kind === "password" ? password : kind === "lice" ? email.slice(1) : email);
}

async function ofClient(kind: string, variant: string | undefined, scene: Scene): Promise<string | undefined> {
  const { clients } = scene.stage;
  if (kind === "rat") return variant !== undefined && clients.has(variant) ? (await scene.client(variant)).registrationToken : undefined;
  const name = kind.replace(/_secret$/, "");
  if (variant !== undefined || !clients.has(name)) return undefined;
  const client = await scene.client(name);
  return name === kind ? client.id : client.secret;
}

async function credential(kind: "code" | "at" | "rt", variant: string | undefined, scene: Scene): Promise<string | undefined> {
  const asked = await askedFor(variant, scene);
  if (asked === undefined) return undefined;
  const name = variant === "mallory" ? "mallory" : variant === "disableduser" ? "carol" : "alice";
  if (kind === "code") {
    const code = await obtainCode(scene.stage, await scene.spend(name), asked);
    scene.codes.set("code", code);
    return code.value;
  }
  const tokens = await scene.tokens(variant ?? "standard", asked, name);
  if (variant === "revoked") await revoke(scene.stage, asked.client, kind === "at" ? tokens.accessToken : tokens.refreshToken);
  if (variant === "revokedgrant") await disconnect(await scene.member("alice"), await newestGrant(scene.stage));
  if (variant === "expired") await wait(1_200);
  if (variant === "disableduser") await scene.stage.operator(["users", "disable", (await scene.member(name)).email]);
  // No command disables a client yet; this is the column it will set.
  if (variant === "disabledclient")
    await changeDatabase(scene.stage, "UPDATE clients SET disabled_at = ? WHERE id = ?", Date.now() - 1, asked.client.id);
  // {at} and {rt} of one case come from one grant.
  const suffix = variant === undefined ? "" : `:${variant}`;
  scene.define(`at${suffix}`, tokens.accessToken);
  scene.define(`rt${suffix}`, tokens.refreshToken);
  return kind === "at" ? tokens.accessToken : tokens.refreshToken;
}

const standardVariants = ["RA", "mallory", "revoked", "revokedgrant", "expired", "read", "disableduser"];

/** What the credential is made with: the precondition says it, and the variant adds to it. */
async function askedFor(variant: string | undefined, scene: Scene): Promise<Asked | undefined> {
  const { precondition, steps } = scene.attackCase;
  const loopback = /code issued for (http\S+)/.exec(precondition)?.[1];
  const named = /(?:fresh code (?:for|issued to)|rt from a fresh grant of) (\w+)/.exec(precondition)?.[1] ?? "pub";
  const implied = steps.some((step) => step.includes("client_id={norefresh}"))
    ? "norefresh"
    : scene.stage.clients.has(named)
      ? named
      : "pub";
  const standard: Asked = {
    client: await scene.client(loopback === undefined ? implied : "native"),
    scope: /scope '?(read write|read)/.exec(precondition)?.[1] ?? "read",
    verifier: verifierNamed(/S256\((\w+)\)/.exec(precondition)?.[1] ?? "V"),
    ...(loopback === undefined ? {} : { redirectUri: loopback }),
  };
  if (variant === undefined || standardVariants.includes(variant)) return standard;
  if (variant === "disabledclient") return { ...standard, client: await scene.stage.clients.make("pub") };
  if (variant === "write") return { ...standard, scope: "write" };
  return scene.stage.clients.has(variant) ? { ...standard, client: await scene.client(variant) } : undefined;
}

/** The id of a client whose document has been read: alice was asked about it. */
async function knownByDocument(scene: Scene): Promise<string> {
  const { url } = await scene.documents();
  const client = { id: url, secret: undefined, authMethod: "none", redirectUris: ["https://c.example/cb"] } as const;
  const page = await askFor(scene.stage, await scene.member("alice"), { client });
  if (!isConsentPage(page.answer))
    throw new Error(`the document was not accepted: ${page.answer.status} ${page.answer.body.slice(0, 300)}`);
  return url;
}

/** {pat:bob} is bob's, {pat:ro} one of alice's that reads alone. */
async function personalToken(kind: "pat" | "patid", variant: string | undefined, scene: Scene): Promise<string> {
  const isPerson = variant !== undefined && ["bob", "mallory", "carol", "admin"].includes(variant);
  const owner = await scene.spend(isPerson ? variant : "alice");
  const scopes = variant === "ro" || variant === "read" ? ["read"] : ["read", "write"];
  const token = await makeToken(scene.stage, owner, { scopes, ends: variant === "expired" ? "1s" : "30d" });
  if (variant === "expired") await wait(1_050);
  if (variant === "deleted" || variant === "revoked") await deleteToken(owner, token);
  const suffix = variant === undefined ? "" : `:${variant}`;
  scene.define(`pat${suffix}`, token.value);
  scene.define(`patid${suffix}`, token.id);
  return kind === "pat" ? token.value : token.id;
}
