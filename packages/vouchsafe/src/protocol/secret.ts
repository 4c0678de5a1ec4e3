import { hash, randomFillSync, timingSafeEqual } from "node:crypto";
import { crc32 } from "node:zlib";

/** What a secret opens. The prefix makes a leaked one findable by secret scanners. */
const prefixes = {
  access: "vs_at_",
  refresh: "vs_rt_",
  personal: "vs_pat_",
  client: "vs_cs_",
  registration: "vs_iat_",
  configuration: "vs_rat_",
} as const;

export type SecretKind = keyof typeof prefixes;

/** A secret of 256 random bits with its prefix and a checksum: `vs_at_`, 43 characters, 6 characters. Only its hash is kept. */
export function mintSecret(kind: SecretKind): string {
  const body = prefixes[kind] + drawBytes(32).toString("base64url");
  return body + checksum(body);
}

/**
 * An identifier nobody can guess: 128 random bits in the alphabet `A-Za-z0-9_-`, 22 characters. None begins with a hyphen,
 * which on a command line would begin an option.
 */
export function mintIdentifier(): string {
  const id = drawBytes(16).toString("base64url");
  return id.startsWith("-") ? mintIdentifier() : id;
}

/** SHA-256, which is enough for a value with 256 random bits. */
export function hashSecret(secret: string): Uint8Array {
  return hash("sha256", secret, "buffer");
}

/** Whether the text has the shape and the checksum of a secret of this kind: a mistyped one costs no look-up. */
export function isSecret(kind: SecretKind, text: string): boolean {
  const prefix = prefixes[kind];
  if (text.length !== prefix.length + 49 || !text.startsWith(prefix)) return false;
  return checksum(text.slice(0, -6)) === text.slice(-6);
}

/** Compares in a time that says nothing about where two hashes differ. */
export function equalHashes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Drawing few bytes costs as much as drawing many, so they are drawn ahead; bytes that were handed out are overwritten. */
const pool = Buffer.alloc(8192);
let drawn = pool.length;

/** As many random bytes, in memory of their own. */
export function drawBytes(length: number): Buffer {
  if (drawn + length > pool.length) {
    randomFillSync(pool);
    drawn = 0;
  }
  const bytes = Buffer.allocUnsafe(length);
  pool.copy(bytes, 0, drawn, drawn + length);
  pool.fill(0, drawn, drawn + length);
  drawn += length;
  return bytes;
}

function checksum(body: string): string {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(crc32(body));
  return bytes.toString("base64url");
}
