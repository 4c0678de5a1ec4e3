import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createKeyring } from "../../src/keys/sealing.ts";
import {
  brokenHead,
  type ChainHead,
  type ChainLink,
  type ChainSigner,
  ChainVerifier,
  cutChain,
  extendChain,
  newHead,
} from "../../src/protocol/audit-chain.ts";

const signerOf = (...secrets: string[]): ChainSigner => {
  const keys = createKeyring(secrets);
  return { sign: (text) => keys.sign("audit", text), verify: (text, signature) => keys.verify("audit", text, signature) };
};
const signer = signerOf("a secret for tests, longer than 32 bytes");

const chainOf = (events: readonly string[], by = signer) => extendChain(newHead("main", by), events, by);

function findings(head: ChainHead, links: readonly ChainLink[], by = signer) {
  const verifier = new ChainVerifier(head, by);
  for (const link of links) verifier.read(link);
  return verifier.end().map(({ what, position }) => `${what} ${position}`);
}

const events = fc.array(fc.string({ unit: "grapheme" }), { minLength: 1, maxLength: 20 });

describe("a chain of audit events", () => {
  it("is whole as it was written, whatever was written, and in however many commits", () => {
    fc.assert(
      fc.property(events, events, (first, more) => {
        const one = chainOf(first);
        const two = extendChain(one.head, more, signer);
        expect(findings(two.head, [...one.links, ...two.links])).toEqual([]);
      }),
    );
  });

  it("shows where an event was altered, removed or inserted", () => {
    fc.assert(
      fc.property(events, fc.nat(), (all, index) => {
        const { head, links } = chainOf(all);
        const at = index % links.length;
        const link = links[at] as ChainLink;
        const altered = links.with(at, { ...link, event: `${link.event}.` });
        expect(findings(head, altered)).toEqual([`altered ${at + 1}`]);
        const removed = links.toSpliced(at, 1);
        expect(findings(head, removed)).toEqual([at + 1 === links.length ? `end cut off ${at + 1}` : `removed ${at + 1}`]);
        expect(findings(head, links.toSpliced(at, 0, link))).toEqual([`inserted ${at + 1}`]);
      }),
    );
  });

  it("shows that its events changed places", () => {
    const { head, links } = chainOf(["one", "two", "three"]);
    const [first, second, third] = links as [ChainLink, ChainLink, ChainLink];
    const swapped = [{ ...second, position: 1 }, { ...first, position: 2 }, third];
    expect(findings(head, swapped)).toContain("altered 1");
  });

  it("shows that its end was cut off, also where the head was made to say so: nobody without the key signs another", () => {
    const { head, links } = chainOf(["one", "two", "three"]);
    expect(findings(head, links.slice(0, 2))).toEqual(["end cut off 3"]);
    const [, second] = links as [ChainLink, ChainLink, ChainLink];
    expect(findings({ ...head, length: 2, mark: second.mark }, links.slice(0, 2))).toEqual(["head altered 0"]);
  });

  it("shows what was added behind its end", () => {
    const { head, links } = chainOf(["one"]);
    expect(findings(head, [...links, { position: 2, event: "two", mark: "forged" }])).toEqual(["altered 2", "inserted 2"]);
  });

  it("is whole from where retention cut it, and nobody else can cut it", () => {
    const { head, links } = chainOf(["one", "two", "three"]);
    const [, second] = links as [ChainLink, ChainLink, ChainLink];
    const cut = cutChain(head, links.slice(0, 2), signer) ?? head;
    expect(cut).toMatchObject({ cut: 2, cutMark: second.mark });
    expect(findings(cut, links.slice(2))).toEqual([]);
    expect(findings({ ...head, cut: 2, cutMark: second.mark }, links.slice(2))).toEqual(["head altered 0"]);
    expect(findings(extendChain(cut, ["four"], signer).head, [...links.slice(2), ...extendChain(cut, ["four"], signer).links])).toEqual([]);
  });

  it("is not cut where its beginning is not what was written, or its head was altered", () => {
    const { head, links } = chainOf(["one", "two", "three"]);
    const [first, second] = links as [ChainLink, ChainLink, ChainLink];
    expect(cutChain(head, [{ ...first, event: "another" }], signer)).toBeUndefined();
    expect(cutChain(head, [second], signer)).toBeUndefined();
    expect(cutChain({ ...head, length: 9 }, [first], signer)).toBeUndefined();
  });

  it("goes on behind a head that was lost, and says so for as long as it stands", () => {
    const head = brokenHead("main", 2, signer);
    const more = extendChain(head, ["three"], signer);
    expect(findings(more.head, more.links)).toEqual(["head altered 0"]);
    expect(more.links[0]?.position).toBe(3);
  });

  it("is another's under another secret, and goes on under a new one where the old one is still known", () => {
    const before = signerOf("an older secret, longer than 32 bytes also");
    const { head, links } = chainOf(["one"], before);
    expect(findings(head, links)).toEqual(["head altered 0", "altered 1"]);
    const both = signerOf("a secret for tests, longer than 32 bytes", "an older secret, longer than 32 bytes also");
    const more = extendChain(head, ["two"], both);
    expect(findings(more.head, [...links, ...more.links], both)).toEqual([]);
  });

  it("is not the same as another chain of the same events", () => {
    const { links } = chainOf(["one"]);
    const other = extendChain(newHead("security", signer), ["one"], signer);
    expect(findings(other.head, links)).toContain("altered 1");
  });
});
