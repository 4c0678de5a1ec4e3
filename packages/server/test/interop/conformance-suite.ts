/** The MCP project's conformance suite, run as its users run it: a command that prints a link, waits for a browser, and files its checks. */
import { spawn } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const command = fileURLToPath(import.meta.resolve("@modelcontextprotocol/conformance/dist/index.js"));

interface Check {
  readonly id: string;
  readonly status: "SUCCESS" | "FAILURE" | "WARNING" | "SKIPPED" | "INFO";
  readonly errorMessage?: string;
}

/** Every check's status by its id, and what the suite printed. `open` plays the browser. */
export async function checkAuthorizationServer(args: readonly string[], open: (link: URL) => Promise<void>) {
  const directory = mkdtempSync(join(tmpdir(), "conformance-"));
  const child = spawn(process.execPath, [command, "authorization", ...args, "--output-dir", directory], { timeout: 20_000 });
  let printed = "";
  let opened: Promise<void> | undefined;
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (data) => {
      printed += data;
      const link = /^(http\S+\/oauth\/authorize\?\S+)\n/m.exec(printed)?.[1];
      if (link !== undefined) opened ??= open(new URL(link));
    });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  const checks = globSync("*/checks.json", { cwd: directory }).flatMap(
    (file) => JSON.parse(readFileSync(join(directory, file), "utf8")) as Check[],
  );
  rmSync(directory, { recursive: true, force: true });
  await opened;
  return {
    code,
    statuses: Object.fromEntries(checks.map(({ id, status }) => [id, status])),
    problems: checks.filter(({ status }) => status === "FAILURE").map(({ id, errorMessage }) => `${id}: ${errorMessage}`),
    printed,
  };
}
