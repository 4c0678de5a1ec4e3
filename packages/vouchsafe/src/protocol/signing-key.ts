/** The algorithms we sign JWT access tokens with. RFC 9068 §2.1 demands RS256 among them; ES256 is cheaper and the default. */
export const signingAlgorithms = ["ES256", "RS256", "EdDSA"] as const;

export type SigningAlgorithm = (typeof signingAlgorithms)[number];

/**
 * A key that signs JWT access tokens. Of all keys one signs; the next is published already, so that whoever keeps the set
 * knows it when it begins; those that have signed stay published while their tokens live.
 */
export interface SigningKey {
  /** RFC 7517 §4.5 */
  readonly id: string;
  readonly algorithm: SigningAlgorithm;
  /** The public members of its JWK. */
  readonly publicKey: Readonly<Record<string, unknown>>;
  /** The private key, sealed under the server's secret. */
  readonly sealed: string;
  readonly createdAt: number;
  /** When it began to sign; undefined: it is the next one. */
  readonly signsFrom: number | undefined;
  /** When it was followed by another; undefined: it signs, or will. */
  readonly retiredAt: number | undefined;
}

export type SigningKeyState = "next" | "signing" | "retired";

export function stateOf({ signsFrom, retiredAt }: SigningKey): SigningKeyState {
  if (retiredAt !== undefined) return "retired";
  return signsFrom === undefined ? "next" : "signing";
}

/**
 * The set after a rotation at this time: the next key signs, and another one is published in its place. Where the next key
 * is of another algorithm than is wanted, `urgent` signs at once instead of it.
 */
export function rotated(keys: readonly SigningKey[], at: number, following: SigningKey, urgent?: SigningKey): readonly SigningKey[] {
  const retired = keys
    .filter((key) => stateOf(key) !== "next")
    .map((key) => (key.retiredAt === undefined ? { ...key, retiredAt: at } : key));
  const next = urgent ?? keys.find((key) => stateOf(key) === "next");
  return [...retired, ...(next === undefined ? [] : [{ ...next, signsFrom: at }]), following];
}

/** The set without those whose last token has ended. */
export const withoutEnded = (keys: readonly SigningKey[], endedBefore: number): readonly SigningKey[] =>
  keys.filter(({ retiredAt }) => retiredAt === undefined || retiredAt >= endedBefore);

/** The set as it is published. RFC 7517 §5 */
export const publicKeySet = (keys: readonly SigningKey[]): { readonly keys: readonly Record<string, unknown>[] } => ({
  keys: keys.map(({ id, algorithm, publicKey }) => ({ ...publicKey, kid: id, use: "sig", alg: algorithm })),
});
