import { OAuthError } from "../../src/protocol/errors.ts";

/** The code with which a step refuses, or undefined where it does not. Anything but a refusal is thrown on. */
export function refusalOf(step: () => unknown): string | undefined {
  try {
    step();
    return undefined;
  } catch (error) {
    if (error instanceof OAuthError) return error.code;
    throw error;
  }
}
