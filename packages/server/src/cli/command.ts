import type { Command } from "commander";

/** Adds a command. Its help ends with an example, which is what most people look for. */
export function command(parent: Command, name: string, description: string, example: string): Command {
  return parent.command(name).description(description).addHelpText("after", `\nExample:\n  ${example}`);
}

/** What a command does over the database of the settings, it does as well over the admin API of a server. */
export const operatorCommand: typeof command = (parent, name, description, example) =>
  command(parent, name, description, example)
    .option("--json", "data as JSON on stdout")
    .option("--url <url>", "over the admin API of this server, with the token in VOUCHSAFE_ADMIN_TOKEN")
    .option("--admin-token-stdin", "with --url: the token on stdin");

/** A command that ends something. */
export const endingCommand: typeof command = (parent, name, description, example) =>
  operatorCommand(parent, name, description, example).option("--dry-run", "say what it would touch, and change nothing");

/** A command that lists, page by page. */
export const listingCommand: typeof command = (parent, name, description, example) =>
  operatorCommand(parent, name, description, example).option("--limit <number>", "at most so many", "50");

/** Of a command that is about a time. */
export const rangeOptions = (under: Command): Command =>
  under.option("--since <time>", "24h, or 2026-11-22").option("--until <time>", "24h, or 2026-11-22");

/** For an option that may be repeated. */
export const collect = (value: string, earlier: readonly string[] = []): readonly string[] => [...earlier, value];
