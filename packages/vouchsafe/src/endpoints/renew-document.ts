import { type Context, circumstances } from "../context.ts";
import type { Client } from "../protocol/client.ts";
import { looksLikeUrl } from "../protocol/document-url.ts";

/**
 * Fetches the document of an authorization request's client, where its id is a URL and what is kept of it is no longer
 * fresh, and only once nothing else is wrong: `check` throws where something is. What an operator registered under a URL
 * stays what the operator said. Resolves to whether there is something newer in the store.
 */
export async function renewDocument(id: string, known: Client | undefined, check: () => void, context: Context): Promise<boolean> {
  const { documents, now } = context;
  if (!hasDocument(id, known, context)) return false;
  documents.requireUsableUrl(id);
  if (known !== undefined && (known.disabledAt !== undefined || documents.isFresh(known, now))) return false;
  check();
  await documents.fetch(id, { now, address: context.address, circumstances: () => circumstances(context) });
  return true;
}

const hasDocument = (id: string, known: Client | undefined, { config }: Context): boolean =>
  known === undefined ? looksLikeUrl(id) && config.clientDocuments !== undefined : known.origin === "document";
