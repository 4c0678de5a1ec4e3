import type { Admin, AuditEvent } from "vouchsafe";
import { en, messageName } from "vouchsafe/pages";
import type { Accounts } from "../accounts.ts";
import type { CaseNames } from "./case-words.ts";

/** What those whom an event is about go by, harmless in a mail, in a terminal and on a page. */
export async function caseNamesOf(event: AuditEvent, admin: Pick<Admin, "client">, accounts: Pick<Accounts, "byId">): Promise<CaseNames> {
  const { clientId, subject } = event as { readonly clientId?: string; readonly subject?: string };
  const client = clientId === undefined ? undefined : await admin.client(clientId);
  const account = subject === undefined ? undefined : await accounts.byId(subject);
  return { client: client && messageName(client, en), subject: account?.email };
}
