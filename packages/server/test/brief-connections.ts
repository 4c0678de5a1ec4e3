/**
 * Runs before each test file: `fetch` keeps a connection that nobody uses for a twentieth of a second, instead of the minute that
 * our server offers. A server that is told to stop gives idle connections a second, and most tests stop one.
 */

interface Agent {
  readonly constructor: new (options: { readonly keepAliveTimeout: number; readonly keepAliveMaxTimeout: number }) => Agent;
}

/** Where Node keeps what `fetch` connects with, once it has been used. */
const dispatcher = Symbol.for("undici.globalDispatcher.1");
const milliseconds = 50;

await fetch("data:,");
const holder = globalThis as unknown as Record<symbol, Agent | undefined>;
const agent = holder[dispatcher];
if (agent === undefined) throw new Error("this Node's fetch keeps its connections elsewhere");
holder[dispatcher] = new agent.constructor({ keepAliveTimeout: milliseconds, keepAliveMaxTimeout: milliseconds });
