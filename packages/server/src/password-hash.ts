import { availableParallelism } from "node:os";
import { hash, verify } from "@node-rs/argon2";
import { mintIdentifier } from "vouchsafe";
import { createTurns } from "./turns.ts";

/** Argon2id with the least parameters that OWASP's password storage cheat sheet recommends. */
const argon2id = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/**
 * A hash takes tens of milliseconds of a core, 19 MB, and one of the four threads on which files are written and names are
 * looked up as well. One core stays with the requests of programs, however many people sign in; whoever would wait for
 * seconds is told to come back, with an `OAuthError` `temporarily_unavailable`.
 */
const takeTurn = createTurns({ atOnce: Math.min(3, Math.max(1, availableParallelism() - 1)), mostWaiting: 100, retryAfter: 5 });

export const hashPassword = (password: string): Promise<string> => takeTurn(() => hash(password, argon2id));

/**
 * A hash of no password that anybody has: verifying against it takes as long as against a real one. It is made at the first
 * sign-in, whoever that is, and in no command.
 */
let nobody: Promise<string> | undefined;

/** `hashed` undefined: there is no such account, which takes as long to say. */
export const verifyPassword = (hashed: string | undefined, password: string): Promise<boolean> =>
  takeTurn(async () => {
    nobody ??= hash(mintIdentifier(), argon2id).catch((error: unknown) => {
      nobody = undefined; // the next sign-in tries again
      throw error;
    });
    const other = await nobody;
    return verify(hashed ?? other, password);
  });
