import { dateAndTime, en, type Html, html } from "vouchsafe/pages";

const numbers = new Intl.NumberFormat("en");

/** Thin spaces between thousands, which no line breaks at. */
export const number = (value: number): string => numbers.format(value).replaceAll(",", "\u202f");

/** `14 connections`, `1 connection` */
export const counted = (count: number, one: string, many = `${one}s`): string => `${number(count)} ${count === 1 ? one : many}`;

/** A time as the other pages show it. */
export const time = (iso: string | undefined, absent = "–"): Html | string =>
  iso === undefined ? absent : html`<time datetime="${iso}">${dateAndTime(Date.parse(iso), en)}</time>`;

/** As lists need it: `2026-11-20 12:00`, in UTC. */
export const minute = (iso: string | undefined, absent = "–"): Html | string =>
  iso === undefined ? absent : html`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 16)}</time>`;

/** To the second, as lists of what happened need it: `2026-11-20 12:00:05`, in UTC. */
export const second = (iso: string): Html => html`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 19)}</time>`;

const shortened = (name: string, longest: number): string => {
  const characters = Array.from(name);
  return characters.length > longest ? `${characters.slice(0, longest - 1).join("")}…` : name;
};

/** As much of an id as a table has room for; the link has all of it. */
export const shortId = (id: string): string => shortened(id.replace(/^https:\/\//, ""), 28);

export interface NamedApp {
  readonly client_id: string;
  readonly client_name?: string | undefined;
  /** Undefined: not told, and then held for a name that the app gave itself unless its id says otherwise. */
  readonly registered?: string | undefined;
}

/** An app's name: in quotes where the app gave it to itself; its id where nobody knows the name any more. */
export function appName({ client_id, client_name, registered }: NamedApp): string {
  if (client_name === undefined) return shortId(client_id);
  const isOwnWord = registered === undefined ? !client_id.startsWith("https://") : registered === "dynamic";
  return isOwnWord ? en.quoted(shortened(client_name, 48)) : shortened(client_name, 48);
}

export const appPath = (id: string): string => `/admin/apps/${encodeURIComponent(id)}`;
export const personPath = (id: string): string => `/admin/people/${encodeURIComponent(id)}`;
export const flowPath = (id: string): string => `/admin/flows/${encodeURIComponent(id)}`;

/** What stands in a name turns no text around it. */
export const appLink = (app: NamedApp): Html => html`<a href="${appPath(app.client_id)}"><bdi>${appName(app)}</bdi></a>`;

/** Whom it is about: by e-mail address where the subject is an account of ours. */
export function personLink(subject: string | undefined, email: string | undefined): Html | string {
  if (subject === undefined) return "–";
  return email === undefined ? html`<code>${subject}</code>` : html`<a href="${personPath(subject)}"><bdi>${email}</bdi></a>`;
}

/** How a client came to be known. */
export const registeredWords: Readonly<Record<string, string>> = {
  operator: "by an operator",
  dynamic: "by itself",
  document: "by its document",
};

/** Who stands behind it, as the consent page says. */
export const tierWords: Readonly<Record<string, string>> = {
  own: "own app",
  checked: "checked",
  "known-website": "known website",
  "on-this-computer": "on people's computers",
  "named-itself": "named itself",
};

export const outcomeWords: Readonly<Record<string, string>> = {
  under_way: "under way",
  allowed: "allowed, not redeemed",
  denied: "denied",
  connected: "connected, not used",
  used: "connected and used",
  refused: "refused",
};
