import type { Check } from "../../src/doctor/check.ts";
import type { Finished } from "../running-server.ts";

/** What `doctor --json` printed. */
export const checksIn = ({ stdout }: Finished): readonly Check[] => JSON.parse(stdout) as readonly Check[];

export const troublesIn = (finished: Finished): readonly (readonly [check: string, status: string, change: string | undefined])[] =>
  checksIn(finished)
    .filter(({ status }) => status !== "ok")
    .map(({ check, status, change }) => [check, status, change]);
