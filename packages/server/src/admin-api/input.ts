import { OAuthError, readBody } from "vouchsafe/pages";
import { BadInput } from "../operator/operator.ts";
import type { Schema } from "./schema.ts";

/** The parameters of a query, as their schema says. @throws BadInput */
export function readQuery<Shape>(schema: Schema<Shape>, parameters: URLSearchParams): Shape {
  const known = Object.keys(schema.properties ?? {});
  const given = [...new Set(parameters.keys())].map((name) => {
    if (!known.includes(name)) throw new BadInput(`There is no parameter ${quoted(name)} here${among(known)}.`);
    return [name, parameterOf(schema.properties?.[name] ?? {}, name, parameters.getAll(name))] as const;
  });
  return conforming(schema, Object.fromEntries(given), "the query");
}

function parameterOf({ type }: Schema, name: string, values: readonly string[]): unknown {
  if (type === "array") return values;
  const [value = ""] = values;
  if (values.length > 1) throw new BadInput(`${name} is repeated.`);
  if (type === "integer") return /^\d{1,15}$/.test(value) ? Number(value) : value;
  if (type === "boolean") return { true: true, false: false }[value] ?? value;
  return value;
}

/** A JSON body. Where everything in it is optional, it may be left out. @throws BadInput, OAuthError with 413 or 415 */
export async function readBodyOf<Shape>(schema: Schema<Shape>, request: Request): Promise<Shape> {
  const body = await readBody(request);
  if (body === "") return conforming(schema, {}, "the body");
  requireJson(request);
  return conforming(schema, parseJson(body), "the body");
}

/** @throws OAuthError with 415 */
export function requireJson(request: Request): void {
  if (/^application\/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?$/i.test(request.headers.get("content-type") ?? "")) return;
  throw new OAuthError("invalid_request", "the content type is wrong", { status: 415, description: "The body must be application/json." });
}

function parseJson(body: string): unknown {
  if (body.includes("\uFFFD")) throw new BadInput("The body is not UTF-8.");
  try {
    return JSON.parse(body);
  } catch {
    throw new BadInput("The body is not JSON.");
  }
}

/** @throws BadInput with what is wrong first */
function conforming<Shape>(schema: Schema<Shape>, value: unknown, name: string): Shape {
  const problem = problemOf(schema, value, name);
  if (problem !== undefined) throw new BadInput(problem);
  return value as Shape;
}

function problemOf(schema: Schema, value: unknown, name: string): string | undefined {
  const { type, items = {}, minimum = 0, maximum = Number.MAX_SAFE_INTEGER } = schema;
  if (type === "string") return problemOfText(schema, value, name);
  if (type === "object") return problemOfObject(schema, value, name);
  if (type === "array")
    return Array.isArray(value)
      ? firstProblem(value.map((item: unknown) => problemOf(items, item, name)))
      : `${name} is a list, and not ${shown(value)}.`;
  if (type === "boolean" && typeof value !== "boolean") return `${name} is true or false, and not ${shown(value)}.`;
  if (type === "integer" && !(Number.isSafeInteger(value) && Number(value) >= minimum && Number(value) <= maximum))
    return `${name} is a whole number from ${minimum} to ${maximum}, and not ${shown(value)}.`;
  return undefined;
}

function problemOfText(
  { enum: words, minLength = 0, maxLength = Number.POSITIVE_INFINITY }: Schema,
  value: unknown,
  name: string,
): string | undefined {
  if (typeof value !== "string") return `${name} is a text, and not ${shown(value)}.`;
  if (words !== undefined) return words.includes(value) ? undefined : `${name} is one of ${words.join(", ")}, and not ${shown(value)}.`;
  if (value.length < minLength) return `${name} is empty.`;
  if (value.length > maxLength) return `${name} is longer than ${maxLength} characters.`;
  return /\p{Cc}/u.test(value) || !value.isWellFormed() ? `${name} has characters that cannot be shown.` : undefined;
}

function problemOfObject({ properties = {}, required = [] }: Schema, value: unknown, name: string): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return `${name} is an object, and not ${shown(value)}.`;
  const missing = required.find((member) => !Object.hasOwn(value, member));
  if (missing !== undefined) return `${missing} is missing.`;
  return firstProblem(
    Object.entries(value).map(([member, content]: [string, unknown]) =>
      Object.hasOwn(properties, member)
        ? problemOf(properties[member] ?? {}, content, member)
        : `There is no member ${quoted(member)} here${among(Object.keys(properties))}.`,
    ),
  );
}

const among = (names: readonly string[]): string => (names.length === 0 ? "" : `: ${names.join(", ")}`);

const firstProblem = (problems: readonly (string | undefined)[]): string | undefined => problems.find((problem) => problem !== undefined);

const shown = (value: unknown): string => {
  if (typeof value === "string") return quoted(value);
  if (typeof value === "number" || typeof value === "boolean" || value === null) return String(value);
  return Array.isArray(value) ? "a list" : typeof value;
};

const quoted = (value: string): string => JSON.stringify(value.slice(0, 100));
