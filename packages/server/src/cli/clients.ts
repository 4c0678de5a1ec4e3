import type { ClientAuthMethod } from "vouchsafe";
import { CommandError, exitCode } from "./exit.ts";
import { printJson, say } from "./output.ts";
import { withStandalone } from "./session.ts";

interface Flags {
  readonly name: string;
  readonly redirectUri?: readonly string[];
  readonly public?: boolean;
  readonly confidential?: boolean;
  readonly grantType?: readonly string[];
  readonly scope?: string;
  readonly authMethod?: string;
  readonly resourceServer?: readonly string[];
  readonly trusted?: boolean;
  readonly json?: boolean;
}

/** `clients create`: prints `client_id` and, once, `client_secret`. */
export async function createClient(flags: Flags): Promise<void> {
  const authMethod = methodOf(flags);
  const { client, secret } = await withStandalone(({ oauth }) =>
    oauth.admin.createClient({
      name: flags.name,
      authMethod,
      redirectUris: flags.redirectUri ?? [],
      resourceServerOf: flags.resourceServer ?? [],
      firstParty: flags.trusted === true,
      ...(flags.grantType === undefined ? {} : { grantTypes: flags.grantType }),
      ...(flags.scope === undefined ? {} : { scope: flags.scope.split(" ").filter((name) => name !== "") }),
    }),
  );
  const document = {
    client_id: client.id,
    ...(secret === undefined ? {} : { client_secret: secret }),
    client_name: client.name,
    redirect_uris: client.redirectUris,
    grant_types: client.grantTypes,
    token_endpoint_auth_method: client.authMethod,
    scope: client.scope.join(" "),
  };
  if (flags.json === true) return printJson(document);
  for (const [name, value] of Object.entries(document)) process.stdout.write(`${name.padEnd(27)}${[value].flat().join(" ")}\n`);
  if (secret !== undefined) say("The secret is shown this once.");
}

function methodOf(flags: Flags): ClientAuthMethod {
  if (flags.public === true && flags.confidential === true)
    throw new CommandError(exitCode.usage, "A client is --public or --confidential, not both.");
  const method = flags.authMethod ?? (flags.public === true ? "none" : "client_secret_basic");
  if (method !== "none" && method !== "client_secret_basic" && method !== "client_secret_post") {
    throw new CommandError(exitCode.usage, `There is no --auth-method ${method}: none, client_secret_basic, client_secret_post.`);
  }
  if ((method === "none") !== (flags.public === true) && (flags.public === true || flags.confidential === true)) {
    throw new CommandError(exitCode.usage, `--auth-method ${method} contradicts --${flags.public === true ? "public" : "confidential"}.`);
  }
  return method;
}
