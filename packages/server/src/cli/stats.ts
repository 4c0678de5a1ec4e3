import type { Command } from "commander";
import { capital, counted, listed } from "../counted.ts";
import type { ClientCountDocument, HeldDocument, StatisticsDocument, TallyDocument, TimeRange } from "../operator/operator.ts";
import { operatorCommand, rangeOptions } from "./command.ts";
import { printJson, printLine, printTable, type Row } from "./output.ts";
import { type OperatorFlags, withOperator } from "./session.ts";
import { rangeOf } from "./time-range.ts";

export function addStatsCommand(program: Command): void {
  rangeOptions(
    operatorCommand(
      program,
      "stats",
      "What was issued, refused and revoked in a time (default: 24h), and what is active now.",
      "vouchsafe stats --since 7d",
    ),
  ).action(showStatistics);
}

async function showStatistics(flags: OperatorFlags & TimeRange): Promise<void> {
  const range = rangeOf(flags);
  const statistics = await withOperator(flags, (operator) => operator.statistics(range));
  if (flags.json === true) printJson(statistics);
  else printReport(statistics);
}

function printReport({ since, until, counts, active, expired, ...of }: StatisticsDocument): void {
  printLine(`From ${since} to ${until}:`);
  printLine(`${capital(counted(sum(counts.issued), "token"))} issued, ${counted(sum(counts.refused), "request")} refused.`);
  printLine(
    `${capital(counted(sum(counts.registrations), "client"))} registered, ${counted(sum(counts.consents), "decision")} on a consent page.`,
  );
  printLine(`${capital(counted(sum(counts.revoked), "revocation"))}, ${counted(sum(counts.security), "security event")}.`);
  printLine(`Came to its own end: ${held(expired)}.`);
  printLine(`Active now: ${held(active)}.`);
  printSection("Issued by grant type", rowsOf(counts.issued, "grant_type"));
  printSection("Refused by the token endpoint, by error", rowsOf(counts.token_errors, "error"));
  printSection("Refused by every endpoint, by error", rowsOf(counts.refused, "error"));
  printSection("Registrations", rowsOf(counts.registrations, "registered"));
  printSection("Decisions", rowsOf(counts.consents, "decision"));
  printSection("Revoked", rowsOf(counts.revoked, "what"));
  printSection("Security events", rowsOf(counts.security, "type"));
  printSection(
    "Clients now",
    of.clients.map(({ registered, state, count }) => ({ registered, state, count })),
  );
  printSection("Clients with the most tokens issued", of.issued_by_client.map(clientRow));
  printSection("Clients with the most connections now", of.connections_by_client.map(clientRow));
}

/** A table under its title; what did not happen has none. */
export function printSection(title: string, rows: readonly Row[]): void {
  if (rows.length === 0) return;
  printLine();
  printLine(title);
  printTable(rows);
}

/** The most frequent first. */
export const rowsOf = (tally: TallyDocument, name: string): readonly Row[] =>
  Object.entries(tally)
    .toSorted(([a, some], [b, others]) => others - some || a.localeCompare(b))
    .map(([value, count]) => ({ [name]: value, count }));

const clientRow = ({ client_id, client_name, count }: ClientCountDocument): Row => ({ client_id, client_name, count });

const sum = (tally: TallyDocument): number => Object.values(tally).reduce((total, count) => total + count, 0);

const held = ({ connections, personal_tokens, client_tokens }: HeldDocument): string =>
  listed([
    counted(connections, "connection"),
    counted(personal_tokens, "personal token"),
    counted(client_tokens, "token of a client's own", "tokens of clients' own"),
  ]);
