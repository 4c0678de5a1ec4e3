#!/usr/bin/env node
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `Vouchsafe needs Node 22.18 or newer, and this is Node ${process.versions.node}. In a checkout, "npm start" and "npx vouchsafe" use the Node that "npm ci" installed.\n`,
  );
  process.exit(5);
}
/** @type {{ runCommand: (args: readonly string[]) => Promise<number | undefined> }} */
const { runCommand } = await import("../dist/index.js");
const code = await runCommand(process.argv.slice(2));
if (code !== undefined) process.exitCode = code;
