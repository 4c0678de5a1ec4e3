import { type Context, circumstances, type Endpoint } from "../context.ts";
import { readForm } from "../http/form.ts";
import { redirect } from "../http/responses.ts";
import { shownName } from "../pages/client-name.ts";
import { pageResponse } from "../pages/layout.ts";
import { notMePage } from "../pages/not-me.ts";
import { OAuthError } from "../protocol/errors.ts";
import { type ClientGrant, isClientGrant, isLive } from "../protocol/grant.ts";
import { connectedAppsPath } from "./connections.ts";
import { frameOf } from "./frame-of.ts";

/**
 * "This wasn't me": asks whoever follows the link of a notification. It ends nothing yet, since mail programs follow links
 * too. Our signature on the link is all it takes: whoever lost their account cannot sign in to it.
 */
export const askWhetherMe: Endpoint = async (request, context) => {
  const query = new URL(request.url).searchParams;
  const proof = query.get("proof") ?? "";
  const { grant, clientName } = await provenConnection(proof, context);
  const page = notMePage({
    frame: frameOf(context),
    clientName,
    connectedAt: grant.createdAt,
    isLive: isLive(grant, context.now),
    isReported: query.get("reported") === "yes",
    action: pathOf(context),
    hidden: { proof },
    connectedAppsPath: connectedAppsPath(context),
  });
  return pageResponse(page);
};

/** Ends the connection, by the form, and leaves a security event; also where whoever made it has ended it already. */
export const disown: Endpoint = async (request, context) => {
  const proof = (await readForm(request)).require("proof");
  const { grant } = await provenConnection(proof, context);
  const { store, now } = context;
  const { id: grantId, clientId, subject } = grant;
  const event = { ...circumstances(context), grantId, clientId, subject };
  if (isLive(grant, now)) await store.revokeGrant(grantId, now, { ...event, type: "grant.revoked", by: "subject" });
  // A report is filed once, however often it is sent.
  const report = { requestId: `not-me:${grantId}`, answer: "reported", expiresAt: now + longestReport };
  await store.decide(report, { ...event, type: "suspicious.activity", kind: "connection_disowned" });
  return redirect(`${pathOf(context)}?${new URLSearchParams({ proof, reported: "yes" }).toString()}`);
};

/** How long a report is remembered, in milliseconds. */
const longestReport = 30 * 86_400_000;

async function provenConnection(proof: string, context: Context): Promise<{ grant: ClientGrant; clientName: string }> {
  const { store, keys, pathParameter: id } = context;
  const grant = keys.verify("not me", id, proof) ? await store.grant(id) : undefined;
  const client = isClientGrant(grant) ? await store.client(grant.clientId) : undefined;
  if (!isClientGrant(grant) || client === undefined)
    throw new OAuthError("invalid_request", "the link is not one of ours, or its connection is gone", {
      shownAs: { page: "not-connected" },
    });
  return { grant, clientName: shownName(client, frameOf(context).messages) };
}

const pathOf = (context: Context): string => `${connectedAppsPath(context)}/${context.pathParameter}/not_me`;
