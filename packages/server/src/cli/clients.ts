import { readFileSync } from "node:fs";
import { type Client, type ClientAuthMethod, parseDuration } from "vouchsafe";
import { CommandError, exitCode } from "./exit.ts";
import { isoTime, printJson, say } from "./output.ts";
import { readStdin, withStandalone } from "./session.ts";

interface Flags {
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
  readonly json?: boolean;
}

/** `clients create`: prints `client_id` and, once, `client_secret`. */
export async function createClient(flags: Flags): Promise<void> {
  const authMethod = methodOf(flags);
  const jwks = flags.jwks === undefined ? undefined : await readKeySet(flags.jwks);
  const { client, secret } = await withStandalone(({ oauth }) =>
    oauth.admin.createClient({
      name: flags.name,
      authMethod,
      redirectUris: flags.redirectUri ?? [],
      resources: flags.resource ?? [],
      resourceServerOf: flags.resourceServer ?? [],
      firstParty: flags.trusted === true,
      jwks,
      ...(flags.id === undefined ? {} : { id: flags.id }),
      ...(flags.jwksUri === undefined ? {} : { jwksUri: flags.jwksUri }),
      ...(flags.grantType === undefined ? {} : { grantTypes: flags.grantType }),
      ...(flags.scope === undefined ? {} : { scope: flags.scope.split(" ").filter((name) => name !== "") }),
    }),
  );
  print({ ...documentOf(client), ...(secret === undefined ? {} : { client_secret: secret }) }, flags.json);
  if (secret !== undefined) say("The secret is shown this once.");
}

function methodOf(flags: Flags): ClientAuthMethod {
  if (flags.public === true && flags.confidential === true)
    throw new CommandError(exitCode.usage, "A client is --public or --confidential, not both.");
  const method = flags.authMethod ?? (flags.public === true ? "none" : "client_secret_basic");
  const known = methods.find((one) => one === method);
  if (known === undefined) throw new CommandError(exitCode.usage, `There is no --auth-method ${method}: ${methods.join(", ")}.`);
  if ((known === "none") !== (flags.public === true) && (flags.public === true || flags.confidential === true)) {
    throw new CommandError(exitCode.usage, `--auth-method ${known} contradicts --${flags.public === true ? "public" : "confidential"}.`);
  }
  return known;
}

const methods = ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"] as const satisfies readonly ClientAuthMethod[];

/** A JSON Web Key Set from a file, or from stdin for `-`. */
async function readKeySet(path: string): Promise<unknown> {
  try {
    return JSON.parse(path === "-" ? await readStdin() : readFileSync(path, "utf8"));
  } catch (error) {
    throw new CommandError(exitCode.usage, `--jwks ${path} is no JSON: ${(error as Error).message}`);
  }
}

/** `clients show`: what is known of a client, and no secret. */
export async function showClient(id: string, flags: { readonly json?: boolean }): Promise<void> {
  const client = await withStandalone(({ oauth }) => oauth.admin.client(id));
  if (client === undefined) throw noClient(id);
  print(documentOf(client), flags.json);
}

/** `clients secret`: a new one, printed once; the old one ends at once, or after `--keep-old`. */
export async function rotateSecret(id: string, flags: { readonly keepOld?: string; readonly json?: boolean }): Promise<void> {
  const keepOld = flags.keepOld === undefined ? 0 : parseDuration(flags.keepOld);
  if (keepOld === undefined) throw new CommandError(exitCode.usage, `--keep-old ${flags.keepOld} is no length of time, such as 24h.`);
  const secret = await withStandalone(async ({ oauth }) => {
    if ((await oauth.admin.client(id)) === undefined) throw noClient(id);
    return oauth.admin.rotateSecret(id, keepOld);
  });
  if (flags.json === true) printJson({ client_id: id, client_secret: secret });
  else process.stdout.write(`${secret}\n`);
  say(`The secret is shown this once. ${keepOld > 0 ? `The old one ends in ${flags.keepOld}.` : "The old one has ended."}`);
}

/** `clients disable`: what it was granted stops working, and comes back with `clients enable`. */
export const disableClient = (id: string): Promise<void> => change(id, "disabled");
export const enableClient = (id: string): Promise<void> => change(id, "enabled");
/** `clients delete`: ends it with all that was granted to it. */
export const deleteClient = (id: string): Promise<void> => change(id, "deleted");

async function change(id: string, to: "disabled" | "enabled" | "deleted"): Promise<void> {
  const isDone = await withStandalone(({ oauth: { admin } }) => {
    if (to === "deleted") return admin.deleteClient(id);
    return to === "disabled" ? admin.disableClient(id) : admin.enableClient(id);
  });
  if (!isDone) throw noClient(id);
  say(`Client ${id} is ${to}.`);
}

const noClient = (id: string): CommandError => new CommandError(exitCode.notFound, `There is no client ${id}.`);

type Document = Readonly<Record<string, string | boolean | readonly string[]>>;

/** A client in the words of the wire, with what only an operator is told. */
function documentOf(client: Client): Document {
  return {
    client_id: client.id,
    client_name: client.name,
    redirect_uris: client.redirectUris,
    grant_types: client.grantTypes,
    token_endpoint_auth_method: client.authMethod,
    scope: client.scope.join(" "),
    ...(client.resources.length === 0 ? {} : { resources: client.resources }),
    ...(client.resourceServerOf.length === 0 ? {} : { resource_server_of: client.resourceServerOf }),
    registered: client.origin,
    created_at: isoTime(client.createdAt),
    ...(client.disabledAt === undefined ? {} : { disabled_at: isoTime(client.disabledAt) }),
  };
}

function print(document: Document, asJson: boolean | undefined): void {
  if (asJson === true) printJson(document);
  else for (const [name, value] of Object.entries(document)) process.stdout.write(`${name.padEnd(27)}${[value].flat().join(" ")}\n`);
}
