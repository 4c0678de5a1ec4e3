/**
 * Runs before each test file: `fetch` keeps a connection that nobody uses for a twentieth of a second, instead of the minute that
 * our server offers. A server that is told to stop gives idle connections a second, and most tests stop one. Tests of what becomes
 * of connections have those that every client has.
 */
import { expect } from "vitest";

interface Agent {
  readonly constructor: new (options: { readonly keepAliveTimeout: number; readonly keepAliveMaxTimeout: number }) => Agent;
}

/** Where Node keeps what `fetch` connects with, once it has been used. */
const inUse = Symbol.for("undici.globalDispatcher.1");
/** Node's own, for the files after this one: they share this process. */
const usual = Symbol.for("vouchsafe tests: the usual agent");
const milliseconds = 50;

await fetch("data:,");
const holder = globalThis as unknown as Record<symbol, Agent | undefined>;
holder[usual] ??= holder[inUse];
const agent = holder[usual];
if (agent === undefined) throw new Error("this Node's fetch keeps its connections elsewhere");
const isAboutConnections = /\/(?:shutdown|workers|crash)\.test\.ts$/.test(expect.getState().testPath ?? "");
holder[inUse] = isAboutConnections ? agent : new agent.constructor({ keepAliveTimeout: milliseconds, keepAliveMaxTimeout: milliseconds });
