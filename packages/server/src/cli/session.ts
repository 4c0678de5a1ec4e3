import { userInfo } from "node:os";
import { CommandError, exitCode } from "../exit.ts";
import type { Operator } from "../operator/operator.ts";
import { readStdin } from "./stdin.ts";

/** What every command of an operator takes. */
export interface OperatorFlags {
  readonly json?: boolean;
  readonly url?: string;
  readonly adminTokenStdin?: boolean;
}

/** What was asked, without where it is done and how it is shown. */
export function questionOf<Flags extends OperatorFlags & { readonly limit?: string }>(
  flags: Flags,
): Omit<Flags, (typeof notAsked)[number]> {
  const entries = Object.entries(flags).filter(([name]) => !notAsked.some((one) => one === name));
  return Object.fromEntries(entries) as Omit<Flags, (typeof notAsked)[number]>;
}

const notAsked = ["json", "url", "adminTokenStdin", "limit"] as const;

/** Runs a command over the database of the settings, beside a server that may be running; with `--url` over that server's admin API. */
export async function withOperator<Result>(flags: OperatorFlags, work: (operator: Operator) => Promise<Result>): Promise<Result> {
  if (flags.url !== undefined) return work(await remoteOperator(flags.url, flags));
  if (flags.adminTokenStdin === true) throw new CommandError(exitCode.usage, "--admin-token-stdin says nothing without --url.");
  return withDatabase(work);
}

async function withDatabase<Result>(work: (operator: Operator) => Promise<Result>): Promise<Result> {
  const [{ readEnvironment }, { createStandalone, patience }, { createOperator }] = await Promise.all([
    import("../environment.ts"),
    import("../main.ts"),
    import("../operator/local-operator.ts"),
  ]);
  const standalone = await createStandalone(await readEnvironment(), silent, { demo: true, busyTimeout: patience, delivers: false });
  try {
    await standalone.oauth.ready();
    return await work(createOperator(standalone).as(operatorName()));
  } finally {
    await standalone.oauth.close();
  }
}

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Who it was, in the audit: the system knows whose command line this is, unless it runs as a user without a name. */
function operatorName(): string {
  try {
    const name = userInfo().username.replace(/[^\w.@-]/g, "");
    return name === "" ? "command line" : `command line (${name.slice(0, 64)})`;
  } catch {
    return "command line";
  }
}

async function remoteOperator(url: string, flags: OperatorFlags): Promise<Operator> {
  const token = flags.adminTokenStdin === true ? await readStdin() : await tokenOfEnvironment();
  if (token === undefined || token === "")
    throw new CommandError(
      exitCode.notAuthorised,
      "--url needs an administrator's token, in VOUCHSAFE_ADMIN_TOKEN or with --admin-token-stdin.",
    );
  const { createRemoteOperator } = await import("../remote/remote-operator.ts");
  return createRemoteOperator(url, token);
}

async function tokenOfEnvironment(): Promise<string | undefined> {
  const { readFileSync } = await import("node:fs");
  for (const name of ["VOUCHSAFE_ADMIN_TOKEN", "OAUTH_ADMIN_TOKEN"]) {
    const { [name]: token, [`${name}_FILE`]: path } = process.env;
    if (token !== undefined && token !== "") return token;
    if (path === undefined || path === "") continue;
    try {
      return readFileSync(path, "utf8").trim();
    } catch (error) {
      throw new CommandError(exitCode.configuration, `${name}_FILE: ${path} cannot be read: ${(error as Error).message}`);
    }
  }
  return undefined;
}
