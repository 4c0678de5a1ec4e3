import type { Messages } from "../messages/messages.ts";
import type { Client } from "../protocol/client.ts";

/** A client's name as pages show it: one that it gave itself stands in quotes. */
export function shownName({ name, origin }: Pick<Client, "name" | "origin">, messages: Messages): string {
  return origin === "dynamic" ? messages.quoted(name) : name;
}

/** As much of it as a list has room for. */
export function shortName({ name, origin }: Pick<Client, "name" | "origin">, messages: Messages): string {
  const characters = Array.from(name);
  const short = characters.length > longest ? `${characters.slice(0, longest - 1).join("")}…` : name;
  return shownName({ name: short, origin }, messages);
}

const longest = 32;

const longestInMessage = 60;

/**
 * A client's name in a message. Mail programs make links of what looks like one, and an app chooses its name: there it leads
 * nowhere, and has no room for one of its own.
 */
export function messageName({ name, origin }: Pick<Client, "name" | "origin">, messages: Messages): string {
  const withoutLinks = name
    .normalize("NFKC")
    .replace(/[.\u3002:/@\\]+/g, " ")
    .trim();
  return shownName({ name: withoutLinks.slice(0, longestInMessage), origin }, messages);
}
