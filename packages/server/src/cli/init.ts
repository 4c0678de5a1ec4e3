import { randomBytes } from "node:crypto";
import { existsSync, linkSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { configurationFiles } from "../environment.ts";
import { CommandError, exitCode } from "../exit.ts";
import { command } from "./command.ts";
import { type Choices, checkWritten, profiles, settingsOf, type Written } from "./init-choices.ts";
import { printJson, printLine, say } from "./output.ts";

/** The configuration of a new place. */
export function addInitCommand(program: Command): void {
  const example = "vouchsafe init --issuer https://auth.example.com --profile no-ceremony --yes";
  command(program, "init", `Writes ${fileName}; on a terminal it asks what to write.`, example)
    .option("--issuer <url>", "the URL by which everybody reaches it")
    .option("--name <name>", "what its pages call it")
    .option("--profile <profile>", "full (the default), or no-ceremony: nothing expires, and only apps on people's own computers register")
    .option("--yes", "ask nothing: what is not said is as it is by default")
    .option("--force", "replace the file that is there")
    .option("--json", "data as JSON on stdout")
    .action(init);
}

const fileName = "vouchsafe.config.json";

interface InitFlags {
  readonly issuer?: string;
  readonly name?: string;
  readonly profile?: string;
  readonly yes?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** `init`: a configuration file with which the server starts, in the working folder. No secret is in it. */
async function init(flags: InitFlags): Promise<void> {
  const path = resolve(fileName);
  refuseOthers(flags.force === true);
  const settings = settingsOf(await choose(flags));
  const { issuer } = checkWritten(settings);
  write(path, settings, flags.force === true);
  if (flags.json === true) printJson({ path, settings });
  else printLine(path);
  say(nextSteps(issuer, settings));
}

/** What would be overwritten, or read in place of what is written. */
function refuseOthers(isForced: boolean): void {
  for (const name of configurationFiles) {
    if (!existsSync(name)) continue;
    if (name !== fileName)
      throw new CommandError(exitCode.failure, `${name} is here, and read in place of ${fileName}: remove it first, or change it.`);
    if (!isForced) throw isThere();
  }
}

const isThere = (): CommandError => new CommandError(exitCode.failure, `${fileName} is here already: --force replaces it.`);

/** On a terminal whoever sits there is asked for what the flags do not say. @throws ConfigurationError where these are wrong already */
async function choose({ issuer, name, profile, yes }: InitFlags): Promise<Choices> {
  const said = {
    ...(profile === undefined ? {} : { profile: profileOf(profile) }),
    ...(issuer === undefined ? {} : { issuer }),
    ...(name === undefined ? {} : { name }),
  };
  const unasked: Choices = { profile: "full", ...said };
  checkWritten(settingsOf(unasked));
  if (yes === true || !process.stdin.isTTY || !process.stderr.isTTY) return unasked;
  const { askChoices } = await import("./init-questions.ts");
  return askChoices(said, { input: process.stdin, output: process.stderr });
}

function profileOf(word: string): Choices["profile"] {
  const profile = profiles.find((known) => known === word);
  if (profile === undefined)
    throw new CommandError(exitCode.usage, `--profile is ${profiles.join(" or ")}, and not ${JSON.stringify(word)}.`);
  return profile;
}

/** The whole file or none, and nobody else's that came meanwhile is lost. */
function write(path: string, settings: Written, isForced: boolean): void {
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    writeFileSync(draft, `${JSON.stringify(settings, null, 2)}\n`, { flag: "wx" });
    if (isForced) renameSync(draft, path);
    else linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") throw isThere();
    throw new CommandError(exitCode.failure, `${path} cannot be written: ${(error as Error).message}`);
  } finally {
    rmSync(draft, { force: true });
  }
}

const nextSteps = (issuer: string, { databaseUrl }: Written): string => `
No secret is in it. It is made at the first start, beside the database (${String(databaseUrl)}); OAUTH_SECRET_FILE gives your own.
The words that people read for each scope are in it: make them yours.

  1  Look at it         vouchsafe config print
  2  Add yourself       vouchsafe users add you@example.com --admin
  3  Start              vouchsafe serve
  4  Check it           vouchsafe doctor        (${issuer})
`;
