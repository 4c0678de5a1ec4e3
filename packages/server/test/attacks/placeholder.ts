/** The placeholders of fixtures.json. What a name stands for is asked of the caller; the grammar around it is here. */
import { createHash } from "node:crypto";
import { rawByte } from "./raw-message.ts";

/** The value of a name such as "pub", "rt:conf" or "m2m_secret"; undefined when there is no such fixture. */
export type Resolve = (name: string) => Promise<string | undefined>;

/** A case uses a fixture that this runner, or this server, does not have. */
export class UnknownPlaceholder extends Error {
  constructor(placeholder: string) {
    super(`no fixture for {${placeholder}}`);
  }
}

// Innermost braces first, so that {b64:m2m:{m2m_secret[0:-1]}} works; four levels are more than any case nests.
const deepest = 4;

/** Replaces every placeholder. JSON braces are left alone: their content starts with a quote. */
export async function substitute(text: string, resolve: Resolve): Promise<string> {
  let result = repeatedBody(text);
  for (let depth = 0; depth < deepest; depth++) {
    const found = [...result.matchAll(/\{([^{}\n]*)\}|\{([^{}"\n]{1,8})\*(\d+)\}/g)].map((match) => match[1] ?? "").filter(isPlaceholder);
    if (found.length === 0) break;
    for (const name of new Set(found)) result = result.replaceAll(`{${name}}`, await replacementFor(name, resolve));
  }
  return result.replace(/<((?:[0-9a-f]{2} ?)+)>/g, (_, hex: string) =>
    hex
      .trim()
      .split(" ")
      .map((byte) => rawByte(Number.parseInt(byte, 16)))
      .join(""),
  );
}

const repetition = /^([^"]{1,8})\*(\d+)$/;
const slice = /^(.+)\[(\d*):(-?\d*)\]$/;
const name = /^[A-Za-z][A-Za-z0-9_]*(:[^\s"][^"]*)?:?$/;

const isPlaceholder = (content: string): boolean => repetition.test(content) || slice.test(content) || name.test(content);

/** "a=1&a=1@x33333" repeats the line that often, joined as parameters. */
const repeatedBody = (text: string): string =>
  text.replace(/([^\n]*)@x(\d+)$/, (_, line: string, count: string) => Array.from({ length: Number(count) }, () => line).join("&"));

async function replacementFor(content: string, resolve: Resolve): Promise<string> {
  const repeated = repetition.exec(content);
  if (repeated !== null) return (repeated[1] ?? "").repeat(Number(repeated[2]));
  const sliced = slice.exec(content);
  if (sliced !== null)
    return (await known(sliced[1] ?? "", resolve)).slice(Number(sliced[2]), sliced[3] === "" ? undefined : Number(sliced[3]));
  const [operator = "", ...rest] = content.split(":");
  const operand = rest.join(":");
  if (operator.startsWith("b64")) return credentials(operator, operand, resolve);
  if (operator === "flip") return flipped(await known(operand, resolve));
  if (operator === "prefix") return prefixOf(await known(operand, resolve));
  if (operator === "upper") return (await known(operand, resolve)).toUpperCase();
  if (operator === "urlenc") return encodeURIComponent(operand);
  return known(content, resolve);
}

async function known(name: string, resolve: Resolve): Promise<string> {
  const value = constants.get(name) ?? (await resolve(name));
  if (value === undefined) throw new UnknownPlaceholder(name);
  return value;
}

/** Basic credentials: "b64" form-encodes both parts first (OAuth 2.1 §2.4.1), the others break something on purpose. */
async function credentials(kind: string, operand: string, resolve: Resolve): Promise<string> {
  if (operand.includes("formenc(")) throw new UnknownPlaceholder(operand);
  const colon = operand.indexOf(":");
  const parts = [operand.slice(0, colon), operand.slice(colon + 1)];
  const values = await Promise.all(parts.map(async (part) => (part === "" ? "" : ((await resolve(part)) ?? unescaped(part)))));
  const joined = (kind === "b64" ? values.map(formEncoded) : values).join(":");
  const base64 = Buffer.from(joined, "utf8").toString("base64");
  if (kind === "b64junk") return `${base64.slice(0, 5)}!*${base64.slice(5)}`;
  return kind === "b64url" ? base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "") : base64;
}

const formEncoded = (value: string): string => new URLSearchParams({ "": value }).toString().slice(1);
const unescaped = (text: string): string =>
  text.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/** One bit of the last character but five: behind any prefix, before nothing that base64url may ignore. */
function flipped(secret: string): string {
  const at = Math.max(secret.length - 5, 0);
  const character = secret.charAt(at);
  return secret.slice(0, at) + (character === "A" ? "B" : "A") + secret.slice(at + 1);
}

const prefixOf = (secret: string): string => secret.slice(0, Math.min(16, Math.floor(secret.length / 2)));

/** PKCE, RFC 7636 §4.2. */
export const challengeOf = (verifier: string): string => createHash("sha256").update(verifier).digest("base64url");

const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const otherVerifier = "a-second-code-verifier-of-forty-three-chars";

const constants: ReadonlyMap<string, string> = new Map([
  ["V", verifier],
  ["C", challengeOf(verifier)],
  ["V2", otherVerifier],
  ["C2", challengeOf(otherVerifier)],
  ["shortV", verifier.slice(0, 42)],
  ["longV", verifier.repeat(3)],
  ["badcharV", `${verifier.slice(0, 42)}!`],
  ["stdb64C", encodeURIComponent(`ab+/${challengeOf(verifier).slice(4)}`)],
  ["rand_ip", "203.0.113.7"],
]);

/** The verifiers by name, for codes that a precondition asks to be made with another challenge. */
export const verifierNamed = (name: string): string => constants.get(name) ?? verifier;
