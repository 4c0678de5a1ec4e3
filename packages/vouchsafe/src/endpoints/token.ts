import type { Context, Endpoint, GrantType } from "../context.ts";
import { authorizationCode, recogniseCode } from "../grant-types/authorization-code.ts";
import { clientCredentials } from "../grant-types/client-credentials.ts";
import { refreshToken } from "../grant-types/refresh-token.ts";
import { readForm } from "../http/form.ts";
import { corsHeaders, json } from "../http/responses.ts";
import { type Client, requireGrantType } from "../protocol/client.ts";
import { OAuthError } from "../protocol/errors.ts";
import type { Parameters } from "../protocol/parameters.ts";
import { tokenResponse } from "../protocol/token.ts";
import { authenticateClient, countFailure } from "./client-authentication.ts";

const grantTypes: readonly GrantType[] = [authorizationCode, refreshToken, clientCredentials];

/** Token endpoint. OAuth 2.1 §3.2 */
export const token: Endpoint = async (request, context) => {
  const form = await readForm(request, ["resource"]);
  const client = await authenticateClient(request, form, context).catch((error: unknown) => refuseClient(error, form, context));
  const grantType = chooseGrantType(form.require("grant_type"), client);
  const issued = await grantType.redeem(form, client, context).catch((error: unknown) => countGuess(error, client, context));
  return json(tokenResponse(issued, context.now), 200, corsHeaders);
};

function refuseClient(error: unknown, form: Parameters, context: Context): never {
  recogniseCode(form, context);
  throw error;
}

/** @throws OAuthError `unsupported_grant_type`, `unauthorized_client` */
function chooseGrantType(name: string, client: Client): GrantType {
  const grantType = grantTypes.find((offered) => offered.name === name);
  if (grantType === undefined) throw new OAuthError("unsupported_grant_type", "grant_type is not offered", { clientId: client.id });
  requireGrantType(client, name);
  return grantType;
}

/** A wrong code, verifier or refresh token may be a guess. */
async function countGuess(error: unknown, client: Client, context: Context): Promise<never> {
  throw error instanceof OAuthError && error.code === "invalid_grant" ? await countFailure(error, client.id, context) : error;
}
