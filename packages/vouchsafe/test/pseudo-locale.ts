/** A language that nobody speaks, told by its brackets, which runs from right to left. */
import { en } from "../src/messages/en.ts";
import type { Messages } from "../src/messages/messages.ts";

const isWords = (value: unknown): value is (...values: unknown[]) => string => typeof value === "function";

function bracketed<Value>(value: Value): Value {
  if (typeof value === "string") return `⟦${value}⟧` as Value;
  if (isWords(value)) return ((...values: unknown[]) => `⟦${value(...values)}⟧`) as Value;
  if (Array.isArray(value)) return value.map(bracketed) as Value;
  return Object.fromEntries(Object.entries(value as object).map(([name, inner]) => [name, bracketed(inner)])) as Value;
}

export const pseudoLocale: Messages = { ...bracketed<Messages>(en), language: "ar", direction: "rtl" };
