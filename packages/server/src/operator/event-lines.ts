import type { EventDocument } from "./operator.ts";

/** How events are written to a file: what stands first, and a line for each. */
export interface EventLines {
  readonly header: string;
  readonly lineOf: (event: EventDocument) => string;
}

/** JSON Lines, and CSV as of RFC 4180. */
export const eventLines: Readonly<Record<"jsonl" | "csv", EventLines>> = {
  jsonl: { header: "", lineOf: (event) => `${JSON.stringify(event)}\n` },
  csv: { header: "id,at,type,subject,client_id,event\n", lineOf: asCsvLine },
};

/** The last column is the event whole, with its time in milliseconds. */
function asCsvLine({ id, at, type, ...facts }: EventDocument): string {
  const { subject = "", client_id = "" } = facts;
  const event = JSON.stringify({ at: Date.parse(at), type, ...facts });
  return `${[id, at, type, subject, client_id, event].map(csvField).join(",")}\n`;
}

/** RFC 4180 §2; a leading quote keeps spreadsheets from taking a value for a formula. */
function csvField(value: unknown): string {
  const text = String(value).replace(/^(?=[=+\-@\t\r])/, "'");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
