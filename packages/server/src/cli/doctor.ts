import type { Command } from "commander";
import { counted } from "../counted.ts";
import type { Check } from "../doctor/check.ts";
import { checkFromInside, type Diagnosis } from "../doctor/inside.ts";
import { checkFromOutside } from "../doctor/outside.ts";
import { CommandError, exitCode } from "../exit.ts";
import { command } from "./command.ts";
import { printJson, say } from "./output.ts";

/** What an operator asks when something does not connect. */
export function addDoctorCommand(program: Command): void {
  command(
    program,
    "doctor [url]",
    "Checks settings, database, keys and clock, and the issuer from outside; or any authorization server or MCP server, as clients see it. Sends no credential, and registers and changes nothing.",
    "vouchsafe doctor https://notes.example.com/mcp",
  )
    .option("--json", "data as JSON on stdout")
    .action(doctor);
}

/** `doctor [url]`: what is wrong, and the line to change. Exit code 1 on findings; warnings alone are none. */
async function doctor(url: string | undefined, flags: { readonly json?: boolean }): Promise<void> {
  const { checks, unreadable } = url === undefined ? await checkFromInside() : await fromOutside(urlToVisit(url));
  if (flags.json === true) printJson(checks);
  else process.stdout.write(checks.map(inLines).join(""));
  const findings = checks.filter(({ status }) => status === "finding").length;
  const warnings = checks.filter(({ status }) => status === "warning").length;
  const words = `${counted(checks.length, "check")}, ${counted(findings, "finding")}, ${counted(warnings, "warning")}. No credential was sent, and nothing was registered or changed.`;
  if (unreadable !== undefined) throw new CommandError(exitCode[unreadable], words);
  if (findings > 0) throw new CommandError(exitCode.failure, words);
  say(words);
}

const fromOutside = async (url: string): Promise<Diagnosis> => ({ checks: await checkFromOutside(url), unreadable: undefined });

/** As it was typed, but for a host in capitals and the final slash of an origin. */
function urlToVisit(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new CommandError(exitCode.usage, `The URL to look at is one such as https://auth.example.com, and not ${JSON.stringify(text)}.`);
  if (url.username !== "" || url.password !== "")
    throw new CommandError(
      exitCode.usage,
      "The URL to look at has a name or a password in it, and no credential is sent anywhere: leave it out.",
    );
  return `${url.origin}${url.pathname === "/" ? "" : url.pathname}${url.search}`;
}

const widthOfStatus = 9;
const widthOfName = 30;

/** A line for each check; below it what to change, and who demands it. */
function inLines({ status, check, seen, change, source }: Check): string {
  const margin = " ".repeat(widthOfStatus + widthOfName);
  const line = `${status.padEnd(widthOfStatus)}${check.padEnd(widthOfName)}${seen}\n`;
  const remedy = change === undefined ? "" : `${margin}change: ${change}\n`;
  return `${line}${remedy}${source === undefined ? "" : `${margin}source: ${source}\n`}`;
}
