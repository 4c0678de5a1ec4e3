import type { Messages } from "../messages/messages.ts";
import type { Client } from "../protocol/client.ts";

/** A client's name as pages show it: one that it gave itself stands in quotes. */
export function shownName({ name, origin }: Pick<Client, "name" | "origin">, messages: Messages): string {
  return origin === "dynamic" ? messages.quoted(name) : name;
}
