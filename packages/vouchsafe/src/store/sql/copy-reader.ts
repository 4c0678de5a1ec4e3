import { createHash } from "node:crypto";
import type { Row } from "./rows.ts";
import { type Column, columnsOf, type Table } from "./tables.ts";
import { type CopyEnd, type CopyHead, format, fromJson, type RowCounts, TransferError } from "./transfer.ts";

/** Rows of one table, in the order of these columns. */
export interface Batch {
  readonly table: Table;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

/** The most rows of a batch. */
const batchSize = 1000;

/** Reads a portable copy line by line, and believes none of it before it has seen the end. */
export class CopyReader {
  readonly #tables: readonly Table[];
  readonly #checksum = createHash("sha256");
  readonly #counts: Record<string, number> = {};
  #line = 0;
  #head: CopyHead | undefined;
  #current: Omit<Batch, "rows"> | undefined;
  #rows: Row[] = [];
  #hasEnded = false;

  constructor(tables: readonly Table[]) {
    this.#tables = tables;
  }

  /** Undefined before the first line. */
  get head(): CopyHead | undefined {
    return this.#head;
  }

  /**
   * A batch that this line completes.
   * @throws TransferError
   */
  take(line: string): Batch | undefined {
    this.#line++;
    if (this.#hasEnded) throw this.#unreadable("there is something behind its end");
    const value = this.#parse(line);
    if (isObject(value) && "end" in value) return this.#finish(value);
    this.#checksum.update(`${line}\n`);
    if (this.#head === undefined) {
      this.#head = this.#readHead(value);
      return undefined;
    }
    if (isObject(value)) return this.#beginTable(value);
    this.#rows.push(this.#readRow(value));
    return this.#rows.length === batchSize ? this.#takeBatch() : undefined;
  }

  /** What was read in all. @throws TransferError where the copy has no end */
  counts(): RowCounts {
    if (!this.#hasEnded) throw new TransferError("unreadable", `the copy was cut off behind line ${this.#line}`);
    return this.#counts;
  }

  #parse(line: string): unknown {
    try {
      return JSON.parse(line);
    } catch {
      throw this.#unreadable(this.#head === undefined ? "this is no portable copy" : "this is no JSON");
    }
  }

  #readHead(value: unknown): CopyHead {
    if (!isObject(value) || value["vouchsafe"] !== "export") throw this.#unreadable("this is no portable copy");
    if (value["format"] !== format) throw new TransferError("newer", "the copy was made by a newer Vouchsafe: use that one");
    return value as unknown as CopyHead;
  }

  #beginTable({ table: name, columns: names }: Readonly<Record<string, unknown>>): Batch | undefined {
    const batch = this.#takeBatch();
    const table = this.#tables.find((one) => one.name === name);
    if (table === undefined) throw this.#unknown(`the table ${String(name)}`);
    if (!Array.isArray(names)) throw this.#unreadable("it names no columns");
    const known = columnsOf(table);
    const columns = names.map((column: unknown) => {
      const found = known.find((one) => one.name === column);
      if (found === undefined) throw this.#unknown(`the column ${String(column)} of ${table.name}`);
      return found;
    });
    this.#current = { table, columns };
    return batch;
  }

  #readRow(value: unknown): Row {
    const columns = this.#current?.columns;
    if (columns === undefined || !Array.isArray(value) || value.length !== columns.length) throw this.#unreadable("this is no row");
    return columns.map((column, index) => fromJson(value[index], column, `line ${this.#line}`));
  }

  #takeBatch(): Batch | undefined {
    const [rows, current] = [this.#rows, this.#current];
    this.#rows = [];
    if (rows.length === 0 || current === undefined) return undefined;
    this.#counts[current.table.name] = (this.#counts[current.table.name] ?? 0) + rows.length;
    return { ...current, rows };
  }

  #finish(value: object): Batch | undefined {
    const batch = this.#takeBatch();
    const { end, sha256 } = value as CopyEnd;
    const isCounted = isObject(end) && this.#tables.every(({ name }) => (end[name] ?? 0) === (this.#counts[name] ?? 0));
    if (!isCounted || sha256 !== this.#checksum.digest("base64url")) throw this.#unreadable("the copy is not as it was made");
    this.#hasEnded = true;
    return batch;
  }

  #unreadable(what: string): TransferError {
    return new TransferError("unreadable", `line ${this.#line}: ${what}`);
  }

  #unknown(what: string): TransferError {
    return new TransferError("newer", `line ${this.#line}: this Vouchsafe does not know ${what}: use the newer one that made the copy`);
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
