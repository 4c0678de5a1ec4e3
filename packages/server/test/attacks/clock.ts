/** A server's clock, for the cases that cannot wait. */
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Stage } from "./stage.ts";

export const clockFile = "clock";
export const rereadEvery = 20;

/** For `NODE_OPTIONS`. */
export const clockOption = `--import=${new URL("shifted-clock.ts", import.meta.url).href}`;

/** From when this resolves the server's clock is that much ahead of ours. */
export async function setAhead({ server }: Stage, seconds: number): Promise<void> {
  const path = join(server.directory, clockFile);
  writeFileSync(`${path}.new`, String(seconds * 1_000));
  renameSync(`${path}.new`, path);
  // A request that comes later than this finds the timer run: timers go first.
  await wait(rereadEvery * 3);
}
