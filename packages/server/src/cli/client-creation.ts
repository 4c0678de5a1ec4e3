import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { CommandError, exitCode } from "../exit.ts";
import type { ClientOrder } from "../operator/operator.ts";
import { collect, operatorCommand } from "./command.ts";
import { printFacts, printJson, say } from "./output.ts";
import { type OperatorFlags, withOperator } from "./session.ts";
import { readStdin } from "./stdin.ts";

interface Flags extends OperatorFlags {
  readonly id?: string;
  readonly name: string;
  readonly redirectUri?: readonly string[];
  readonly public?: boolean;
  readonly confidential?: boolean;
  readonly grantType?: readonly string[];
  readonly scope?: string;
  readonly authMethod?: string;
  readonly jwks?: string;
  readonly jwksUri?: string;
  readonly resource?: readonly string[];
  readonly resourceServer?: readonly string[];
  readonly trusted?: boolean;
}

/** `clients create` */
export function addClientCreation(clients: Command): void {
  operatorCommand(
    clients,
    "create",
    "Makes a client; its secret is printed once.",
    'vouchsafe clients create --name "Budget app" --redirect-uri https://budget.example/callback --public --json',
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
}

/** Prints `client_id` and, once, `client_secret`. */
async function createClient(flags: Flags): Promise<void> {
  const order = await orderOf(flags);
  const client = await withOperator(flags, (operator) => operator.createClient(order));
  if (flags.json === true) printJson(client);
  else printFacts({ ...client });
  if (client.client_secret !== undefined) say("The secret is shown this once.");
}

async function orderOf(flags: Flags): Promise<ClientOrder> {
  const { id, name, grantType, scope, jwks, jwksUri } = flags;
  return {
    client_name: name,
    token_endpoint_auth_method: methodOf(flags),
    redirect_uris: flags.redirectUri ?? [],
    resources: flags.resource ?? [],
    resource_server_of: flags.resourceServer ?? [],
    first_party: flags.trusted === true,
    ...(id === undefined ? {} : { client_id: id }),
    ...(grantType === undefined ? {} : { grant_types: grantType }),
    ...(scope === undefined ? {} : { scope }),
    ...(jwks === undefined ? {} : { jwks: await readKeySet(jwks, flags) }),
    ...(jwksUri === undefined ? {} : { jwks_uri: jwksUri }),
  };
}

function methodOf(flags: Flags): string {
  if (flags.public === true && flags.confidential === true)
    throw new CommandError(exitCode.usage, "A client is --public or --confidential, not both.");
  const method = flags.authMethod ?? (flags.public === true ? "none" : "client_secret_basic");
  if (!methods.includes(method)) throw new CommandError(exitCode.usage, `There is no --auth-method ${method}: ${methods.join(", ")}.`);
  if ((method === "none") !== (flags.public === true) && (flags.public === true || flags.confidential === true)) {
    throw new CommandError(exitCode.usage, `--auth-method ${method} contradicts --${flags.public === true ? "public" : "confidential"}.`);
  }
  return method;
}

const methods: readonly string[] = ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"];

/** A JSON Web Key Set from a file, or from stdin for `-`. */
async function readKeySet(path: string, flags: Flags): Promise<unknown> {
  if (path === "-" && flags.adminTokenStdin === true)
    throw new CommandError(exitCode.usage, "Only one of them can be on stdin: give the token in VOUCHSAFE_ADMIN_TOKEN.");
  try {
    return JSON.parse(path === "-" ? await readStdin() : readFileSync(path, "utf8"));
  } catch (error) {
    throw new CommandError(exitCode.usage, `--jwks ${path} is no JSON: ${(error as Error).message}`);
  }
}
