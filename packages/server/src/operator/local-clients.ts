import { type Admin, AdminError, type Client, type ClientAuthMethod, type ClientRequest, parseDuration } from "vouchsafe";
import { clientDocument, reachDocument } from "./documents.ts";
import { limitOf, oneOf, pageOf, placeAfter } from "./listing.ts";
import { BadInput, type ClientDocument, type ClientOrder, NotFound, type Operator, quote } from "./operator.ts";
import type { Standing } from "./standing.ts";

/** The clients of this server. */
export const localClients = ({
  admin,
}: Standing): Pick<
  Operator,
  "clients" | "client" | "createClient" | "rotateSecret" | "setClientDisabled" | "revokeClient" | "deleteClient"
> => ({
  clients: async (filter) => {
    const limit = limitOf(filter);
    const origin = oneOf("registered", ["operator", "dynamic", "document"], filter.registered);
    const state = oneOf("state", ["enabled", "disabled"], filter.state);
    const place = placeAfter(filter);
    const found = await admin.clients({
      most: limit + 1,
      ...(filter.search === undefined ? {} : { search: filter.search }),
      ...(origin === undefined ? {} : { origin }),
      ...(state === undefined ? {} : { isDisabled: state === "disabled" }),
      ...(place === undefined ? {} : { after: { createdAt: place.at, id: place.id } }),
    });
    const ids = found.map(({ client }) => client.id);
    const failures = await failuresOf(admin, ids);
    return pageOf(
      found,
      limit,
      (listed) => clientDocument(listed, failures.get(listed.client.id) ?? 0),
      ({ client }) => ({ at: client.createdAt, id: client.id }),
    );
  },
  client: (id) => oneClient(admin, id),
  createClient: async (order) => {
    const { client, secret } = await asBadInput(admin.createClient(clientRequestOf(order)));
    return { ...(await oneClient(admin, client.id)), ...(secret === undefined ? {} : { client_secret: secret }) };
  },
  rotateSecret: async (id, keepOld) => {
    await requireClient(admin, id);
    const kept = keepOld === undefined ? 0 : parseDuration(keepOld);
    if (kept === undefined) throw new BadInput(`keep_old is a length of time such as 24h, and not ${quote(keepOld)}.`);
    return { client_id: id, client_secret: await asBadInput(admin.rotateSecret(id, kept)) };
  },
  setClientDisabled: async (id, isDisabled) => {
    if (!(await (isDisabled ? admin.disableClient(id) : admin.enableClient(id)))) throw noClient(id);
    return oneClient(admin, id);
  },
  revokeClient: async (id, isRehearsal) => {
    await requireClient(admin, id);
    if (isRehearsal) return reachDocument(await admin.reach({ clientId: id }));
    const reach = await admin.revokeClient(id);
    if (reach === undefined) throw noClient(id);
    return reachDocument(reach);
  },
  deleteClient: async (id, isRehearsal) => {
    await requireClient(admin, id);
    const reach = await admin.reach({ clientId: id });
    if (!isRehearsal && !(await admin.deleteClient(id))) throw noClient(id);
    return reachDocument(reach);
  },
});

const noClient = (id: string): NotFound => new NotFound(`There is no client ${id}.`);

async function requireClient(admin: Admin, id: string): Promise<Client> {
  const client = await admin.client(id);
  if (client === undefined) throw noClient(id);
  return client;
}

async function oneClient(admin: Admin, id: string): Promise<ClientDocument> {
  const [listed] = await admin.clients({ id, most: 1 });
  if (listed === undefined) throw noClient(id);
  return clientDocument(listed, (await failuresOf(admin, [id])).get(id) ?? 0);
}

/** What counts as going wrong for a client. */
const failureTypes = ["request.refused", "client.authentication_failed", "scope.violated", "code.replayed", "refresh.reused"] as const;

const day = 86_400_000;

const failuresOf = (admin: Admin, ids: readonly string[]): Promise<ReadonlyMap<string, number>> =>
  admin.clientCounts(ids, failureTypes, Date.now() - day, Date.now());

const methods = ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"] as const satisfies readonly ClientAuthMethod[];

function clientRequestOf(order: ClientOrder): ClientRequest {
  const authMethod = oneOf("token_endpoint_auth_method", methods, order.token_endpoint_auth_method);
  return {
    name: order.client_name,
    ...(order.client_id === undefined ? {} : { id: order.client_id }),
    ...(order.redirect_uris === undefined ? {} : { redirectUris: order.redirect_uris }),
    ...(authMethod === undefined ? {} : { authMethod }),
    ...(order.grant_types === undefined ? {} : { grantTypes: order.grant_types }),
    ...(order.scope === undefined ? {} : { scope: order.scope.split(" ").filter((name) => name !== "") }),
    ...(order.resources === undefined ? {} : { resources: order.resources }),
    ...(order.resource_server_of === undefined ? {} : { resourceServerOf: order.resource_server_of }),
    ...(order.jwks === undefined ? {} : { jwks: order.jwks }),
    ...(order.jwks_uri === undefined ? {} : { jwksUri: order.jwks_uri }),
    ...(order.first_party === undefined ? {} : { firstParty: order.first_party }),
  };
}

/** What the library refuses to make is what was asked for amiss. */
export async function asBadInput<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof AdminError ? new BadInput(`That cannot be done: ${error.message}.`) : error;
  }
}
