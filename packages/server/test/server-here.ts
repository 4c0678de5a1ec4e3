/** The standalone server in the test's own process, on a free port, with a database of its own: for what only its inside can tell or break. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readEnvironment } from "../src/environment.ts";
import { listen, shutDown } from "../src/listener.ts";
import { createStandalone, type Standalone } from "../src/main.ts";
import { createLogger, type Logger } from "../src/operations.ts";
import type { SettingName } from "../src/settings.ts";
import { databaseSettings, freePort, prepareDatabase } from "./running-server.ts";

export interface ServerHere {
  readonly origin: string;
  readonly directory: string;
  readonly standalone: Standalone;
  readonly stop: () => Promise<void>;
}

const adminToken = "the-token-of-an-operator-who-has-the-only-one";

export async function startHere(
  settings: Partial<Record<SettingName, string>> = {},
  logger: Logger = createLogger({ logLevel: "silent", logFormat: "json" }),
): Promise<ServerHere> {
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), "vouchsafe-here-"));
  await prepareDatabase(directory);
  const { url: databaseUrl, ...secret } = databaseSettings(directory);
  const environment = await readEnvironment({ port: String(port), databaseUrl, ...secret, adminToken, ...settings });
  const standalone = await createStandalone(environment, logger, { demo: true, delivers: true });
  await standalone.oauth.ready();
  // The listener puts a Request and Response of its own in the place of Node's. The other tests of this process, and the
  // clients in them, know Node's alone.
  const { Request: nodeRequest, Response: nodeResponse } = globalThis;
  const listener = await listen(standalone, environment);
  Object.defineProperty(globalThis, "Request", { value: nodeRequest, writable: true, configurable: true });
  Object.defineProperty(globalThis, "Response", { value: nodeResponse, writable: true, configurable: true });
  return {
    origin: `http://localhost:${port}`,
    directory,
    standalone,
    stop: async () => {
      await shutDown(listener, standalone, 1000);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** For a server in a process of its own, so that it knows the same operator. */
export const operatorEnvironment = { OAUTH_ADMIN_TOKEN: adminToken };

export const asOperator = { authorization: `Bearer ${adminToken}` };

/** A line of `/metrics`. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export async function readMetrics(origin: string): Promise<readonly Sample[]> {
  const response = await fetch(`${origin}/metrics`, { headers: asOperator });
  if (response.status !== 200) throw new Error(`metrics: ${response.status} ${await response.text()}`);
  const lines = (await response.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return lines.map(parseSample);
}

function parseSample(line: string): Sample {
  const [, name, labels = "", value] = /^([a-z_0-9]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === undefined) throw new Error(`no sample: ${line}`);
  const pairs = [...labels.matchAll(/([a-z_]+)="([^"]*)"/g)].map(([, label = "", held = ""]) => [label, held] as const);
  return { name, labels: Object.fromEntries(pairs), value: Number(value) };
}

/** Of all series of a metric that have these labels. */
export const sumOf = (samples: readonly Sample[], name: string, labels: Readonly<Record<string, string>> = {}): number =>
  samples
    .filter((sample) => sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
    .reduce((sum, { value }) => sum + value, 0);
