import { type Answer, type Exchange, isAnswer } from "./exchange.ts";

/** A JSON object that a server sent. */
export type Document = Readonly<Record<string, unknown>>;

/** The document of a 200 answer; undefined where there is none. */
export function documentOf(exchange: Exchange | undefined): Document | undefined {
  if (!isAnswer(exchange) || exchange.status !== 200) return undefined;
  return objectIn(exchange);
}

/** The JSON object of an answer, whatever its status. */
export function objectIn({ body }: Answer): Document | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return isDocument(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export const isDocument = (value: unknown): value is Document => typeof value === "object" && value !== null && !Array.isArray(value);

/** A member that is a text. */
export const textIn = (document: Document | undefined, name: string): string | undefined => {
  const value = document?.[name];
  return typeof value === "string" ? value : undefined;
};

/** A member that is a list, as far as its items are texts; undefined where there is no list. */
export const listIn = (document: Document | undefined, name: string): readonly string[] | undefined => {
  const value = document?.[name];
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : undefined;
};

/** The names of members that are null: RFC 8414 §2 and RFC 9728 §2 leave them out. */
export const nullsIn = (document: Document): readonly string[] => Object.keys(document).filter((name) => document[name] === null);

/** What an exchange came to, in a few words. */
export function outcomeOf(exchange: Exchange): string {
  if (!isAnswer(exchange)) return `nothing (${exchange.failure})`;
  const type = exchange.headers["content-type"]?.split(";")[0];
  return `${exchange.status}${type === undefined ? "" : ` ${type}`}`;
}

export interface Redirect extends Answer {
  readonly headers: Answer["headers"] & { readonly location: string };
}

/** Whether the answer sends its reader elsewhere. */
export const isRedirect = (exchange: Exchange | undefined): exchange is Redirect =>
  isAnswer(exchange) && exchange.status >= 300 && exchange.status < 400 && exchange.headers.location !== undefined;

/** The path at which a well-known document of a URI stands: between host and path. RFC 8414 §3.1, RFC 9728 §3.1 */
export function insertedPath(name: string, uri: string): string {
  const { origin, pathname } = new URL(uri);
  return `${origin}/.well-known/${name}${pathname === "/" ? "" : pathname.replace(/\/$/, "")}`;
}
