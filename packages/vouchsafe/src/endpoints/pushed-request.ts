import { redirectUriPolicy } from "../config.ts";
import { belongToFlow, type Context, type Endpoint } from "../context.ts";
import { addressBlock } from "../http/client-address.ts";
import { readFormText } from "../http/form.ts";
import { json } from "../http/responses.ts";
import { readAuthorizationRequest, readClientlessRequest } from "../protocol/authorization-request.ts";
import { type Client, isConfidential, settleRedirectUri } from "../protocol/client.ts";
import { OAuthError } from "../protocol/errors.ts";
import { flowIdOfRequest } from "../protocol/flow.ts";
import { type Parameters, parseParameters } from "../protocol/parameters.ts";
import { requestUriOf } from "../protocol/pushed-request.ts";
import { mintIdentifier } from "../protocol/secret.ts";
import { authenticateClient } from "./client-authentication.ts";
import { renewDocument } from "./renew-document.ts";

/** How long a pushed request can be opened, in milliseconds: as long as a person may take to sign in. RFC 9126 §2.2 */
const lifetime = 600_000;

/**
 * Pushed authorization request endpoint: who asks is authenticated and the request is checked before any person sees it.
 * RFC 9126 §2
 */
export const pushRequest: Endpoint = async (request, context) => {
  const body = await readFormText(request);
  const form = parseParameters(body, ["resource"]);
  form.refuseDefects();
  requireNoReference(form);
  const client = await authenticateClient(request, form, context, (id) => findClient(id, form, context));
  belongToFlow(context, flowIdOfRequest(form, client.id), client);
  checkRequest(form, client, context);
  await limitRequests(client, context);
  const pushed = { id: mintIdentifier(), clientId: client.id, query: requestAlone(body, client), expiresAt: context.now + lifetime };
  await context.store.pushedRequests.add(pushed);
  return json({ request_uri: requestUriOf(pushed), expires_in: lifetime / 1000 }, 201);
};

/**
 * Whoever knows a public client's id may push in its name, so these are limited like the authorization requests of a person;
 * a confidential client has all of its people behind one address, and has proved who it is.
 */
async function limitRequests(client: Client, { limits, address }: Context): Promise<void> {
  if (isConfidential(client)) return;
  const wait = await limits.authorize.count(`pushed ${addressBlock(address())}`);
  if (wait !== undefined) throw new OAuthError("slow_down", "too many pushed requests from one address", { retryAfter: wait });
}

/** Also one whose document nobody has asked for yet: a request is often the first that is heard of a client. */
async function findClient(id: string, form: Parameters, context: Context): Promise<Client | undefined> {
  const { store, config } = context;
  const known = await store.client(id);
  const isRenewed = await renewDocument(id, known, () => readClientlessRequest(form, config), context);
  return isRenewed ? store.client(id) : known;
}

/** RFC 9126 §2.1: a request that refers to another one is refused. */
function requireNoReference(form: Parameters): void {
  if (form.get("request_uri") !== undefined) throw new OAuthError("invalid_request", "a pushed request has a request_uri");
}

/** As the authorization endpoint would, so that what was pushed can be opened. RFC 9126 §2.1 */
function checkRequest(form: Parameters, client: Client, { config }: Context): void {
  readAuthorizationRequest(form, client, settleRedirectUri(client, form.get("redirect_uri"), redirectUriPolicy(client, config)), config);
}

/** What authorization requests are made of. Whatever else a client sends, also by mistake, might be a credential, and is not kept. */
const parameterNames: ReadonlySet<string> = new Set([
  "response_type",
  "redirect_uri",
  "scope",
  "state",
  "code_challenge",
  "code_challenge_method",
  "resource",
  "prompt",
  "max_age",
  "login_hint",
  "ui_locales",
]);

function requestAlone(body: string, client: Client): string {
  const parameters = [...new URLSearchParams(body)].filter(([name]) => parameterNames.has(name));
  return new URLSearchParams([["client_id", client.id], ...parameters]).toString();
}
