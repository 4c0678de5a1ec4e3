import type { Schema } from "../admin-api/schema.ts";

/** Whether an answer can be read as this schema says. Words and members that are new there are no hindrance: they are of a newer server. */
export function fits<Shape>(schema: Schema<Shape>, value: unknown): value is Shape {
  const { type, items = {} } = schema;
  if (type === undefined) return true;
  if (type === "object") return isObject(value) && fitsMembers(schema, value);
  if (type === "array") return Array.isArray(value) && value.every((item) => fits(items, item));
  if (type === "integer") return Number.isSafeInteger(value);
  return typeof value === type;
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null && !Array.isArray(value);

function fitsMembers({ properties = {}, required = [], additionalProperties = false }: Schema, value: object): boolean {
  const rest = additionalProperties === false ? {} : additionalProperties;
  return (
    required.every((name) => Object.hasOwn(value, name)) &&
    Object.entries(value).every(([name, member]) => fits((Object.hasOwn(properties, name) ? properties[name] : undefined) ?? rest, member))
  );
}
