import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { growthOf, type Sample } from "../../../bench/memory-curve.ts";
import { keepSending } from "../../../bench/steady-load.ts";

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

describe("the load of the soak", () => {
  it("comes from everybody in turn, also where the first one is free again at once", async () => {
    const seen: number[] = [];
    const deed = async (_: unknown, person: number): Promise<void> => void seen.push(person);
    await keepSending([{ name: "greeting", share: 1, requests: 1, deed }], {
      rate: 50,
      people: 4,
      port: 1,
      until: performance.now() + 400,
    });
    expect(seen.length).toBeGreaterThan(8);
    expect(seen).toEqual(seen.map((_, index) => index % 4));
  });
});

describe("the growth of a soaked server's memory", () => {
  const curve = (memoryAt: (second: number) => number): readonly Sample[] =>
    Array.from({ length: 121 }, (_, index) => ({ at: index * 5, anonymous: memoryAt(index * 5), resident: 0, heap: 0 }));

  it("is what comes after the first third, in which a server compiles and fills its caches", () => {
    expect(growthOf(curve((second) => Math.min(120, 50 + second)))).toBeCloseTo(0);
  });

  it("is seen through the ups and downs of a collected heap", () => {
    const leaking = curve((second) => 100 + second / 10 + 20 * ((second / 5) % 4));
    expect(growthOf(leaking)).toBeGreaterThan(35);
    expect(growthOf(curve((second) => 100 + 20 * ((second / 5) % 4)))).toBeLessThan(5);
  });
});
