import type { Caller } from "../caller.ts";
import type { ServiceFacts } from "../facts.ts";
import type { Ledger } from "../ledger.ts";
import type { Random } from "../random.ts";

/** Who compares what was told with what the server says now. */
export interface Checker {
  readonly origin: string;
  readonly caller: Caller;
  readonly service: ServiceFacts;
  readonly ledger: Ledger;
  readonly random: Random;
  readonly adminToken: string;
}

/** Whether an access token is active, as a resource server is told. RFC 7662 §2.2 */
export async function isActive(token: string, { caller, service }: Checker): Promise<boolean> {
  const headers = { authorization: service.authorization };
  const { body } = await caller.ask({ method: "POST", path: "/oauth/introspect", headers, form: { token } }, 200);
  return (JSON.parse(body.toString()) as { active?: boolean }).active === true;
}

/** Whether an API lets the token in. */
export async function opensNotes(token: string, { caller }: Checker): Promise<boolean> {
  const { status } = await caller.ask({ path: "/api/notes", headers: { authorization: `Bearer ${token}` } }, 200, 401);
  return status === 200;
}

/** What an administrator is told. */
export async function readAdmin(path: string, { caller, adminToken }: Checker): Promise<string> {
  const { body } = await caller.ask({ path: `/admin/api/v1${path}`, headers: { authorization: `Bearer ${adminToken}` } }, 200);
  return body.toString();
}

/** How many events of each type the audit has that match. */
export async function countEvents(query: Readonly<Record<string, string>>, checker: Checker): Promise<ReadonlyMap<string, number>> {
  const lines = await readAdmin(`/events?${new URLSearchParams({ since: "30d", format: "jsonl", ...query }).toString()}`, checker);
  const counts = new Map<string, number>();
  for (const line of lines.split("\n")) {
    if (line === "") continue;
    const { type } = JSON.parse(line) as { type: string };
    counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return counts;
}
