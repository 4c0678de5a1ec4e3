import { hash } from "node:crypto";
import type { AuditEvent } from "../../audit.ts";
import type { Batch } from "./copy-reader.ts";
import type { Parameters, Row } from "./rows.ts";
import type { Table } from "./tables.ts";

/**
 * What the store needs of a SQL database. Its verbs are written once: a verb that writes is a generator that gives away one
 * statement after another and takes their answers back. SQLite answers at once and PostgreSQL over a wire; the verb does not
 * know which.
 */
export interface SqlDatabase {
  readonly dialect: Dialect["name"];
  /** One row of what is committed. SQLite answers at once. */
  get(statement: string, parameters?: Parameters): Row | undefined | Promise<Row | undefined>;
  all(statement: string, parameters?: Parameters): readonly Row[] | Promise<readonly Row[]>;
  /** A read that may take long, and that no request waits for. */
  report(statement: string, parameters?: Parameters): Promise<readonly Row[]>;
  /**
   * Runs `work` in a transaction that it may share with others, and resolves to its result once that is durable. Work that
   * throws is undone alone. It may be run again from its beginning, so that all it does is to yield statements and to record
   * events: they are written with the transaction, and told to the listeners once it is durable.
   */
  commit<Result>(work: TransactionWork<Result>, claims?: Claims): Promise<Result>;
  /** Many reads that all see what was committed when this began. Writers do not wait for them, nor they for writers. */
  snapshot<Result>(work: (read: Read) => Promise<Result>): Promise<Result>;
  /**
   * Fills these tables in one transaction, beside which nobody reads or writes them: all that `work` writes, or nothing where
   * it throws or the process ends. It may take long.
   */
  load<Result>(tables: readonly Table[], work: (loader: Loader) => Promise<Result>): Promise<Result>;
  /** Calls the listener with every event, once it is durable. */
  subscribe(listener: (event: AuditEvent) => void): void;
  /** The last event before which no other one can still appear: writers that overlap are given ids in any order. */
  lastSettledEvent(): number | Promise<number>;
  /**
   * Takes the schema of one part (the library's own, or an application's own tables) to the newest step.
   * @throws StorageError `newer-schema`
   */
  migrate(steps: MigrationSteps, part?: string): void | Promise<void>;
  /** @throws StorageError `unavailable`, `older-schema` */
  check(steps: MigrationSteps): void | Promise<void>;
  close(): void | Promise<void>;
}

/** The steps of a schema for each engine, oldest first. A step that has been released is never changed. */
export type MigrationSteps = Readonly<Record<Dialect["name"], readonly string[]>>;

/** A read within a transaction. */
export type Read = (statement: string, parameters?: Parameters) => Promise<readonly Row[]>;

/** Writes many rows of the tables that it was made for. */
export interface Loader {
  readonly read: Read;
  /** Removes every row of every table. */
  readonly empty: () => Promise<void>;
  readonly insert: (batch: Batch) => Promise<void>;
}

export type TransactionWork<Result> = (record: (event: AuditEvent) => void) => Work<Result>;

/**
 * What a transaction must have to itself, or share with others that only need it to stay, until its end: SQLite has one
 * writer at a time, and PostgreSQL locks these names.
 */
export interface Claims {
  readonly alone?: readonly string[];
  readonly shared?: readonly string[];
  /** It writes much, and shall not hold up what others wait for: a transaction of its own. */
  readonly isBulk?: true;
}

/** One statement of a transaction. */
export interface Step {
  readonly kind: "run" | "get" | "all";
  readonly statement: string;
  readonly parameters: Parameters;
}

/** The number of rows that changed, the first row, or all of them. */
export type StepAnswer = number | Row | undefined | readonly Row[];

export type Work<Result> = Generator<Step, Result, StepAnswer>;

/** The number of rows that changed. */
export function* run(statement: string, parameters: Parameters = {}): Work<number> {
  return (yield { kind: "run", statement, parameters }) as number;
}

export function* get(statement: string, parameters: Parameters = {}): Work<Row | undefined> {
  return (yield { kind: "get", statement, parameters }) as Row | undefined;
}

export function* all(statement: string, parameters: Parameters = {}): Work<readonly Row[]> {
  return (yield { kind: "all", statement, parameters }) as readonly Row[];
}

/** In what engines differ where a statement means the same. */
export interface Dialect {
  readonly name: "sqlite" | "postgres";
  readonly placeholder: (index: number) => string;
  /** The values of a parameter that is a JSON list, as a subquery. */
  readonly listed: (placeholder: string) => string;
  /** The database's own time, in milliseconds. */
  readonly clock: string;
}

export interface CompiledStatement {
  readonly sql: string;
  /** The names of the parameters in the order in which they are bound. */
  readonly names: readonly string[];
  /** The same text has the same name, in every process. */
  readonly id: string;
}

/** Turns a statement into an engine's own form: `:name` is a parameter, `:name[]` what a JSON list holds, and `clock()` its time. */
export function compileStatement(statement: string, { placeholder, listed, clock }: Dialect): CompiledStatement {
  const names: string[] = [];
  const sql = statement
    .replace(/:([A-Za-z]\w*)(\[\])?/g, (_, name: string, list: string | undefined) => {
      const one = placeholder(names.push(name));
      return list === undefined ? one : listed(one);
    })
    .replaceAll("clock()", clock)
    .trim();
  return { sql, names, id: hash("sha256", sql, "base64url").slice(0, 20) };
}
