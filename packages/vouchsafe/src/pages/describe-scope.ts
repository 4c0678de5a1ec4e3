import type { Messages } from "../messages/messages.ts";
import type { Scope, Vocabulary } from "../protocol/scope.ts";

/** The operator's words for a scope in the language of the page, or in their first language; its name where the vocabulary has lost it. */
export function scopeWords(name: string, vocabulary: Vocabulary, { language }: Pick<Messages, "language">): string {
  const { description = name } = vocabulary.get(name) ?? {};
  if (typeof description === "string") return description;
  return description[language] ?? Object.values(description)[0] ?? name;
}

export const describeScope = (scope: Scope, vocabulary: Vocabulary, messages: Pick<Messages, "language">): string =>
  scope.map((name) => scopeWords(name, vocabulary, messages)).join(", ");
