/** An attack case: requests, what must come back, and what must not happen. The grammar is in fixtures.json. */
import { readFileSync } from "node:fs";
import { type Members, membersOf } from "./json.ts";

export interface AttackCase {
  readonly id: string;
  /** The letters before the number: RU, AZ, PK … */
  readonly group: string;
  readonly groupTitle: string;
  readonly title: string;
  readonly precondition: string;
  /** Raw HTTP messages, and directives that start with "@". */
  readonly steps: readonly string[];
  readonly expected: Expected;
  readonly mustNot: readonly string[];
  readonly severity: string;
  readonly kind: string;
}

export interface Expected {
  /** Allowed statuses; strings are classes such as "any" or "4xx"; 0 is a connection closed without an answer. */
  readonly statuses: readonly (number | string)[];
  readonly errors: readonly string[];
  readonly redirect: string | undefined;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string | undefined;
  readonly note: string;
}

/** Reads a file of cases, one JSON object a line. */
export function readCases(path: string): AttackCase[] {
  const lines = readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "");
  return lines.map((line, index) => toCase(JSON.parse(line), index + 1));
}

export const isDirective = (step: string): boolean => step.startsWith("@");

/** "n/a" stands for cases that are not about an answer. */
export function allowsStatus(statuses: Expected["statuses"], status: number): boolean {
  return statuses.some((allowed) => {
    if (typeof allowed === "number") return allowed === status;
    if (allowed === "any" || allowed === "n/a") return true;
    return [...allowed.matchAll(/([1-5])xx/g)].some(([, digit]) => Number(digit) === Math.floor(status / 100));
  });
}

function toCase(value: unknown, line: number): AttackCase {
  const entry = membersOf(value);
  const id = text(entry["id"]);
  if (id === "") throw new Error(`line ${line}: a case needs an id`);
  const groupTitle = text(entry["group"]);
  return {
    id,
    group: id.split("-")[0] ?? id,
    groupTitle,
    title: text(entry["title"]),
    precondition: text(entry["precondition"]),
    steps: texts(entry["request"]),
    expected: toExpected(membersOf(entry["expect"])),
    mustNot: texts(entry["must_not"]),
    severity: text(entry["severity"]),
    kind: text(entry["kind"]),
  };
}

function toExpected(expect: Members): Expected {
  return {
    statuses: list(expect["status"]).filter((status) => typeof status === "number" || typeof status === "string"),
    errors: texts(expect["error"]),
    redirect: typeof expect["redirect"] === "string" ? expect["redirect"] : undefined,
    headers: new Map(Object.entries(membersOf(expect["headers"])).map(([name, value]) => [name, text(value)])),
    body: typeof expect["body"] === "string" ? expect["body"] : undefined,
    note: text(expect["note"]),
  };
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]);
const texts = (value: unknown): readonly string[] => list(value).filter((item) => typeof item === "string");
