import { type CompiledStatement, compileStatement, type Dialect, type Step, type StepAnswer } from "../sql/database.ts";
import type { Parameters, Row } from "../sql/rows.ts";
import { StorageError } from "../store.ts";

/** What we use of a pool of the package `pg`. */
export interface PostgresPool {
  connect(): Promise<PostgresClient>;
  query(query: PostgresQuery | PlainQuery): Promise<PostgresResult>;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "acquire", listener: (client: PostgresClient) => void): unknown;
  on(event: "release", listener: (error: unknown, client: PostgresClient) => void): unknown;
  end(): Promise<void>;
}

export interface PostgresClient {
  /** Whether it sends a question before the one before is answered. */
  readonly pipeline?: boolean;
  query(query: PostgresQuery | PostgresCommand): Promise<PostgresResult>;
  on(event: "error", listener: (error: Error) => void): unknown;
  off(event: "error", listener: (error: Error) => void): unknown;
  /** `true`: not to be used again. */
  release(destroy?: boolean): void;
}

/** Its rows are records, of the types that the package makes. */
type PlainQuery = Omit<PostgresQuery, "rowMode" | "types">;

/** Text without parameters, which may be several statements. */
export interface PostgresCommand {
  readonly text: string;
  /** Milliseconds, instead of the connection's own. */
  readonly query_timeout?: number;
}

export interface PostgresResult {
  readonly command: string;
  readonly rowCount: number | null;
  readonly rows: readonly unknown[];
}

/** A prepared statement: its name is made of its text, so that whoever shares a connection agrees on it. */
export interface PostgresQuery {
  readonly name: string;
  readonly text: string;
  readonly values: unknown[];
  readonly rowMode: "array";
  readonly types: { getTypeParser(oid: number, format?: string): (value: string) => unknown };
}

const postgresDialect: Dialect = {
  name: "postgres",
  placeholder: (index) => `$${index}`,
  listed: (placeholder) => `(SELECT jsonb_array_elements_text(CAST(${placeholder} AS jsonb)))`,
  clock: "CAST(extract(epoch FROM statement_timestamp()) * 1000 AS BIGINT)",
};

const bytea = 17;
const [int8, int2, int4, numeric] = [20, 21, 23, 1700];
const numbers: ReadonlySet<number> = new Set([int8, int2, int4, numeric]);

/** Every number of ours is a safe integer. */
const types: PostgresQuery["types"] = {
  getTypeParser: (oid) => {
    if (numbers.has(oid)) return Number;
    return oid === bytea ? (value) => Buffer.from(value.slice(2), "hex") : String;
  },
};

const compiled = new Map<string, CompiledStatement>();

function compile(statement: string): CompiledStatement {
  const known = compiled.get(statement) ?? compileStatement(statement, postgresDialect);
  compiled.set(statement, known);
  return known;
}

export function queryOf(statement: string, parameters: PostgresParameters): PostgresQuery {
  const { id, sql, names } = compile(statement);
  return { name: id, text: sql, values: names.map((name) => boundValue(parameters[name])), rowMode: "array", types };
}

/** Beside values, lists of them. */
export type PostgresParameters = Readonly<Record<string, Parameters[string] | readonly (Parameters[string] | undefined)[]>>;

/** PostgreSQL has no text with a NUL in it. No name that we make has one. */
const boundValue = (value: PostgresParameters[string]): unknown => {
  if (typeof value === "string") return value.includes("\0") ? value.replaceAll("\0", "\uFFFD") : value;
  return Array.isArray(value) ? value.map((item) => boundValue(item as Parameters[string])) : (value ?? null);
};

export const rowsOf = ({ rows }: PostgresResult): readonly Row[] => rows as readonly Row[];

export function answerOf({ kind }: Pick<Step, "kind">, result: PostgresResult): StepAnswer {
  if (kind === "run") return result.rowCount ?? 0;
  return kind === "get" ? rowsOf(result)[0] : rowsOf(result);
}

/** Every way in which PostgreSQL says no, or nothing, becomes a `StorageError`. */
export async function guardStorage<Result>(work: Promise<Result>, kind: StorageError["kind"] = "unavailable"): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof StorageError) throw error;
    throw new StorageError(kind, error instanceof Error ? error.message : String(error), error);
  }
}

/**
 * Losing a connection that somebody has is told by the answers to what they asked. Without a listener of its own it would end
 * the process too, and one that is added once the connection is handed over may come too late.
 */
export function surviveLosses(pool: PostgresPool): void {
  pool.on("acquire", (client) => client.on("error", heardAlready));
  pool.on("release", (_error, client) => client.off("error", heardAlready));
}

const heardAlready = (): void => {};

/**
 * Whether the server refused this and still holds the connection. Otherwise nobody knows what became of what was sent: even a
 * server that says that it ends may have committed before. 08: connection; 57P: the server ends it; 25P03, 25P04: it waited
 * for too long; XX: the server broke.
 */
export function isRefusal(error: unknown): boolean {
  const state = sqlStateOf(error);
  return state !== undefined && !/^(?:08|57P|25P0[34]|XX)/.test(state);
}

/** The SQLSTATE of what the server refused; undefined where it did not answer. */
export function sqlStateOf(error: unknown): string | undefined {
  const cause = error instanceof StorageError ? error.cause : error;
  if (!(cause instanceof Error && "code" in cause && typeof cause.code === "string")) return undefined;
  return /^[0-9A-Z]{5}$/.test(cause.code) ? cause.code : undefined;
}
