import { availableParallelism } from "node:os";
import { type AuditEvent, eventTypes, isAddressOrBlock, parseDuration, type ResourceOptions, type ScopeOptions } from "vouchsafe";
import { nearest } from "./nearest-name.ts";

export const text = (value: unknown): string => {
  if (typeof value !== "string" && typeof value !== "number") throw new Error("is not a text");
  return String(value);
};

export const list = (value: unknown): readonly string[] =>
  Array.isArray(value)
    ? value.map(text)
    : text(value)
        .split(",")
        .map((item) => item.trim())
        .filter((item) => item !== "");

export const oneOf =
  <const Names extends readonly string[]>(...names: Names) =>
  (value: unknown): Names[number] => {
    const found = names.find((name) => name === String(value).toLowerCase());
    if (found === undefined) throw new Error(`is none of ${names.join(", ")}`);
    return found;
  };

export const onOff = (value: unknown): boolean => (typeof value === "boolean" ? value : oneOf("on", "off")(value) === "on");

/** A length of time, as text, or one of the words that may stand instead. */
export const duration =
  (...words: readonly string[]) =>
  (value: unknown): string => {
    const given = text(value);
    if (!words.includes(given) && parseDuration(given) === undefined)
      throw new Error(`is no length of time, such as 60, 10m or 30d${words.map((word) => `, nor ${word}`).join("")}`);
    return given;
  };

export const port = (value: unknown): number => {
  const number = Number(text(value));
  if (!Number.isInteger(number) || number < 0 || number > 65_535) throw new Error("is no port");
  return number;
};

/** A whole number within these bounds. */
export const count =
  (least: number, most: number) =>
  (value: unknown): number => {
    const number = Number(text(value));
    if (!Number.isInteger(number) || number < least || number > most) throw new Error(`is no number from ${least} to ${most}`);
    return number;
  };

/** A URL may have a password before its host, or among its parameters. */
export const withoutPassword = (url: string): string =>
  url.replace(/^([a-z]+:\/\/[^/?#@:]*):[^/?#]*@/i, "$1:********@").replace(/([?&](?:password|sslpassword)=)[^&#]*/gi, "$1********");

/** A number of processes; `auto`: as many as this machine has cores for us. */
export const workers = (value: unknown): number => (String(value) === "auto" ? availableParallelism() : count(1, 256)(value));

/** Names with their words; a plain list gets words made of the names. */
export const scopes = (value: unknown): Readonly<Record<string, string | ScopeOptions>> => {
  if (isRecord(value)) return value as Record<string, string | ScopeOptions>;
  return Object.fromEntries(
    list(value).map((name) => [name, wordsOfScope[name] ?? { description: { en: `Use "${name}"`, de: `„${name}“ nutzen` } }]),
  );
};

const wordsOfScope: Readonly<Record<string, ScopeOptions>> = {
  read: { description: { en: "Read your notes", de: "Deine Notizen lesen" } },
  write: { description: { en: "Create, change and delete notes", de: "Notizen anlegen, ändern und löschen" } },
};

export const resources = (value: unknown): Readonly<Record<string, ResourceOptions>> =>
  isRecord(value) ? (value as Record<string, ResourceOptions>) : Object.fromEntries(list(value).map((uri) => [uri, {}]));

/** `Privacy=https://example.com/privacy,Imprint=/imprint` */
export const links = (value: unknown): Readonly<Record<string, string>> =>
  isRecord(value) ? (value as Record<string, string>) : Object.fromEntries(list(value).map(namedValue));

/** `Acme=acme.example acme.dev,Budget=budget.example`: names, and the hosts they really come from. */
export const brands = (value: unknown): readonly { readonly name: string; readonly hosts: readonly string[] }[] => {
  if (Array.isArray(value) && value.every(isRecord)) return value.map(brand);
  return list(value)
    .map(namedValue)
    .map(([name, hosts]) => brand({ name, hosts }));
};

function brand({ name, hosts }: Record<string, unknown>): { name: string; hosts: readonly string[] } {
  if (name === undefined || hosts === undefined) throw new Error("has a brand without a name or without hosts");
  return { name: text(name), hosts: Array.isArray(hosts) ? hosts.map(text) : text(hosts).trim().split(/\s+/) };
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

const namedValue = (item: string): readonly [name: string, value: string] => {
  const [, name, value] = /^([^=]+)=(.+)$/.exec(item) ?? [];
  if (name === undefined || value === undefined) throw new Error(`has ${item}, which is no name=value`);
  return [name.trim(), value.trim()];
};

export const smtpUrl = (value: unknown): string => {
  if (!/^smtps?:$/.test(URL.parse(text(value))?.protocol ?? "")) throw new Error("is no URL such as smtp://mail.example.com:587");
  return text(value);
};

/** `notes@example.com`, or `Notes <notes@example.com>`. */
export const mailAddress = (value: unknown): string => {
  if (!/^(?:[^<>\p{Cc}]*<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/u.test(text(value)))
    throw new Error("is no mail address such as Notes <notes@example.com>");
  return text(value);
};

export const trustedProxies = (value: unknown): number | readonly string[] => {
  if (String(value) === "off") return 0;
  if (/^\d+$/.test(String(value))) return Number(value);
  const wrong = list(value).find((entry) => !isAddressOrBlock(entry));
  if (wrong !== undefined) throw new Error(`has ${wrong}, which is no address, no CIDR block and no number of hops`);
  return list(value);
};

/** `https://example.com/hook`, or http on this machine. */
export const webhookUrl = (value: unknown): string => {
  const url = URL.parse(text(value));
  const isLoopback = ["localhost", "127.0.0.1", "[::1]"].includes(url?.hostname ?? "");
  if (url === null || !(url.protocol === "https:" || (url.protocol === "http:" && isLoopback)) || url.username !== "")
    throw new Error("is no https URL such as https://example.com/hook, without a password in it");
  return url.href;
};

/** `whsec_` and base64 of 24 to 64 bytes. Standard Webhooks */
export const webhookSecret = (value: unknown): string => {
  const [, encoded = ""] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text(value)) ?? [];
  const { length } = Buffer.from(encoded, "base64");
  if (length < 24 || length > 64) throw new Error("is no secret such as whsec_ and the base64 of 24 to 64 random bytes");
  return text(value);
};

/** `code.replayed,refresh.reused`, or `all`. */
export const events = (value: unknown): readonly AuditEvent["type"][] => {
  const names = list(value);
  if (names.length === 0) throw new Error("names no event");
  if (names.includes("all")) return eventTypes;
  return names.map((name) => {
    const type = eventTypes.find((known) => known === name);
    if (type === undefined) throw new Error(`has ${name}, which is no event; did you mean ${nearest(name, eventTypes)}?`);
    return type;
  });
};

export const adminToken = (value: unknown): string => {
  if (!/^[A-Za-z0-9._~+/=-]{32,}$/.test(text(value)))
    throw new Error("is no token: at least 32 characters of A-Z a-z 0-9 . _ ~ + / = -, such as from openssl rand -hex 32");
  return text(value);
};
