import { checkCertificates } from "./certificate.ts";
import { checkChallenge, checkFront } from "./challenge.ts";
import type { Check } from "./check.ts";
import { checkClock } from "./clock.ts";
import { checkCors } from "./cors.ts";
import { checkEndpoints } from "./endpoints.ts";
import { createAsk } from "./exchange.ts";
import { checkHeaders } from "./headers.ts";
import { checkIssuer } from "./issuer.ts";
import { checkRedirects } from "./redirects.ts";
import { checkResourceMetadata } from "./resource-metadata.ts";
import { checkServerMetadata } from "./server-metadata.ts";
import { type Visit, visit } from "./visit.ts";

/**
 * Looks at a deployment as clients see it, in the order in which they discover it. No credential is sent, and nothing is
 * registered or changed. `issuer`: the URL is known to be one, spelled like this.
 */
export async function checkFromOutside(url: string, issuer?: string): Promise<readonly Check[]> {
  return checksOf(await visit(url, createAsk(), issuer), Date.now());
}

/** Every check over what was fetched. */
export const checksOf = (seen: Visit, now: number): readonly Check[] => [
  ...checkFront(seen),
  ...checkCertificates(seen, now),
  ...checkChallenge(seen),
  ...checkResourceMetadata(seen),
  ...(seen.server === undefined ? [] : [...checkServerMetadata(seen.server), ...checkIssuer(seen.server), ...checkEndpoints(seen.server)]),
  ...checkHeaders(seen),
  ...checkCors(seen),
  ...checkRedirects(seen),
  ...checkClock(seen.server?.answer ?? seen.front),
];
