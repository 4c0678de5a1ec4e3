import { StorageError } from "../store.ts";
import type { Value } from "./rows.ts";
import type { Column } from "./tables.ts";

/**
 * A portable copy is lines of JSON: a head; for each table a line that names its columns, and an array for each row; an end
 * with counts and a checksum, so that a copy that was cut off or altered shows. Bytes stand as base64.
 */
export interface CopyHead {
  readonly vouchsafe: "export";
  readonly format: typeof format;
  /** ISO 8601. */
  readonly made_at: string;
  readonly engine: string;
  /** Rows in all, for whoever shows how far it has come. */
  readonly rows: number;
  /** Shows which secret the database belongs to; absent where no server has ever used it. */
  readonly secret_fingerprint?: string;
}

export interface CopyEnd {
  readonly end: RowCounts;
  /** Of every line before this one, in base64url. */
  readonly sha256: string;
}

/** Rows of each table. */
export type RowCounts = Readonly<Record<string, number>>;

export const format = 1;

/** The setting that shows which secret a database belongs to. */
export const fingerprintSetting = "secret_fingerprint";

/** Told how many rows are done, of how many. */
export type OnProgress = (done: number, all: number) => void;

/**
 * Why a copy is not taken in: `unreadable` is no copy, or is cut off or altered; `newer` holds what this version does not
 * know; `not-empty`: the database has rows already. Nothing was changed.
 */
export class TransferError extends Error {
  readonly kind: "unreadable" | "newer" | "not-empty";

  constructor(kind: TransferError["kind"], message: string) {
    super(message);
    this.name = "TransferError";
    this.kind = kind;
  }
}

export const toJson = (value: Value | undefined): string | number | null => {
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64");
  if (typeof value === "bigint") throw new StorageError("unavailable", "a number in the database is too large to be one of ours");
  return value ?? null;
};

/** @throws TransferError */
export function fromJson(value: unknown, { name, kind }: Column, place: string): Value {
  if (value === null) return null;
  if (kind === "integer" && Number.isSafeInteger(value)) return value as number;
  if (kind === "text" && typeof value === "string") return value;
  if (kind === "bytes" && typeof value === "string") return Buffer.from(value, "base64");
  throw new TransferError("unreadable", `${place}: ${name} is not ${kind === "integer" ? "an integer" : `of the kind ${kind}`}`);
}
