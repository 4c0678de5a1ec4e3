import { Command, CommanderError } from "commander";
import { exportEvents, listEvents, verifyEvents } from "./audit.ts";
import { createClient, deleteClient, disableClient, enableClient, rotateSecret, showClient } from "./clients.ts";
import { exitCode, explain } from "./exit.ts";
import { listKeys, rotateKeys } from "./keys.ts";
import { createRegistrationToken, listRegistrationTokens, revokeRegistrationToken } from "./registration-tokens.ts";
import { dev, serve } from "./serve.ts";
import { migrate, printConfiguration } from "./settings.ts";
import { addUser, changePassword, disableUser, enableUser, listUsers, setAdmin } from "./users.ts";

const collect = (value: string, earlier: readonly string[] = []): readonly string[] => [...earlier, value];

/** The `vouchsafe` command. Resolves to its exit code, or to undefined where a server keeps running. */
export async function runCommand(args: readonly string[]): Promise<number | undefined> {
  const program = createProgram();
  process.stdout.on("error", endWithReader);
  try {
    await program.parseAsync([...args], { from: "user" });
    const [command = ""] = args;
    return ["serve", "dev", "consent"].includes(command) ? undefined : 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCode.usage;
    return explain(error);
  }
}

/** `vouchsafe … | head` has read enough: that is no failure. A server writes its log elsewhere, and goes on without a reader. */
function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
}

function createProgram(): Command {
  const program = new Command("vouchsafe").description(
    "An OAuth 2.1 authorization server: connect MCP clients and other programs to accounts, and take that back.",
  );
  program.exitOverride().showHelpAfterError();
  const command = (parent: Command, name: string, description: string, example: string): Command =>
    parent.command(name).description(description).addHelpText("after", `\nExample:\n  ${example}`);
  const listener = (under: Command): Command =>
    under.option("--port <port>", "instead of PORT").option("--host <address>", "instead of HOST");
  const json = (under: Command): Command => under.option("--json", "data as JSON on stdout");

  listener(command(program, "dev", "Starts the server with the demo, a demo account and a line to paste.", "vouchsafe dev")).action(dev);
  listener(command(program, "serve", "Starts the server.", "OAUTH_ISSUER=https://auth.example.com vouchsafe serve"))
    .option("--demo", "with the demo notes API at /api/notes and its MCP server at /mcp")
    .action(serve);
  command(program, "migrate", "Takes the database to the newest schema.", "vouchsafe migrate").action(migrate);

  const users = program.command("users").description("The people of the standalone server.");
  json(command(users, "add <email>", "Makes an account.", "vouchsafe users add ada@example.com --password-stdin < password.txt"))
    .option("--admin", "as an administrator")
    .option("--password-stdin", "with the password on stdin, instead of one that is made")
    .action(addUser);
  json(command(users, "list", "Lists the accounts.", "vouchsafe users list --json")).action(listUsers);
  command(
    users,
    "disable <email>",
    "Ends sessions and refuses connected apps, until enabled again.",
    "vouchsafe users disable ada@example.com",
  ).action(disableUser);
  command(users, "enable <email>", "Undoes disable.", "vouchsafe users enable ada@example.com").action(enableUser);
  command(users, "password <email>", "Changes a password.", "vouchsafe users password ada@example.com --password-stdin < password.txt")
    .option("--password-stdin", "the password on stdin, instead of one that is made")
    .action(changePassword);
  command(users, "admin <email> <state>", "Makes an account an administrator, or not.", "vouchsafe users admin ada@example.com on").action(
    setAdmin,
  );

  const clients = program.command("clients").description("The applications that may ask.");
  json(
    command(
      clients,
      "create",
      "Makes a client; its secret is printed once.",
      'vouchsafe clients create --name "Budget app" --redirect-uri https://budget.example/callback --public --json',
    ),
  )
    .requiredOption("--name <name>", "what people see")
    .option("--redirect-uri <uri>", "may be repeated", collect)
    .option("--public", "a client that keeps no secret")
    .option("--confidential", "a client with a secret (client_secret_basic)")
    .option("--grant-type <name>", "may be repeated", collect)
    .option("--scope <names>", "a ceiling, with spaces between the names")
    .option("--auth-method <name>", "none, client_secret_basic, client_secret_post or private_key_jwt")
    .option("--jwks <file>", "its public keys, for private_key_jwt; - reads stdin")
    .option("--jwks-uri <uri>", "where its public keys are, for private_key_jwt")
    .option("--resource <uri>", "the only resources it may ask for; may be repeated", collect)
    .option("--id <url>", "the URL of its metadata document, which then is not fetched: what is said here holds")
    .option("--resource-server <uri>", "a resource whose tokens it may introspect; may be repeated", collect)
    .option("--trusted", "the operator's own application")
    .action(createClient);

  json(command(clients, "show <id>", "Shows a client.", "vouchsafe clients show ID")).action(showClient);
  json(command(clients, "secret <id>", "Gives a client a new secret; it is printed once.", "vouchsafe clients secret ID --keep-old 24h"))
    .option("--keep-old <time>", "how long the old one stays good, so that the client can change over")
    .action(rotateSecret);
  command(clients, "disable <id>", "What it was granted stops working, until enabled again.", "vouchsafe clients disable ID").action(
    disableClient,
  );
  command(clients, "enable <id>", "Undoes disable.", "vouchsafe clients enable ID").action(enableClient);
  command(clients, "delete <id>", "Ends it, with all that was granted to it.", "vouchsafe clients delete ID").action(deleteClient);

  const keys = program.command("keys").description("The keys that sign JWT access tokens.");
  json(command(keys, "list", "Lists them.", "vouchsafe keys list")).action(listKeys);
  json(command(keys, "rotate", "Lets the next key sign.", "vouchsafe keys rotate"))
    .option("--algorithm <name>", "ES256, RS256 or EdDSA; one that the next key does not have signs before it was published")
    .action(rotateKeys);

  const tokens = program.command("registration-tokens").description("Initial access tokens, for OAUTH_REGISTRATION=token.");
  json(command(tokens, "create", "Makes one; it is printed once.", "vouchsafe registration-tokens create --uses 1"))
    .option("--uses <number>", "how many registrations", "1")
    .action(createRegistrationToken);
  json(command(tokens, "list", "Lists them.", "vouchsafe registration-tokens list")).action(listRegistrationTokens);
  command(tokens, "revoke <id>", "Revokes one.", "vouchsafe registration-tokens revoke ID").action(revokeRegistrationToken);

  command(
    program.command("consent").description("The pages that people see."),
    "preview",
    "Serves every page and tier with sample data, until it is stopped.",
    "vouchsafe consent preview --port 3001",
  )
    .option("--port <port>", "of this computer", "3001")
    // Every page with its sample data is not what the other commands start for.
    .action(async (flags: { readonly port: string }) => (await import("./consent-preview.ts")).previewConsent(flags));

  const audit = program.command("audit").description("What happened.");
  const filter = (under: Command): Command =>
    under
      .option("--type <name>", "such as token.issued; may be repeated", collect)
      .option("--since <time>", "24h, or 2026-11-22")
      .option("--until <time>", "24h, or 2026-11-22")
      .option("--limit <number>", "the newest so many");
  json(filter(command(audit, "list", "Lists events, the newest first.", "vouchsafe audit list --type code.replayed --since 7d"))).action(
    listEvents,
  );
  filter(command(audit, "export", "Writes events to stdout, the oldest first.", "vouchsafe audit export --since 30d > audit.jsonl"))
    .option("--format <name>", "jsonl or csv", "jsonl")
    .action(exportEvents);
  json(command(audit, "verify", "Whether events were altered, removed or inserted.", "vouchsafe audit verify")).action(verifyEvents);

  json(
    command(
      program,
      "doctor [url]",
      "Checks settings, database, keys and clock, and the issuer from outside; or any authorization server or MCP server, as clients see it. Sends no credential, and registers and changes nothing.",
      "vouchsafe doctor https://notes.example.com/mcp",
    ),
  )
    // What looks at servers is not what the other commands start for.
    .action(async (url: string | undefined, flags: { readonly json?: boolean }) => (await import("./doctor.ts")).doctor(url, flags));

  const config = program.command("config").description("The configuration.");
  json(command(config, "print", "Shows every value and where it came from.", "vouchsafe config print")).action(printConfiguration);
  return program;
}
