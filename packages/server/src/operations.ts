import { pino } from "pino";
import { type AnsweredRequest, type AuditEvent, type AuthorizationServer, StorageError } from "vouchsafe";
import { createLogLines, type LogLines } from "./log-lines.ts";
import { probe } from "./probe.ts";
import type { Settings } from "./settings.ts";

export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** How the log is written where nothing is said about it: in words for a person at a terminal. */
export const logFormatOf = ({ logFormat }: Pick<Settings, "logFormat">): "pretty" | "json" =>
  logFormat ?? (process.stdout.isTTY ? "pretty" : "json");

export interface LoggerOptions {
  /** Which of several processes this is: its number is on every line. */
  readonly worker?: number;
  /** Where lines go: stdout, where nothing is said. */
  readonly lines?: LogLines;
}

/** One JSON object a line, or, for a person at a terminal, one line of words. */
export function createLogger(
  settings: Pick<Settings, "logLevel" | "logFormat">,
  { worker, lines = createLogLines(process.stdout.fd) }: LoggerOptions = {},
): Logger {
  const options = {
    level: settings.logLevel,
    base: worker === undefined ? null : { worker },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(options, logFormatOf(settings) === "json" ? lines : { write: (line: string) => lines.write(inWords(line)) });
}

function inWords(line: string): string {
  const { time, level, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const details = Object.entries(fields).map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  return `${String(time).slice(11, 19)} ${String(level).padEnd(5)} ${String(msg)} ${details.join(" ")}\n`;
}

/** What every token does is for debugging; what a person or operator did is worth a line. */
const frequent: readonly AuditEvent["type"][] = ["token.issued", "token.refreshed"];

export function logEvent(logger: Logger, event: AuditEvent): void {
  logger[frequent.includes(event.type) ? "debug" : "info"](event, event.type);
}

/** Who asked what, without anything that they sent: neither the query nor a header. */
export function logRequest(logger: Logger, { requestId, flowId, endpoint, method, status, duration }: AnsweredRequest): void {
  logger.debug({ requestId, flowId, endpoint, method, status, ms: Math.round(duration * 10) / 10 }, "answered");
}

/** `/healthz`: this process is alive. */
export const health = (): Response => Response.json({ status: "ok" }, { headers: { "cache-control": "no-store" } });

/** `/readyz`: requests can be answered, or which check fails. */
export function readiness(oauth: AuthorizationServer, isStopping: () => boolean): () => Promise<Response> {
  const answer = (status: number, body: Record<string, string>): Response =>
    Response.json(body, { status, headers: { "cache-control": "no-store" } });
  return async () => {
    if (isStopping()) return answer(503, { status: "stopping", failing: "shutdown" });
    return probe(oauth.ready()).then(
      () => answer(200, { status: "ready" }),
      (error: unknown) => answer(503, { status: "not ready", failing: failingCheck(error) }),
    );
  };
}

function failingCheck(error: unknown): "database" | "schema" | "key" {
  if (!(error instanceof StorageError)) return "key";
  return error.kind === "older-schema" ? "schema" : "database";
}
