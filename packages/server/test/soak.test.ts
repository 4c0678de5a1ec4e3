import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";

const soak = join(import.meta.dirname, "../../../bench/soak.ts");

describe("the soak, in half a minute of its ten", () => {
  it("answers everything as it should, of every kind, and keeps its memory", { timeout: 240_000 }, async () => {
    const child = spawn(process.execPath, [soak, "--minutes", "0.5", "--growth", "80"], { stdio: ["ignore", "pipe", "pipe"] });
    const [said, complained] = [text(child.stdout), text(child.stderr)];
    await once(child, "close");
    const output = `${await said}${await complained}`;
    expect(output).not.toContain("not answered as they should be");
    expect(output).toMatch(/memory after the first third: -?\d+\.\d+ MB a minute/);
    for (const kind of ["bearer", "refresh", "signed in", "registered for nothing", "wrong client secret", "wrong code", "wrong password"])
      expect(output).toMatch(new RegExp(`${kind} [1-9]`));
    expect(child.exitCode, output).toBe(0);
  });
});
