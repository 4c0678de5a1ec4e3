import { type ChainFinding, type ChainHead, type ChainSigner, ChainVerifier, missingChains } from "./protocol/audit-chain.ts";
import type { AuditTrail, Store } from "./store/store.ts";

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

/** How often it is begun again because retention cut a chain meanwhile. */
const mostAttempts = 5;

/** Reads every chain from its beginning. What was written since it began is left out. */
export async function verifyAudit({ audit }: Pick<Store, "audit">, signer: ChainSigner): Promise<AuditVerification> {
  let heads = await audit.heads();
  for (let attempt = 1; ; attempt++) {
    const { beyond, ...read } = await readChains(audit, heads, signer);
    const headsNow = await audit.heads();
    // What lies behind the end as it is now was never written by us.
    const strangers = beyond.filter(({ chain, position }) => position > (headsNow.find((head) => head.chain === chain)?.length ?? 0));
    const findings = [...read.findings, ...strangers];
    const isCut = headsNow.some(({ chain, cut }) => heads.some((head) => head.chain === chain && head.cut < cut));
    if (findings.length === 0 || !isCut || attempt === mostAttempts) return { ...read, findings };
    heads = headsNow;
  }
}

/** `beyond`: what lies behind the end of its chain, as it was when it was asked for. */
async function readChains(
  audit: AuditTrail,
  heads: readonly ChainHead[],
  signer: ChainSigner,
): Promise<AuditVerification & { readonly beyond: readonly ChainFinding[] }> {
  const verifiers = new Map(heads.map((head) => [head.chain, { head, verifier: new ChainVerifier(head, signer) }]));
  const strangers: ChainFinding[] = [];
  const beyond: ChainFinding[] = [];
  let [events, unprotected, hasChains] = [0, 0, false];
  for (let after = 0, rows = await audit.read(after, batch); rows.length > 0; rows = await audit.read(after, batch)) {
    for (const { id, text, link, isFiled = true } of rows) {
      after = id;
      events++;
      const known = link && verifiers.get(link.chain);
      if (known !== undefined && link !== undefined && link.position <= known.head.length) {
        known.verifier.read({ ...link, event: text });
        if (!isFiled) strangers.push({ chain: link.chain, position: link.position, what: "altered" });
      } else if (link !== undefined) beyond.push({ chain: link.chain, position: link.position, what: "inserted" });
      // Once there are chains every event stands in one, and whoever inserts another has no place for it.
      else if (hasChains) strangers.push({ chain: "", position: 0, what: "inserted" });
      else unprotected++;
      hasChains ||= link !== undefined;
    }
  }
  const findings = [...verifiers.values()].flatMap(({ verifier }) => verifier.end());
  for (const chain of missingChains([...verifiers.keys()])) strangers.push({ chain, position: 0, what: "removed" });
  return { events, unprotected, findings: [...findings, ...strangers], beyond };
}
