import type { EventDocument } from "./operator.ts";

/** A way to write events down, one a line. */
interface EventFormat {
  readonly contentType: string;
  /** Before the first event. */
  readonly head: string;
  readonly line: (event: EventDocument) => string;
}

/** How events are exported, by the file name's end. */
export const eventFormats: Readonly<Record<"jsonl" | "csv", EventFormat>> = {
  jsonl: { contentType: "application/jsonl", head: "", line: (event) => `${JSON.stringify(event)}\n` },
  csv: { contentType: "text/csv; charset=utf-8; header=present", head: "id,at,type,subject,client_id,event\n", line: csvLine },
};

function csvLine(event: EventDocument): string {
  const { id, at, type, subject = "", client_id: clientId = "" } = event;
  return `${[id, at, type, subject, clientId, JSON.stringify(event)].map((value) => csvField(String(value))).join(",")}\n`;
}

/** RFC 4180 §2; a leading quote keeps spreadsheets from taking a value for a formula. */
function csvField(value: string): string {
  const text = value.replace(/^(?=[=+\-@\t\r])/, "'");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
