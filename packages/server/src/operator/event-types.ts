import { type AuditEvent, eventTypes } from "vouchsafe";
import { BadInput } from "./operator.ts";

type EventType = AuditEvent["type"];

/** @throws BadInput with the names that are none */
export function eventTypesOf(names: readonly string[]): readonly EventType[] {
  const unknown = names.filter((name) => !eventTypes.some((type) => type === name));
  if (unknown.length > 0) throw new BadInput(`There is no event ${unknown.join(", ")}: ${eventTypes.join(", ")}.`);
  return names as readonly EventType[];
}
