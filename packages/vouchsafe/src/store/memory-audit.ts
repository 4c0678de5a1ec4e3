import { type AuditEvent, isSecurityEvent } from "../audit.ts";
import { type ChainHead, type ChainSigner, extendChain, newHead } from "../protocol/audit-chain.ts";
import type { AuditTrail, KeptEvent } from "./store.ts";

/** The trail in memory, in chains like any other. */
export class MemoryAudit implements AuditTrail {
  readonly events: AuditEvent[] = [];
  readonly #kept: (KeptEvent & { readonly event: AuditEvent })[] = [];
  readonly #heads = new Map<string, ChainHead>();
  #signer: ChainSigner | undefined;

  append(event: AuditEvent): void {
    const text = JSON.stringify(event);
    this.events.push(event);
    this.#kept.push({ id: this.#kept.length + 1, text, link: this.#link(event, text), event });
  }

  #link(event: AuditEvent, text: string): KeptEvent["link"] {
    if (this.#signer === undefined) return undefined;
    const chain = isSecurityEvent(event) ? "security" : "main";
    const { head, links } = extendChain(this.#heads.get(chain) ?? newHead(chain, this.#signer), [text], this.#signer);
    this.#heads.set(chain, head);
    const [link] = links;
    return link && { chain, position: link.position, mark: link.mark };
  }

  signWith(signer: ChainSigner): void {
    this.#signer = signer;
  }

  async list({
    types = [],
    from = 0,
    until = Infinity,
    before = Infinity,
    most,
  }: Parameters<AuditTrail["list"]>[0]): Promise<readonly KeptEvent[]> {
    return this.#kept
      .filter(({ id, event: { at, type } }) => id < before && at >= from && at < until && (types.length === 0 || types.includes(type)))
      .toReversed()
      .slice(0, most)
      .map(({ id, text, link }) => ({ id, text, link }));
  }

  async read(after: number, most: number): Promise<readonly KeptEvent[]> {
    return this.#kept.slice(after, after + most).map(({ id, text, link }) => ({ id, text, link }));
  }

  async heads(): Promise<readonly ChainHead[]> {
    return [...this.#heads.values()].sort((a, b) => (a.chain < b.chain ? -1 : 1));
  }
}
