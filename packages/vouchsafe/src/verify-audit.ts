import { type ChainFinding, type ChainSigner, ChainVerifier } from "./protocol/audit-chain.ts";
import type { Store } from "./store/store.ts";

/** What a look at the whole trail found. */
export interface AuditVerification {
  /** Events that were read. */
  readonly events: number;
  /** Of these, how many were written before there were chains. Nothing protects them. */
  readonly unprotected: number;
  /** Empty: nothing was altered, removed or inserted. */
  readonly findings: readonly ChainFinding[];
}

/** How many events are read at once: the process answers others in between. */
const batch = 1000;

/** Reads every chain from its beginning. What was written since it began is left out. */
export async function verifyAudit({ audit }: Pick<Store, "audit">, signer: ChainSigner): Promise<AuditVerification> {
  const verifiers = new Map((await audit.heads()).map((head) => [head.chain, { head, verifier: new ChainVerifier(head, signer) }]));
  const strangers: ChainFinding[] = [];
  let [events, unprotected, hasChains] = [0, 0, false];
  for (let after = 0, rows = await audit.read(after, batch); rows.length > 0; rows = await audit.read(after, batch)) {
    for (const { id, text, link } of rows) {
      after = id;
      events++;
      const known = link && verifiers.get(link.chain);
      if (known !== undefined && link !== undefined && link.position <= known.head.length) known.verifier.read({ ...link, event: text });
      // Once there are chains every event stands in one, and whoever inserts another has no place for it.
      else if (link === undefined && !hasChains) unprotected++;
      else if (known === undefined) strangers.push({ chain: link?.chain ?? "", position: link?.position ?? 0, what: "inserted" });
      hasChains ||= link !== undefined;
    }
  }
  const findings = [...verifiers.values()].flatMap(({ verifier }) => verifier.end());
  return { events, unprotected, findings: [...findings, ...strangers] };
}
