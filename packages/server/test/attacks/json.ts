/** JSON from outside, as what it may be taken for. */
export type Members = Readonly<Record<string, unknown>>;

/** The members of a value; none when it is no object. */
export const membersOf = (value: unknown): Members =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};

/** The members of a JSON object; none when the text is no such thing. */
export function parseMembers(text: string): Members {
  try {
    return membersOf(JSON.parse(text));
  } catch {
    return {};
  }
}

/** The longest text among the members: the secret, whatever its member is called. */
export function longestText(members: Members): string {
  const texts = Object.values(members).filter((value) => typeof value === "string");
  return texts.sort((one, other) => other.length - one.length)[0] ?? "";
}
