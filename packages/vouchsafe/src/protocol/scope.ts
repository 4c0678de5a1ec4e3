import { OAuthError } from "./errors.ts";

/** What one scope means and who may have it. */
export interface ScopeDefinition {
  /** The words on the consent page: "Read your notes"; or words for each language. */
  readonly description: string | Readonly<Record<string, string>>;
  /** The person cannot untick it; the request is allowed with it or not at all. */
  readonly required: boolean;
  /** Only clients that an operator made may ask for it. */
  readonly operatorOnly: boolean;
  /** Scopes that whoever has this one has too, where access is checked. */
  readonly implies: readonly string[];
}

/** Every scope the server knows, in the order in which pages list them. */
export type Vocabulary = ReadonlyMap<string, ScopeDefinition>;

/** Scope names, each once, in the vocabulary's order where one was applied. */
export type Scope = readonly string[];

/**
 * Splits the wire form. OAuth 2.1 §1.4.1
 * @throws OAuthError `invalid_scope` where a character is not allowed
 */
export function parseScope(text: string): Scope {
  const names = text.split(" ").filter((name) => name !== "");
  if (!names.every((name) => scopeToken.test(name))) throw new OAuthError("invalid_scope", "scope has a character that is not allowed");
  return [...new Set(names)];
}

const scopeToken = /^[\x21\x23-\x5B\x5D-\x7E]+$/;

export const formatScope = (scope: Scope): string => scope.join(" ");

/** What is in both, in the order of the first. */
export const intersection = (scope: Scope, other: Scope): Scope => scope.filter((name) => other.includes(name));

/** What is in either, each once. */
export const union = (scope: Scope, other: Scope): Scope => [...new Set([...scope, ...other])];

/** What is in the first alone. */
export const difference = (scope: Scope, other: Scope): Scope => scope.filter((name) => !other.includes(name));

/** Whether the granted scope is enough for what is needed, with what the vocabulary says a scope implies. */
export function coversScope(granted: Scope, needed: Scope, vocabulary: Vocabulary): boolean {
  return needed.every((name) => granted.includes(name) || granted.some((held) => vocabulary.get(held)?.implies.includes(name)));
}
