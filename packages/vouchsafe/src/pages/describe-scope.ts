import type { Scope, Vocabulary } from "../protocol/scope.ts";

/** The operator's words for each scope, or its name where the vocabulary has lost it. */
export const describeScope = (scope: Scope, vocabulary: Vocabulary): string =>
  scope.map((name) => vocabulary.get(name)?.description ?? name).join(", ");
