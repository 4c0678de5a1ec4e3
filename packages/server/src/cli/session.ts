import { readEnvironment } from "../environment.ts";
import { createStandalone, patience, type Standalone } from "../main.ts";

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Runs a command over the database of the settings, beside a server that may be running. */
export async function withStandalone<Result>(work: (standalone: Standalone) => Promise<Result>): Promise<Result> {
  const environment = await readEnvironment();
  const standalone = createStandalone(environment, silent, { demo: true, busyTimeout: patience, delivers: false });
  try {
    await standalone.oauth.ready();
    return await work(standalone);
  } finally {
    await standalone.oauth.close();
  }
}

/** What stands on stdin, without its last line break. */
export async function readStdin(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks)
    .toString("utf8")
    .replace(/\r?\n$/, "");
}
