/**
 * Preloaded into a server (`node --import`): the resolver and dialer of fixtures.json, "network_rule". Every look-up and
 * connection is recorded, and leads where `network.json` in the working directory says: to a port of this machine, or nowhere.
 */
import dns from "node:dns";
import { appendFileSync, readFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { isIP, Socket } from "node:net";
import { join } from "node:path";
import { type NetworkPlan, type NetworkRecord, planFile, recordFile } from "./network-plan.ts";

const directory = process.cwd();
const plan = (): NetworkPlan => JSON.parse(readFileSync(join(directory, planFile), "utf8")) as NetworkPlan;
const record = (what: NetworkRecord): void => appendFileSync(join(directory, recordFile), `${JSON.stringify(what)}\n`);

type LookupCallback = (error: Error | null, found?: unknown, family?: number) => void;

const lookedUp = new Map<string, number>();
const systemLookup = dns.lookup;

function lookup(name: string, given: unknown, last?: LookupCallback): void {
  const callback = last ?? (given as LookupCallback);
  const options = typeof given === "object" && given !== null ? given : {};
  if (isIP(name) !== 0) {
    systemLookup(name, options, callback);
    return;
  }
  record({ lookup: name });
  const turn = lookedUp.get(name) ?? 0;
  lookedUp.set(name, turn + 1);
  const answers = plan().names[name] ?? [];
  const found = (answers[turn] ?? answers.at(-1) ?? []).map((address) => ({ address, family: isIP(address) }));
  const [first] = found;
  setImmediate(() => {
    if (first === undefined) callback(Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: "ENOTFOUND" }));
    else if ("all" in options && options.all === true) callback(null, found);
    else callback(null, first.address, first.family);
  });
}

Object.assign(dns, { lookup });
Object.assign(dns.promises, {
  lookup: (name: string): Promise<never> => {
    record({ lookup: name });
    return Promise.reject(new Error(`no answer for ${name}`));
  },
});
syncBuiltinESMExports();

/** What a socket hands its connection over to: the last place where it can be led elsewhere. */
interface Handle {
  connect: (request: Connecting, address: string, port: number) => number;
  connect6?: Handle["connect"];
}

interface Connecting {
  readonly oncomplete: (status: number, handle: Handle, request: Connecting, readable: boolean, writable: boolean) => void;
}

const refused = -111;

function divert(handle: Handle, place: string): void {
  record({ connect: place });
  if (place.startsWith("127.") || place.startsWith("::1:")) return;
  const route = plan().routes[place];
  const dial = handle.connect.bind(handle);
  handle.connect = (request) => {
    if (typeof route === "number") return dial(request, "127.0.0.1", route);
    if (route === undefined) setImmediate(() => request.oncomplete(refused, handle, request, false, false));
    return 0;
  };
  handle.connect6 = handle.connect;
}

const connect = Reflect.get(Socket.prototype, "connect");

Object.assign(Socket.prototype, {
  connect(this: Socket & { readonly _handle?: Handle }, ...given: unknown[]): unknown {
    let isDatabase = false;
    this.on("connectionAttempt", (address, port) => {
      const place = `${address}:${port}`;
      isDatabase = place === plan().database;
      if (this._handle !== undefined && !isDatabase) divert(this._handle, place);
    });
    this.once("close", () => {
      if (!isDatabase) record({ read: this.bytesRead });
    });
    return Reflect.apply(connect, this, given);
  },
});
