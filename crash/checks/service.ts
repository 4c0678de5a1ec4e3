import { ExpectedEvents } from "../expected-events.ts";
import type { ServiceFacts } from "../facts.ts";
import { type Checker, countEvents, isActive } from "./checker.ts";

/** How many tokens are kept in mind from one cycle to the next. */
const kept = 40;

/** Compares what a client that acts for itself was told with what the server says. `since`: when its events began to be counted. */
export async function checkService(service: ServiceFacts, since: Date, checker: Checker): Promise<void> {
  const { ledger, random } = checker;
  for (const [position, token] of service.tokens.entries()) {
    const active = await isActive(token.value, checker);
    const words = `token ${position + 1} of the service's own`;
    if (token.standing === "live") ledger.holds(active, "lost", `${words} is not active`);
    else if (token.standing === "ended") ledger.holds(!active, "revived", `${words} is active after it was revoked`);
    else service.events.settle("token.revoked", !active);
    token.standing = active ? "live" : "ended";
  }
  const seen = await countEvents({ client: service.clientId, since: since.toISOString() }, checker);
  for (const { breach, words } of service.events.compare(seen)) ledger.holds(false, breach, `the service's own tokens: ${words}`);
  service.events = new ExpectedEvents();
  service.tokens = service.tokens.filter(() => random.chance(kept / Math.max(kept, service.tokens.length)));
}
