/** Signs under a key that is not in the database. */
export interface ChainSigner {
  sign(text: string): string;
  verify(text: string, signature: string): boolean;
}

/**
 * Where a chain of events stands: how many there ever were, and the mark of the last one. Without the key nobody can make
 * another head, so that a chain whose end was cut off shows too.
 */
export interface ChainHead {
  readonly chain: string;
  /** The position of the last event; the first one has position 1. */
  readonly length: number;
  readonly mark: string;
  /** How many events were taken from the beginning, by retention, and the mark of the last of them. */
  readonly cut: number;
  readonly cutMark: string;
  readonly signature: string;
}

/** An event in its place. Its mark is made of its text and of the mark before it. */
export interface ChainLink {
  readonly position: number;
  readonly event: string;
  readonly mark: string;
}

/** An event is about the everyday or about security; each kind has a chain, and is kept for its own time. */
export interface ChainPair {
  readonly main: string;
  readonly security: string;
}

/** How many pairs of chains there are where several processes write at once: each writes to one that no other one holds. */
export const mostPairs = 16;

/** The chains of a pair; 1 is the one that there always is. */
export const pairOfChains = (pair: number): ChainPair =>
  pair === 1 ? { main: "main", security: "security" } : { main: `main ${pair}`, security: `security ${pair}` };

export const isSecurityChain = (chain: string): boolean => chain.startsWith("security");

/** The chains whose heads are made in the same transaction as those of this pair: the first one, or all the others. */
export function madeTogether(pair: ChainPair): readonly string[] {
  if (pair.main === "main") return [pair.main, pair.security];
  const others = Array.from({ length: mostPairs - 1 }, (_, index) => pairOfChains(index + 2));
  return others.flatMap(({ main, security }) => [main, security]);
}

/** The chains whose heads are gone, though those that were made with them are there. */
export const missingChains = (known: readonly string[]): readonly string[] =>
  [pairOfChains(1), pairOfChains(2)]
    .map(madeTogether)
    .filter((together) => together.some((chain) => known.includes(chain)))
    .flatMap((together) => together.filter((chain) => !known.includes(chain)));

export const newHead = (chain: string, signer: ChainSigner): ChainHead =>
  signed({ chain, length: 0, mark: "", cut: 0, cutMark: "" }, signer);

/** What a head says that goes on where another one was lost or altered: the first events behind it vouch for nothing before. */
const broken = "broken";

/** Goes on behind a head that is not as it was signed, or that is gone, and says so for as long as it stands. */
export const brokenHead = (chain: string, length: number, signer: ChainSigner): ChainHead =>
  signed({ chain, length, mark: broken, cut: length, cutMark: broken }, signer);

export const isSigned = (head: ChainHead, signer: ChainSigner): boolean => signer.verify(headText(head), head.signature);

/** Adds events to a chain. */
export function extendChain(
  head: ChainHead,
  events: readonly string[],
  signer: ChainSigner,
): { readonly head: ChainHead; readonly links: readonly ChainLink[] } {
  const links: ChainLink[] = [];
  let { length, mark } = head;
  for (const event of events) {
    length++;
    mark = signer.sign(linkText(head.chain, length, mark, event));
    links.push({ position: length, event, mark });
  }
  return { head: signed({ ...head, length, mark }, signer), links };
}

/**
 * Takes events from the beginning of a chain. Undefined where they are not what was written: nothing of that is forgotten,
 * since what is found would go with it.
 */
export function cutChain(head: ChainHead, oldest: readonly ChainLink[], signer: ChainSigner): ChainHead | undefined {
  let { cut, cutMark } = head;
  for (const { position, event, mark } of oldest) {
    if (position !== cut + 1 || !signer.verify(linkText(head.chain, position, cutMark, event), mark)) return undefined;
    [cut, cutMark] = [position, mark];
  }
  return isSigned(head, signer) ? signed({ ...head, cut, cutMark }, signer) : undefined;
}

type UnsignedHead = Omit<ChainHead, "signature">;

const signed = (head: UnsignedHead, signer: ChainSigner): ChainHead => ({ ...head, signature: signer.sign(headText(head)) });

const headText = ({ chain, length, mark, cut, cutMark }: UnsignedHead): string =>
  JSON.stringify(["head", chain, length, mark, cut, cutMark]);

/** None of the parts before the event has a line break in it. */
const linkText = (chain: string, position: number, previous: string, event: string): string =>
  `link\n${chain}\n${position}\n${previous}\n${event}`;

/** What was done to a chain by somebody without the key. */
export interface ChainFinding {
  readonly chain: string;
  /** The first position that it is about; 0: the head. */
  readonly position: number;
  readonly what: "altered" | "removed" | "inserted" | "head altered" | "end cut off";
}

/** Reads a chain from its beginning, link by link, and says what is wrong with it. */
export class ChainVerifier {
  readonly #head: ChainHead;
  readonly #signer: ChainSigner;
  readonly #findings: ChainFinding[] = [];
  #position: number;
  /** Undefined: what stood before is gone, and the next mark cannot be told from another. */
  #mark: string | undefined;

  constructor(head: ChainHead, signer: ChainSigner) {
    this.#head = head;
    this.#signer = signer;
    this.#position = head.cut;
    this.#mark = head.cutMark;
    if (head.cutMark === broken || !isSigned(head, signer)) this.#find("head altered", 0);
  }

  /** Links come by position. */
  read({ position, event, mark }: ChainLink): void {
    if (position <= this.#position) {
      this.#find("inserted", position);
      return;
    }
    if (position > this.#position + 1) {
      this.#find("removed", this.#position + 1);
      this.#mark = undefined;
    }
    if (this.#mark !== undefined && !this.#signer.verify(linkText(this.#head.chain, position, this.#mark, event), mark))
      this.#find("altered", position);
    this.#position = position;
    this.#mark = mark;
  }

  end(): readonly ChainFinding[] {
    const { length, mark } = this.#head;
    if (this.#position < length) this.#find("end cut off", this.#position + 1);
    else if (this.#position > length || (this.#mark !== undefined && this.#mark !== mark)) this.#find("inserted", this.#position);
    return this.#findings;
  }

  #find(what: ChainFinding["what"], position: number): void {
    this.#findings.push({ chain: this.#head.chain, position, what });
  }
}
