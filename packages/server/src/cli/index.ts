import { Command, CommanderError } from "commander";
import { exitCode, reasonOf } from "../exit.ts";
import { version } from "../version.ts";
import { say } from "./output.ts";

/** The `vouchsafe` command. Resolves to its exit code, or to undefined where a server keeps running. */
export async function runCommand(args: readonly string[]): Promise<number | undefined> {
  process.stdout.on("error", endWithReader);
  try {
    const [first = ""] = args;
    await (await createProgram(first)).parseAsync([...args], { from: "user" });
    return ["serve", "dev", "consent"].includes(first) ? undefined : 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCode.usage;
    const { words, code } = reasonOf(error);
    say(words);
    return code;
  }
}

/** `vouchsafe … | head` has read enough: that is no failure. */
function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") process.exit(0);
  say(`What was to be printed cannot be written: ${error.message}.`);
  process.exit(exitCode.failure);
}

/** What adds its commands to the program. */
type AddCommands = (program: Command) => void;

/** Every first word. They are loaded when they are asked for: `serve` starts without the rest. */
const families: readonly { readonly words: readonly string[]; readonly load: () => Promise<AddCommands> }[] = [
  { words: ["dev", "serve"], load: async () => (await import("./serve.ts")).addServeCommands },
  { words: ["init"], load: async () => (await import("./init.ts")).addInitCommand },
  { words: ["users"], load: async () => (await import("./users.ts")).addUserCommands },
  { words: ["clients"], load: async () => (await import("./clients.ts")).addClientCommands },
  { words: ["registration-tokens"], load: async () => (await import("./registration-tokens.ts")).addRegistrationTokenCommands },
  { words: ["grants"], load: async () => (await import("./grants.ts")).addGrantCommands },
  { words: ["tokens"], load: async () => (await import("./tokens.ts")).addTokenCommands },
  { words: ["stats"], load: async () => (await import("./stats.ts")).addStatsCommand },
  { words: ["security-report"], load: async () => (await import("./security-report.ts")).addSecurityReportCommand },
  { words: ["audit"], load: async () => (await import("./audit.ts")).addAuditCommands },
  { words: ["flows"], load: async () => (await import("./flows.ts")).addFlowCommand },
  { words: ["cleanup"], load: async () => (await import("./cleanup.ts")).addCleanupCommand },
  { words: ["backup", "restore"], load: async () => (await import("./backup.ts")).addBackupCommands },
  { words: ["export", "import"], load: async () => (await import("./transfer.ts")).addTransferCommands },
  { words: ["keys"], load: async () => (await import("./keys.ts")).addKeyCommands },
  { words: ["consent"], load: async () => (await import("./consent-preview.ts")).addConsentCommands },
  { words: ["doctor"], load: async () => (await import("./doctor.ts")).addDoctorCommand },
  { words: ["config", "migrate"], load: async () => (await import("./settings.ts")).addSettingsCommands },
];

/** The program with the commands of its first word, or with all of them where that is none of ours. */
export async function createProgram(first: string): Promise<Command> {
  const program = new Command("vouchsafe").description(
    "An OAuth 2.1 authorization server: connect MCP clients and other programs to accounts, and take that back.",
  );
  program.version(version, "-V, --version", "Prints the version.").exitOverride().showHelpAfterError();
  const asked = families.filter(({ words }) => words.includes(first));
  for (const { load } of asked.length > 0 ? asked : families) (await load())(program);
  return program;
}
