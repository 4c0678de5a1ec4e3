import { AdminError, ConfigurationError, StorageError } from "vouchsafe";
import { BadInput, Conflict, NotFound } from "./operator/operator.ts";
import { NotAuthorised, Unreachable } from "./remote/remote-calls.ts";

/** Exit codes: 0 ok, 1 findings or failure, 2 usage, 3 not authorised, 4 not found, 5 configuration, 6 storage. */
export const exitCode = { failure: 1, usage: 2, notAuthorised: 3, notFound: 4, configuration: 5, storage: 6 } as const;

/** A command that cannot be done, in one sentence. */
export class CommandError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.name = "CommandError";
    this.code = code;
  }
}

/** What went wrong, for who reads it and for what waits for the exit code. */
export interface Reason {
  readonly words: string;
  readonly code: number;
}

export function reasonOf(error: unknown): Reason {
  if (error instanceof CommandError) return told(error.message, error.code);
  if (error instanceof NotFound) return told(error.message, exitCode.notFound);
  if (error instanceof BadInput) return told(error.message, exitCode.usage);
  if (error instanceof Conflict) return told(error.message, exitCode.failure);
  if (error instanceof ConfigurationError) return told(error.message, exitCode.configuration);
  if (error instanceof StorageError) return told(`Vouchsafe cannot use its storage: ${error.message}.`, exitCode.storage);
  if (error instanceof NotAuthorised) return told(error.message, exitCode.notAuthorised);
  if (error instanceof Unreachable) return told(error.message, exitCode.failure);
  if (error instanceof AdminError) return told(`That cannot be done: ${error.message}.`, exitCode.usage);
  if (error instanceof Error && "code" in error && error.code === "EADDRINUSE")
    return told("The port is taken: choose another with PORT or --port.", exitCode.failure);
  return told(error instanceof Error ? (error.stack ?? error.message) : String(error), exitCode.failure);
}

const told = (words: string, code: number): Reason => ({ words, code });
